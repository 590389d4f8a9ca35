"""All peers, one after the other: nchan and django-eventstream deliver, Matrix Synapse takes posts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed
from benchmarks.speed.fanout import FanOut
from benchmarks.speed.peers.eventstream import eventstream
from benchmarks.speed.peers.synapse import enter_room, keep_putting, synapse
from benchmarks.speed.peers.venv import PINS, peer_python
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, format_shares
from benchmarks.speed.writers import CLIENTS, keep_posting, open_writers

USERS = 50


def measure(run: Run) -> None:
    with venvs(run) as folder:
        fan_out = FanOut(run)
        fan_out.measure_sides()
        fan_out.measure_nchan()
        if python := python_of(run, "eventstream", folder):
            fan_out.measure_peer("django-eventstream", partial(eventstream, python), hello="stream-open")
        fan_out.conclude()
        if python := python_of(run, "synapse", folder):
            post_to_synapse(run, python)


@contextmanager
def venvs(run: Run) -> Iterator[Path]:
    """Where the packages of peers are: in a folder that stays, or in one that goes with the run."""
    if run.options.peers_venv:
        yield Path(run.options.peers_venv).absolute()
    else:
        with tempfile.TemporaryDirectory(prefix="chatserver-peers-") as folder:
            yield Path(folder)


def python_of(run: Run, name: str, folder: Path) -> Path | None:
    run.step(f"packages of {name}")
    python = peer_python(name, folder, install=run.options.install)
    if python is None:
        run.skip(f"{PINS[name][0]} is not installed: --install does it, into --peers-venv FOLDER to keep it")
    return python


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
        run.step("posting to ChatServer")
        usage = Usage(service)
        ours = writers.call(keep_posting, seconds, [GENERAL])
        shares = usage.shares()
        service.server.stop()
        run.step("posting to Synapse")
        with synapse(python, Path(folder), service.postgres) as peer:
            room = writers.call(enter_room, peer.port)
            writers.call(keep_putting, min(3.0, seconds), room)
            usage = Usage(peer)
            theirs = writers.call(keep_putting, seconds, room)
            peer_shares = usage.shares()
    figures = [
        Figure(f"ChatServer, {side.name}", ours.rate, "/s"),
        Figure("ChatServer, p99", ours.latencies.percentile(0.99) * 1000, "ms"),
        Figure("Synapse", theirs.rate, "/s"),
        Figure("Synapse, p99", theirs.latencies.percentile(0.99) * 1000, "ms"),
        Figure("ratio", ours.rate / theirs.rate, "times"),
    ]
    notes = [f"Processor time: {format_shares(shares)}; {format_shares(peer_shares)}."]
    run.add(Finding(f"Posting, {CLIENTS} clients, one hot room, against Matrix Synapse", figures, notes))
    series = Series("posts", [(0, ours.rate), (1, theirs.rate)])
    labels = [f"ChatServer, {side.name}", "Matrix Synapse"]
    title = f"Durable posts of {CLIENTS} clients into one room"
    run.report.charts.append(Chart(title, "", "posts a second", [series], labels))
