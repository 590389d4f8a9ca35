"""`latency`: from the start of a POST to the last byte at the client, of each event at each stream."""

from benchmarks.processes.service import Seed
from benchmarks.speed.fanout import STREAMS
from benchmarks.speed.histogram import Histogram
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, format_shares
from benchmarks.speed.search import Step, System, add_faults, system_of
from benchmarks.speed.tally import Tally
from benchmarks.speed.writers import CLIENTS

POSTS_PER_SECOND = 50.0
P50_MS, P99_MS = 20.0, 60.0
# The sides take turns of 3 s each in a full run.
TURNS = 5
WARM_SECONDS = 2.0


def measure(run: Run) -> None:
    streams = run.options.streams or STREAMS
    seconds = run.options.pick(15, 4) / TURNS
    title, lines = f"Latency, {POSTS_PER_SECOND:.0f} posts/s into {streams:,} streams", []
    with run.sides(Seed(users=streams + CLIENTS), workers=1) as sides:
        systems = {side.name: system_of(side, streams, CLIENTS) for side in sides}
        for name, system in systems.items():
            take_turn(run, name, system, min(WARM_SECONDS, seconds))
        turns: dict[str, list[Step]] = {name: [] for name in systems}
        for _ in range(TURNS):
            for name, system in systems.items():
                turns[name].append(take_turn(run, name, system, seconds))
        for name, steps in turns.items():
            systems[name].close()
            latencies = Histogram()
            for step in steps:
                latencies.merge(step.outcome.received.latencies)
            run.add(finding_of(f"{title}, {name}", steps, latencies))
            lines.append(Series(name, [(seconds * 1000, share * 100) for seconds, share in latencies.curve()]))
    title = f"POST to arrival, {streams:,} streams"
    run.report.charts.append(Chart(title, "milliseconds", "share of arrivals, %", lines))


def take_turn(run: Run, name: str, system: System, seconds: float) -> Step:
    run.step(f"{POSTS_PER_SECOND:.0f} posts/s, {name}")
    step = system.try_rate(POSTS_PER_SECOND, seconds)
    add_faults(run, name, system, step)
    if not step.outcome.is_complete:
        received = step.outcome.received
        run.fail([f"{name}: {received.events} events of {step.posted.count} posts, {received.closed} closed"])
    return step


def finding_of(title: str, steps: list[Step], latencies: Histogram) -> Finding:
    posted, last = Tally(), steps[-1]
    for step in steps:
        posted.merge(step.posted)
    p50, p99, most = (latencies.percentile(share) * 1000 for share in (0.5, 0.99, 1.0))
    figures = [
        Figure("p50", p50, "ms", P50_MS, is_at_most=True),
        Figure("p99", p99, "ms", P99_MS, is_at_most=True),
        Figure("most", most, "ms"),
        Figure("answer to the POST, p99", posted.latencies.percentile(0.99) * 1000, "ms"),
        Figure("posts", posted.rate, "/s"),
        Figure("events checked", latencies.count),
        Figure("generator's share of a core", last.outcome.load.cpu_share * 100, "%"),
    ]
    return Finding(title, figures, [f"Processor time: {format_shares(last.shares)}."])
