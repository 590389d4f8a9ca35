"""All peers, one after the other: nchan and django-eventstream deliver, Matrix Synapse takes posts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.speed.fanout import FanOut, measure_nchan, named
from benchmarks.speed.generator import Generator
from benchmarks.speed.peers.eventstream import eventstream
from benchmarks.speed.peers.synapse import enter_room, keep_putting, synapse
from benchmarks.speed.peers.venv import PINS, peer_python
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, shown_shares
from benchmarks.speed.service import GENERAL, Seed
from benchmarks.speed.writers import CLIENTS, Posted, keep_posting, open_writers

PEOPLE = 50


def measure(run: Run) -> None:
    with venvs(run) as folder:
        fan_out = FanOut(run)
        fan_out.measure_services(run.options.workers or (1,))
        measure_nchan(fan_out)
        if python := python_of(run, "eventstream", folder):
            fan_out.measure_peer("django-eventstream", partial(eventstream, python), greeting="stream-open")
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
        run.miss(f"{PINS[name][0]} is not installed: --install does it, into --peers-venv FOLDER to keep it")
    return python


def post_to_synapse(run: Run, python: Path) -> None:
    """Durable posts of the same number of clients into one room, to us and to Synapse, on the same PostgreSQL."""
    workers = max(run.options.workers or (2,))
    run.step(f"starting, {named(workers)}")
    seconds = run.options.pick(15, 3)
    with (
        run.service(Seed(users=PEOPLE), workers=workers) as service,
        Generator() as writers,
        tempfile.TemporaryDirectory(prefix="chatserver-peer-") as folder,
    ):
        writers.call(open_writers, service.port, service.tokens[:CLIENTS])
        writers.call(keep_posting, 1.0, [GENERAL])
        run.step("posting to ChatServer")
        usage = Usage(service)
        ours: Posted = writers.call(keep_posting, seconds, [GENERAL])
        shares = usage.shares()
        service.stop()
        run.step("posting to Synapse")
        with synapse(python, Path(folder), service) as peer:
            room = writers.call(enter_room, peer.port)
            writers.call(keep_putting, min(3.0, seconds), room)
            usage = Usage(peer)
            theirs: Posted = writers.call(keep_putting, seconds, room)
            peer_shares = usage.shares()
    run.find(
        Finding(
            f"Posting, {CLIENTS} clients, one hot room, against Matrix Synapse",
            [
                Figure(f"ChatServer, {named(workers)}", ours.rate, "/s"),
                Figure("ChatServer, p99", ours.latencies.percentile(0.99) * 1000, "ms"),
                Figure("Synapse", theirs.rate, "/s"),
                Figure("Synapse, p99", theirs.latencies.percentile(0.99) * 1000, "ms"),
                Figure("ratio", ours.rate / theirs.rate, "times"),
            ],
            [f"Processor time: {shown_shares(shares)}; {shown_shares(peer_shares)}."],
        )
    )
    run.report.charts.append(
        Chart(
            f"Durable posts of {CLIENTS} clients into one room",
            "",
            "posts a second",
            [Series("posts", [(0, ours.rate), (1, theirs.rate)])],
            [f"ChatServer, {named(workers)}", "Matrix Synapse"],
        )
    )
