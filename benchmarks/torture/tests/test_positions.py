"""Which positions the checker takes for a log without a gap."""

from benchmarks.torture.positions import LARGEST_JUMP, LEAST_JUMP, Positions


def complaints(*looks: list[int], starts_before: dict[int, int]) -> list[str]:
    """What is wrong about these positions, look by look. `starts_before`: starts of PostgreSQL before a look."""
    checked, found = Positions(), []
    for number, positions in enumerate(looks):
        if number in starts_before:
            checked.started(starts_before[number])
        found += [complaint for position in positions if (complaint := checked.take(position))]
        checked.saw_all()
    return found


def test_positions_follow_each_other() -> None:
    assert not complaints([1, 2], [], [3], starts_before={})
    assert complaints([1, 2], [4], starts_before={}) == ["position 4 became visible while 3 was not"]
    assert len(complaints([1, 2, 3], [2], starts_before={})) == 1


def test_one_jump_comes_behind_each_start() -> None:
    for size in (LEAST_JUMP, LARGEST_JUMP):
        assert not complaints([1, 2], [2 + size, 3 + size], [4 + size], starts_before={1: 1})
    # What the one before had written may be seen first, or nothing at all be written for a while.
    assert not complaints([1], [2, 2 + LEAST_JUMP], starts_before={1: 1})
    assert not complaints([1], [], [1 + LEAST_JUMP], starts_before={1: 1})
    # Two starts before anybody looked; the first of them may have written nothing.
    assert not complaints([1], [1 + LEAST_JUMP, 1 + 2 * LEAST_JUMP], starts_before={1: 2})
    assert not complaints([1], [1 + LEAST_JUMP], [2 + LEAST_JUMP], starts_before={1: 2})


def test_no_jump_comes_without_a_start_and_none_of_another_size() -> None:
    assert len(complaints([1, 1 + LEAST_JUMP], starts_before={})) == 1
    assert len(complaints([1], [1 + LEAST_JUMP], [1 + 2 * LEAST_JUMP], starts_before={1: 1})) == 1
    for size in (2, LEAST_JUMP - 1, LARGEST_JUMP + 1):
        assert complaints([1], [1 + size], starts_before={1: 1})


def test_a_start_without_a_jump_is_found() -> None:
    """Rows that appear behind the first look are of the PostgreSQL that runs now."""
    found = complaints([1], [2], [3], [4], starts_before={1: 1})
    assert found == ["position 3 was given by a PostgreSQL that was started behind 2, without a jump"]


def test_a_promotion_is_followed_by_a_jump() -> None:
    def behind(*positions: int) -> list[str]:
        """What is wrong about these, where 1 to 3 were seen and a replica that has 2 was promoted."""
        checked = Positions()
        for position in (1, 2, 3):
            checked.take(position)
        checked.promoted(2)
        return [complaint for position in positions if (complaint := checked.take(position))]

    assert behind(2 + LEAST_JUMP, 3 + LEAST_JUMP) == []
    assert len(behind(3)) == 1
    assert len(behind(4)) == 1
    assert len(behind(2 + LEAST_JUMP, 2 + 2 * LEAST_JUMP)) == 1
