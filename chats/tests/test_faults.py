"""What happens to the stream when a part of the system is gone for a while."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg2
import pytest
import redis

from chatserver.tests.harness.databases import PrivateEngines
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

StartOn = Callable[..., Service]


@pytest.fixture
def start_on(private_engines: PrivateEngines, tmp_path: Path) -> Iterator[StartOn]:
    """Start a service on engines that the test may break."""
    started: list[Service] = []

    def start(**options: int) -> Service:
        log = tmp_path / f"service-{len(started)}.log"
        started.append(Service(private_engines.env, private_engines.accounts, log, **options))
        return started[-1].start()

    yield start
    for service in started:
        service.stop()


def test_redis_may_stop_and_be_flushed(private_engines: PrivateEngines, start_on: StartOn) -> None:
    here, there = start_on(), start_on()
    alice, bob = here.people(2)
    near, far = bob.listen(), bob.listen(service=there)
    texts = [f"message {number}" for number in range(12)]
    for text in texts[:2]:
        alice.send_text(text)
    private_engines.valkey.stop()
    for text in texts[2:7]:
        alice.send_text(text)
    wait_for(lambda: len(far.texts()) == 7, what="what was sent without Redis")
    private_engines.valkey.start()
    for text in texts[7:9]:
        alice.send_text(text)
    redis.Redis.from_url(private_engines.env["REDIS_URL"]).flushall()
    for text in texts[9:]:
        alice.send_text(text)
    for stream in (near, far):
        wait_for(lambda stream=stream: len(stream.texts()) == len(texts), what="all messages")
        assert stream.texts() == texts
        assert not stream.is_closed


def test_without_redis_too_a_process_holds_only_so_many_streams_of_a_user(
    private_engines: PrivateEngines, start_on: StartOn
) -> None:
    service = start_on()
    alice, bob = service.people(2)
    private_engines.valkey.stop()
    others = bob.listen()
    streams = [alice.listen() for _ in range(12)]
    for stream in streams[:2]:
        assert stream.wait("bye").data == {"type": "bye", "reason": "too_many_streams"}
    sent = alice.send_text("without Redis")
    for stream in (*streams[2:], others):
        stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
    private_engines.valkey.start()


def test_after_a_restart_of_redis_the_broadcast_works_again(private_engines: PrivateEngines, start_on: StartOn) -> None:
    here, there = start_on(), start_on()
    alice, bob = here.people(2)
    far = bob.listen(service=there)
    private_engines.valkey.stop()
    alice.send_text("while redis is away")
    private_engines.valkey.start()
    wait_for(lambda: "while redis is away" in far.texts())

    def typing_is_heard() -> bool:
        # What is typed is nowhere but in Redis, so hearing it proves that the broadcast is back.
        assert alice.post("/api/v1/rooms/0/typing/").status_code == 204
        return bool(far.named("typing.started"))

    wait_for(typing_is_heard, 30, "typing over Redis")


def test_postgres_may_restart(private_engines: PrivateEngines, start_on: StartOn) -> None:
    service = start_on()
    alice, bob = service.people(2)
    stream = bob.listen()
    alice.send_text("before")
    last = stream.wait("message.created").id
    private_engines.postgres.stop()
    refused = alice.post("/api/v1/chats/", json={"room_id": 0, "message": "lost?"})
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["code"] == "database_unavailable"
    assert alice.get("/readyz").status_code == 503
    assert alice.get("/healthz").status_code == 200
    newcomer = alice.get("/api/v1/stream")
    assert newcomer.status_code == 503
    assert "Retry-After" in newcomer.headers
    private_engines.postgres.start()
    wait_for(lambda: alice.post("/api/v1/chats/", json={"room_id": 0, "message": "after"}).status_code == 201)
    wait_for(lambda: "after" in stream.texts())
    assert stream.texts() == ["before", "after"]
    assert not stream.is_closed
    again = bob.listen(last)
    wait_for(lambda: again.texts() == ["after"])
    assert not again.named("reset")


def test_what_was_committed_before_a_kill_arrives(start_on: StartOn) -> None:
    here, there = start_on(), start_on()
    alice, bob = here.people(2)
    far = bob.listen(service=there)
    for number in range(3):
        alice.send_text(f"then killed {number}")
        here.kill()
        wait_for(lambda number=number: f"then killed {number}" in far.texts())
        here.start()
    assert far.texts() == [f"then killed {number}" for number in range(3)]


def test_a_reader_of_a_killed_server_resumes_without_loss(start_on: StartOn) -> None:
    here, there = start_on(), start_on()
    alice, bob = there.people(2)
    stream = bob.listen(service=here)
    alice.send_text("heard")
    wait_for(lambda: stream.texts() == ["heard"])
    here.kill()
    stream.wait_closed()
    alice.send_text("missed")
    here.start()
    again = bob.listen(stream.last_event_id, service=here)
    alice.send_text("live")
    wait_for(lambda: again.texts() == ["missed", "live"])


def test_a_frozen_process_holds_nobody_up(start_on: StartOn) -> None:
    here, there = start_on(), start_on()
    alice, bob = there.people(2)
    stream = bob.listen(service=there)
    for number in range(3):
        frozen = here.worker_pids()
        threads = [threading.Thread(target=_send_quietly, args=(here, alice, f"into ice {number}")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        sent = alice.post("/api/v1/chats/", json={"room_id": 0, "message": f"past ice {number}"}, timeout=20)
        assert sent.status_code == 201
        wait_for(lambda number=number: f"past ice {number}" in stream.texts(), 20)
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        for thread in threads:
            thread.join()


def _send_quietly(service: Service, person: Client, text: str) -> None:
    headers = {"Authorization": f"Bearer {person.token}"}
    httpx.post(f"{service.url}/api/v1/chats/", json={"room_id": 0, "message": text}, headers=headers, timeout=60)


def test_a_row_that_draws_its_id_first_and_commits_last_is_not_skipped(granian: Service) -> None:
    alice, bob = granian.people(2)
    first, second = alice.make_room(bob), alice.make_room(bob)
    stream = bob.listen()
    slow = psycopg2.connect(granian.env["DATABASE_URL"])
    with slow.cursor() as cursor:
        cursor.execute(SEND_MANY, [first, alice.id, "late", 1])
        alice.send_text("early", second)
        early = stream.wait("message.created", lambda data: data["data"]["message"] == "early")
        slow.commit()
    slow.close()
    late = stream.wait("message.created", lambda data: data["data"]["message"] == "late")
    assert late.position > early.position
    again = bob.listen(early.id)
    again.wait("message.created", lambda data: data["data"]["message"] == "late")


def test_a_stalled_reader_is_cut_and_others_do_not_notice(granian: Service) -> None:
    """On granian alone: daphne takes whatever it is given, and tells nobody that a client does not read."""
    service = granian
    alice, bob, charlie = service.people(3)
    room = alice.make_room(bob, charlie)
    parts = urlsplit(service.url)
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stalled.connect((parts.hostname, parts.port))
    request = f"GET /api/v1/stream HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {charlie.token}\r\n\r\n"
    stalled.sendall(request.encode())
    wait_for(lambda: stalled.recv(4096, socket.MSG_PEEK))
    reader = bob.listen()
    text = "x" * 3_900
    sent = 0
    while _cuts(service) == 0:
        assert sent < 20_000, "the stalled reader was never cut"
        service.sql(SEND_MANY, room, alice.id, text, 500)
        sent += 500
        wait_for(lambda sent=sent: len(reader.texts()) == sent, 30, "what the other reader hears")
    seqs = [event.data["data"]["seq"] for event in reader.named("message.created")]
    assert seqs == list(range(1, sent + 1))
    assert not reader.is_closed
    stalled.close()


def _cuts(service: Service) -> float:
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("chat_streams_cut_total{"))


def test_sigterm_drains(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2)
    people = service.people(6)
    streams = [person.listen() for person in people]
    began = time.monotonic()
    service.terminate()
    wait_for(lambda: not service.is_ready(), 2, "not being ready")
    for stream in streams:
        assert stream.wait("bye").data == {"type": "bye", "reason": "shutdown"}
        stream.wait_closed()
        assert stream.retry is not None
        assert 2000 <= stream.retry <= 8000
    assert service.process is not None
    service.process.wait(60)
    assert time.monotonic() - began < 30
    service.start()
    sender = people[0]
    sent = sender.send_text("after the restart")
    again = people[1].listen(streams[1].last_event_id)
    again.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
