"""The search finds the highest rate that holds."""

from dataclasses import dataclass

import pytest

from benchmarks.search import climb


@dataclass
class FakeStep:
    rate: float
    holds: bool


@pytest.mark.parametrize("limit", [60.0, 100.0, 333.0])
def test_it_closes_in_on_the_limit_from_below(limit: float) -> None:
    held = climb(lambda rate: FakeStep(rate, rate <= limit), 50.0, growth=1.35, refinements=6)
    best = max(step.rate for step in held)
    assert limit * 0.97 < best <= limit


def test_where_the_first_rate_is_too_much_it_looks_below() -> None:
    held = climb(lambda rate: FakeStep(rate, rate <= 10.0), 50.0, growth=1.35, refinements=6)
    assert max(step.rate for step in held) == pytest.approx(10.0, rel=0.2)


def test_where_nothing_holds_it_says_so() -> None:
    assert climb(lambda rate: FakeStep(rate, False), 50.0, growth=1.35, refinements=3) == []
