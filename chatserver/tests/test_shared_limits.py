"""Limits over real HTTP: what several server processes and a burst of requests make of them."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import redis

from chatserver.tests.harness.databases import PrivateEngines
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

ROOMS = "/api/v1/rooms/"


def write(client: Client) -> httpx.Response:
    return client.post("/api/v1/chats/", json={"room_id": 0, "message": "hai"})


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_two_servers_count_a_person_and_a_room_together(start_service: Callable[..., Service]) -> None:
    limits = {"CHAT_THROTTLE_WRITES": "8/hour", "CHAT_THROTTLE_ROOM_WRITES": "13/hour", "CHAT_MAX_ROOMS": "3"}
    one = start_service(**limits)
    other = start_service(beside=one)
    account = one.accounts.pop()
    alice = [service.client(account) for service in (one, other)]
    assert [write(client).status_code for client in alice * 5] == [201] * 8 + [429] * 2
    bob, carol = one.people(2)
    assert statuses([write(bob) for _ in range(8)]) == {201: 5, 429: 3}
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda number: carol.post(ROOMS, json={"name": str(number)}), range(8)))
    assert statuses(made) == {201: 3, 403: 5}


def test_a_hundred_writes_at_once_pass_and_then_the_rate(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2, CHAT_THROTTLE_WRITES="600/minute")
    account = service.accounts.pop()
    clients = [service.client(account) for _ in range(4)]

    def flood(client: Client) -> list[httpx.Response]:
        return [write(client) for _ in range(100)]

    with ThreadPoolExecutor(4) as threads:
        answers = [answer for mine in threads.map(flood, clients) for answer in mine]
    assert 100 <= statuses(answers)[201] < 400
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Retry-After"] == "1"
    assert (refused.headers["X-RateLimit-Limit"], refused.headers["X-RateLimit-Remaining"]) == ("600", "0")
    wait_for(lambda: write(clients[0]).status_code == 201, 5, "the next write")


def test_while_redis_hangs_a_process_keeps_the_limits_alone(private_engines: PrivateEngines, tmp_path: Path) -> None:
    env = {**private_engines.env, "CHAT_THROTTLE_WRITES": "5/hour"}
    redis_pid = redis.Redis.from_url(env["REDIS_URL"]).info()["process_id"]
    service = Service(env, private_engines.accounts, tmp_path / "log").start()
    try:
        (alice,) = service.people()
        os.kill(redis_pid, signal.SIGSTOP)
        assert statuses([write(alice) for _ in range(9)]) == {201: 5, 429: 4}
    finally:
        os.kill(redis_pid, signal.SIGCONT)
        service.stop()
