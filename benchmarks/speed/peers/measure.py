"""All peers, one after the other: nchan and django-eventstream deliver, Matrix Synapse takes posts."""

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed
from benchmarks.speed.fanout import FanOut
from benchmarks.speed.peers.eventstream import eventstream
from benchmarks.speed.peers.packages import python_of
from benchmarks.speed.peers.synapse import enter_room, keep_putting, synapse
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run, Usage
from benchmarks.speed.writers import CLIENTS, keep_posting, open_writers

USERS = 50


def measure(run: Run) -> None:
    fan_out = FanOut(run)
    fan_out.measure_sides()
    fan_out.measure_nchan()
    if python := python_of(run, "eventstream"):
        fan_out.measure_peer("django-eventstream", partial(eventstream, python), hello="stream-open")
    fan_out.conclude()
    if python := python_of(run, "synapse"):
        post_to_synapse(run, python)


def post_to_synapse(run: Run, python: Path) -> None:
    """Durable posts of the same number of clients into one room, to us and to Synapse, on the same PostgreSQL."""
    seconds = run.options.pick(15, 3)
    with (
        run.sides(Seed(users=USERS), workers=2) as (side, *_),
        tempfile.TemporaryDirectory(prefix="chatserver-peer-") as folder,
    ):
        service, writers = side.service, side.writers
        writers.call(open_writers, service.port, service.tokens[:CLIENTS])
        writers.call(keep_posting, 1.0, [GENERAL])
        run.say("posting to ChatServer")
        usage = side.usage()
        ours = writers.call(keep_posting, seconds, [GENERAL])
        notes = [usage.note()]
        service.server.stop()
        run.say("posting to Synapse")
        with synapse(python, Path(folder), service.postgres) as peer:
            room = writers.call(enter_room, peer.port)
            writers.call(keep_putting, min(3.0, seconds), room)
            usage = Usage(peer, writers)
            theirs = writers.call(keep_putting, seconds, room)
            notes.append(usage.note())
    figures = [
        Figure(f"ChatServer, {side.name}", ours.rate, "/s"),
        Figure("ChatServer, p99", ours.latencies.percentile_ms(0.99), "ms"),
        Figure("Synapse", theirs.rate, "/s"),
        Figure("Synapse, p99", theirs.latencies.percentile_ms(0.99), "ms"),
        Figure("ratio", ours.rate / theirs.rate, "times"),
    ]
    run.add(Finding(f"Posting, {CLIENTS} clients, one hot room, against Matrix Synapse", figures, notes))
