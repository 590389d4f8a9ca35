"""Percentiles of latencies."""

import random

from benchmarks.speed.tally import STEPS_PER_SECOND, Histogram


def of(*seconds: float) -> Histogram:
    histogram = Histogram()
    for value in seconds:
        histogram.add(value)
    return histogram


def test_nothing_has_no_percentile() -> None:
    assert of().percentile_ms(0.99) == 0.0


def test_one_in_a_hundred_is_not_under_p99_but_two_are() -> None:
    assert of(*[0.01] * 99, 5.0).percentile_ms(0.99) < 11
    assert of(*[0.01] * 98, 5.0, 5.0).percentile_ms(0.99) > 5_000


def test_percentiles_agree_with_the_sorted_values_to_a_step() -> None:
    values = [random.Random(seed).expovariate(20) for seed in range(1_000)]
    for share in (0.5, 0.9, 0.99, 1.0):
        exact = sorted(values)[int(share * len(values)) - 1]
        assert exact <= of(*values).percentile_ms(share) / 1000 <= exact + 1 / STEPS_PER_SECOND


def test_histograms_of_processes_add_up() -> None:
    together = of(0.01, 0.02)
    together.merge(of(0.03, 0.03))
    assert together.count == 4
    assert together.percentile_ms(0.5) == of(0.01, 0.02, 0.03, 0.03).percentile_ms(0.5)
