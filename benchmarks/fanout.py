"""`fanout`: the highest rate of posts into General at which every stream still gets every event in time."""

from benchmarks.report import Chart, Figure, Finding, Series
from benchmarks.run import Run, Usage, shown_shares
from benchmarks.search import LIMIT_P99_SECONDS, Contender, Step, find_highest
from benchmarks.service import Seed, Service
from benchmarks.streams import Plan
from benchmarks.writers import open_writers

STREAMS = 1_000
# Many enough that the rate is kept although each waits for its answer.
WRITERS = 64
GENERAL = 0
# With so many deliveries a second the search begins.
FIRST_DELIVERIES = 50_000
HIGHEST_FIRST_RATE = 300.0


def measure(run: Run) -> None:
    streams = run.options.streams or STREAMS
    lines: list[Series] = []
    for workers in run.options.workers or (1,):
        steps = fan_out(run, streams, workers)
        run.find(finding_of(f"Fan-out, {streams:,} streams, {named(workers)}", steps))
        lines.append(line_of(named(workers), steps))
    run.report.charts.append(chart_of(f"Fan-out to {streams:,} streams", lines))


def fan_out(run: Run, streams: int, workers: int) -> list[Step]:
    """The steps of the search that held."""
    name = named(workers)
    run.step(f"starting, {name}")
    with (
        Service(Seed(users=streams + WRITERS), workers=workers) as service,
        run.generators(run.options.generators + 1) as (writers, *generators),
    ):
        writers.call(open_writers, service.port, service.tokens[streams:])
        plan = Plan(service.port, service.tokens[:streams], rooms=frozenset({GENERAL}))
        contender = Contender(generators, writers, plan, Usage(service))
        return find_highest(run, name, contender, first=first_rate(streams), seconds=run.options.pick(5, 2))


def first_rate(streams: int) -> float:
    return min(HIGHEST_FIRST_RATE, FIRST_DELIVERIES / streams)


def named(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


def finding_of(title: str, steps: list[Step]) -> Finding:
    if not steps:
        return Finding(title, [Figure("deliveries", 0.0, "/s")], ["Not even the first rate was kept."])
    best = steps[-1]
    load = best.heard.load
    figures = [
        Figure("deliveries", best.deliveries, "/s"),
        Figure("posts", best.posted.rate, "/s"),
        Figure("p50", best.p50 * 1000, "ms"),
        Figure("p99", best.p99 * 1000, "ms", LIMIT_P99_SECONDS * 1000, is_at_most=True),
        Figure("bytes of an event", best.heard.seen.bytes / max(1, best.heard.seen.events), "B"),
        Figure("events a read", best.events_per_read),
        Figure("generator's share of a core", load.cpu_share * 100, "%"),
        Figure("generator's lag, p99", load.lag_p99_seconds * 1000, "ms"),
    ]
    notes = [f"Processor time at that rate: {shown_shares(best.shares)}."]
    if load.is_saturated:
        notes.append("The generator was saturated: the service may be faster than this.")
    return Finding(title, figures, notes)


def line_of(name: str, steps: list[Step]) -> Series:
    return Series(name, [(step.deliveries, step.p99 * 1000) for step in steps])


def chart_of(title: str, lines: list[Series]) -> Chart:
    return Chart(
        title,
        "deliveries a second",
        "p99 of POST to arrival, ms",
        lines,
        limit=LIMIT_P99_SECONDS * 1000,
        limit_name="limit: 1 s",
        is_logarithmic=True,
    )
