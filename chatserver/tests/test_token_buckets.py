"""How limits are counted: by all processes together, by each alone while Redis is away, and with few round trips."""

import time
import uuid
from typing import Any

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

from chatserver.config.rates import Rate
from chatserver.errors import Throttled
from chatserver.http import leases, token_buckets
from chatserver.http.throttling import Throttle
from chatserver.http.token_buckets import Demand, TokenBuckets

MINUTE = 60


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(leases, "time", clock)
    monkeypatch.setattr(token_buckets, "time", clock)
    return clock


@pytest.fixture
def without_redis(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[int]:
    """Redis is away. Holds a 1 for each attempt to reach it."""
    attempts: list[int] = []

    def away() -> Any:
        attempts.append(1)
        raise redis.ConnectionError

    monkeypatch.setattr(token_buckets, "redis_client", away)
    monkeypatch.setattr(leases, "buckets", TokenBuckets())
    return attempts


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Holds a number for each round trip to Redis."""
    trips: list[int] = []
    take = token_buckets._take_in_redis

    def counting(demands: Any) -> Any:
        trips.append(len(demands))
        return take(demands)

    monkeypatch.setattr(token_buckets, "_take_in_redis", counting)
    return trips


def spends(throttle: Throttle, who: str, tries: int) -> int:
    """How many of so many tries were let through."""
    passed = 0
    for _ in range(tries):
        try:
            throttle.spend(None, who)
        except Throttled:
            continue
        passed += 1
    return passed


def refilled_since(began: float, rate: Rate) -> float:
    """What a slow machine gets more: the clock of Redis goes on."""
    return (time.monotonic() - began) / rate.interval


@pytest.mark.parametrize("rate", [Rate(30, MINUTE), Rate(1200, MINUTE)])
def test_two_processes_share_one_limit(name: str, rate: Rate) -> None:
    one, other = (Throttle(name, rate, burst=100) for _ in range(2))
    burst = min(rate.limit, 100)
    began = time.monotonic()
    passed = sum(spends(process, "alice", 1) for _ in range(2 * burst) for process in (one, other))
    assert burst <= passed <= burst * 1.2 + refilled_since(began, rate)
    assert spends(one, "bob", 1) == 1


def test_a_burst_passes_and_then_the_rate(name: str, clock: Clock, without_redis: list[int]) -> None:
    throttle = Throttle(name, Rate(1200, MINUTE), burst=100)
    assert spends(throttle, "alice", 200) == 100
    with pytest.raises(Throttled) as refused:
        throttle.spend(None, "alice")
    assert refused.value.retry_after == 1
    clock.now += 1
    assert spends(throttle, "alice", 200) == 20
    clock.now += 3600
    assert spends(throttle, "alice", 200) == 100


def test_a_slow_limit_counts_each_one_and_tells_how_long_to_wait(name: str) -> None:
    throttle = Throttle(name, Rate(4, 3600))
    assert spends(throttle, "alice", 10) == 4
    with pytest.raises(Throttled) as refused:
        throttle.spend(None, "alice")
    assert 890 < refused.value.retry_after <= 900


def test_an_amount_is_taken_whole_or_not_at_all(name: str) -> None:
    throttle = Throttle(name, Rate(10, 3600))
    throttle.spend(None, "alice", 6)
    with pytest.raises(Throttled) as refused:
        throttle.spend(None, "alice", 5)
    assert 350 < refused.value.retry_after <= 360
    throttle.spend(None, "alice", 4)


@pytest.mark.parametrize("rate", [Rate(3, MINUTE), Rate(600, MINUTE)])
def test_what_was_not_used_is_given_back(name: str, rate: Rate) -> None:
    throttle = Throttle(name, rate, burst=20)
    for _ in range(100):
        throttle.spend(None, "alice")
        throttle.give_back("alice")


def test_a_busy_caller_costs_a_round_trip_in_ten_and_a_quiet_one_none(name: str, round_trips: list[int]) -> None:
    throttle = Throttle(name, Rate(6000, MINUTE), burst=1000)
    for number in range(100):
        throttle.spend(None, number)
    assert round_trips == []
    began = time.monotonic()
    assert spends(throttle, "alice", 200) == 200
    assert len(round_trips) <= 200 / 9 + (time.monotonic() - began) / leases.TOKEN_LEASE_SECONDS


def test_a_refused_flood_costs_few_round_trips(name: str, round_trips: list[int]) -> None:
    rate = Rate(600, MINUTE)
    throttle = Throttle(name, rate, burst=10)
    began = time.monotonic()
    assert spends(throttle, "alice", 2_000) <= 12 + 2 * refilled_since(began, rate)
    assert len(round_trips) < 20 + 2 * refilled_since(began, rate)


def test_without_redis_the_process_counts_for_itself(name: str, without_redis: list[int], clock: Clock) -> None:
    throttle = Throttle(name, Rate(3, 3600))
    assert spends(throttle, "alice", 9) == 3
    assert spends(throttle, "bob", 9) == 3
    assert len(without_redis) == 1
    clock.now += token_buckets.REDIS_PAUSE_SECONDS
    assert spends(throttle, "alice", 1) == 0
    assert len(without_redis) == 2


def test_off_counts_nothing(name: str, round_trips: list[int]) -> None:
    throttle = Throttle(name, None)
    assert spends(throttle, "alice", 1_000) == 1_000
    assert round_trips == []


def test_demands_of_one_batch_share_a_bucket_without_waste(name: str) -> None:
    grants = TokenBuckets()._take_all([Demand(name, 1.0, 100, 1, 9)] * 20)
    assert [grant.given for grant in grants] == [1] * 19 + [1 + 8]


def test_the_memory_of_a_process_has_a_bound(
    name: str, monkeypatch: pytest.MonkeyPatch, without_redis: list[int]
) -> None:
    monkeypatch.setattr(leases, "MAX_LEASES", 10)
    monkeypatch.setattr(token_buckets, "MAX_LOCAL_BUCKETS", 10)
    throttle = Throttle(name, Rate(1200, MINUTE))
    for number in range(100):
        spends(throttle, str(number), 3)
    assert throttle._leases is not None
    assert len(throttle._leases._leases) <= 10
    assert len(token_buckets.buckets._full_at) <= 10


@pytest.mark.parametrize(
    "text", ["", "20", "20/", "/minute", "0/minute", "-1/minute", "1.5/hour", "20/week", "20 / minute", "on", "9" * 99]
)
def test_an_invalid_rate_names_its_setting(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHAT_THROTTLE_LOGIN"):
        Rate.parse(text, "CHAT_THROTTLE_LOGIN")


def test_a_rate_is_a_number_in_a_period_or_off() -> None:
    assert Rate.parse("20/minute", "CHAT_THROTTLE_LOGIN") == Rate(20, 60)
    assert Rate.parse("off", "CHAT_THROTTLE_LOGIN") is None
