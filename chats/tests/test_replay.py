"""What many missed is taken from memory once, and each gets theirs; what memory lacks goes in front of it (I4)."""

import pytest

from chats.stream.dialects import API
from chats.stream.recent_events import MAX_RECENT_ROWS, Frame, RecentEvents
from chats.stream.replay import MAX_REPLAY_EVENTS, Replay
from chatserver.events.rows import Row
from chatserver.events.subscriptions import Subscriptions
from chatserver.tests.harness.rows import ids_in, row


def test_a_replay_is_what_each_may_hear_in_order_and_the_same_bytes_for_the_same_topics() -> None:
    topics = ["room:1", "room:2", "user:7", "room:3"]
    rows = [row(position, topics[position % 4]) for position in range(11, 51)]
    replay = Replay(10, 50, map(Frame, rows))
    for since, seen, position in (
        ({"room:1": 0}, 10, 50),
        ({"room:1": 0, "room:2": 31}, 10, 50),
        ({"room:1": 20, "room:2": 0, "user:7": 0, "nobody": 0}, 23, 50),
        ({"room:1": 0, "room:3": 0}, 10, 40),
        ({"nobody": 0}, 10, 50),
    ):
        subscriptions = Subscriptions(position, since)
        expected = [r.position for r in rows if r.topic in since and max(seen, since[r.topic]) < r.position <= position]
        assert ids_in(replay.missed(subscriptions, seen, API)) == expected
    # Whose last positions differ, and whose own topic is silent, but who missed the same.
    first = replay.missed(Subscriptions(50, {"room:1": 0, "user:1": 0}), 13, API)
    assert first is replay.missed(Subscriptions(50, {"room:1": 5, "user:2": 0}), 14, API)
    assert first is not replay.missed(Subscriptions(50, {"room:1": 0, "user:1": 0}), 13, type(API)())


def test_a_replay_leaves_out_what_is_about_an_older_seq_than_one_may_see() -> None:
    rows = [row(11, about_seq=7), row(12), row(13, about_seq=8), row(14, "room:2", about_seq=1), row(15, about_seq=3)]
    replay = Replay(10, 15, map(Frame, rows))
    since = {"room:1": 0, "room:2": 0}
    for visible_from, expected in (
        ({}, [11, 12, 13, 14, 15]),
        ({"room:1": 8}, [12, 13, 14]),
        ({"room:2": 2}, [11, 12, 13, 15]),
    ):
        assert ids_in(replay.missed(Subscriptions(15, since, None, visible_from), 10, API)) == expected
    # Nothing is hidden from them here: they share what all the others get.
    late = Subscriptions(14, {"room:1": 0}, None, {"room:1": 7})
    assert replay.missed(late, 10, API) is replay.missed(Subscriptions(14, {"room:1": 0}), 10, API)


def test_a_replay_covers_only_what_it_has() -> None:
    replay = Replay(10, 50, [])
    assert replay.covers(Subscriptions(50, {}), 10)
    assert not replay.covers(Subscriptions(50, {}), 9)
    assert not replay.covers(Subscriptions(51, {}), 10)


@pytest.mark.parametrize("many", [[row(n) for n in range(1, MAX_REPLAY_EVENTS + 2)], [row(1, body="x" * 2**20 + "x")]])
def test_a_replay_that_is_too_long_is_none(many: list[Row]) -> None:
    replay = Replay(0, len(many), map(Frame, many))
    assert replay.missed(Subscriptions(len(many), {"room:1": 0}), 0, API) is None
    assert replay.missed(Subscriptions(len(many), {"room:1": 1}), 0, API) is not None


def test_rows_from_the_log_go_in_front_without_a_gap() -> None:
    recent = RecentEvents()
    recent.prepend([row(position) for position in (3, 4, 5)], 5)
    assert [frame.row.position for frame in recent.after(2) or []] == [3, 4, 5]
    recent.append(Frame(row(6)))
    recent.prepend([row(position) for position in (1, 2, 3)], 6)
    assert [frame.row.position for frame in recent.after(0) or []] == [1, 2, 3, 4, 5, 6]
    jumped = RecentEvents()
    jumped.append(Frame(row(1001)))
    jumped.prepend([row(1), row(2)], 1001)
    assert jumped.first == 1001


def test_memory_that_is_full_takes_no_more_from_the_log() -> None:
    recent = RecentEvents()
    recent.prepend([row(position) for position in range(1, MAX_RECENT_ROWS + 11)], MAX_RECENT_ROWS + 10)
    assert (recent.first, recent.is_full) == (11, True)


def test_what_was_deleted_while_the_log_was_read_comes_back_without_its_text() -> None:
    recent = RecentEvents()
    read = [row(1, body='{"message":"regretted"}', message_id=7), row(2, body='{"message":"stays"}', message_id=8)]
    recent.append(Frame(row(3, row_type="message.deleted", body='{"message":""}', message_id=7)))
    recent.prepend(read, 3)
    assert [frame.row.body for frame in recent.after(0) or []][:2] == ['{"message":""}', read[1].body]


def test_a_deletion_takes_the_text_out_of_all_rows_that_showed_it() -> None:
    recent = RecentEvents()
    for position, message_id in ((1, 7), (2, 8), (3, 7), (4, None)):
        recent.append(Frame(row(position, body='{"message":"regretted"}', message_id=message_id)))
    recent.append(Frame(row(5, row_type="message.deleted", body='{"message":""}', message_id=7)))
    shown = [frame.row.position for frame in recent.after(0) or [] if b"regretted" in frame.bytes_in(API)]
    assert shown == [2, 4]
