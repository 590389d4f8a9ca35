"""`latency`: from the start of a POST to the last byte at the client, of each event at each stream."""

from benchmarks.processes.service import Seed
from benchmarks.speed.fanout import STREAMS
from benchmarks.speed.report import Figure, Finding
from benchmarks.speed.run import Run
from benchmarks.speed.search import Step, System, add_faults, latencies_of, system_of
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
            run.add(finding_of(f"Latency, {POSTS_PER_SECOND:.0f} posts/s into {streams:,} streams, {name}", steps))


def take_turn(run: Run, name: str, system: System, seconds: float) -> Step:
    run.say(f"{POSTS_PER_SECOND:.0f} posts/s, {name}")
    step = system.try_rate(POSTS_PER_SECOND, seconds)
    add_faults(run, name, system, step)
    if not step.is_complete:
        received = step.received
        run.fail(f"{name}: {received.events} events of {step.posted.count} posts, {received.closed} closed")
    return step


def finding_of(title: str, steps: list[Step]) -> Finding:
    posted, latencies = Tally(), latencies_of(steps)
    for step in steps:
        posted.merge(step.posted)
    figures = [
        Figure("p50", latencies.percentile_ms(0.5), "ms", P50_MS, is_at_most=True),
        Figure("p99", latencies.percentile_ms(0.99), "ms", P99_MS, is_at_most=True),
        Figure("most", latencies.percentile_ms(1.0), "ms"),
        Figure("answer to the POST, p99", posted.latencies.percentile_ms(0.99), "ms"),
        Figure("posts", posted.rate, "/s"),
        Figure("events checked", latencies.count),
    ]
    return Finding(title, figures, [steps[-1].usage])
