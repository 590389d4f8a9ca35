"""`latency`: from the start of a POST to the last byte at the client, of each event at each stream."""

from benchmarks.speed.fanout import STREAMS, named
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Usage, shown_shares
from benchmarks.speed.service import GENERAL, Seed
from benchmarks.speed.stream_group import Audience
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import CLIENTS, open_writers, post_at

POSTS_PER_SECOND = 50.0
SETTLE_SECONDS = 10.0


def measure(run: Run) -> None:
    streams = run.options.streams or STREAMS
    seconds = run.options.pick(15, 4)
    lines: list[Series] = []
    for workers in run.options.workers or (1,):
        name = named(workers)
        run.step(f"starting, {name}")
        with (
            run.service(Seed(users=streams + CLIENTS), workers=workers) as service,
            run.generators(run.options.generators + 1) as (writers, *generators),
        ):
            writers.call(open_writers, service.port, service.tokens[streams:])
            audience = Audience(generators, Plan(service.port, service.tokens[:streams], rooms=frozenset({GENERAL})))
            audience.open()
            usage = Usage(service)
            for length in (min(2.0, seconds), seconds):  # the first one warms up
                run.step(f"{POSTS_PER_SECOND:.0f} posts/s, {name}")
                audience.begin()
                usage.restart()
                posted = writers.call(post_at, POSTS_PER_SECOND, length)
                heard = audience.hear(posted.count, SETTLE_SECONDS)
                run.fail(heard.seen.faults)
                if not heard.is_complete:
                    run.fail([f"{heard.seen.events} events of {posted.count * streams}, {heard.seen.closed} closed"])
            shares = usage.shares()
            audience.close()
        latencies = heard.seen.latencies
        run.find(
            Finding(
                f"Latency, {POSTS_PER_SECOND:.0f} posts/s into {streams:,} streams, {name}",
                [
                    Figure("p50", latencies.percentile(0.5) * 1000, "ms", 20.0, is_at_most=True),
                    Figure("p99", latencies.percentile(0.99) * 1000, "ms", 80.0, is_at_most=True),
                    Figure("most", latencies.percentile(1.0) * 1000, "ms"),
                    Figure("answer to the POST, p99", posted.latencies.percentile(0.99) * 1000, "ms"),
                    Figure("posts", posted.rate, "/s"),
                    Figure("events checked", heard.seen.events),
                    Figure("generator's share of a core", heard.load.cpu_share * 100, "%"),
                ],
                [f"Processor time: {shown_shares(shares)}."],
            )
        )
        lines.append(Series(name, [(seconds * 1000, share * 100) for seconds, share in latencies.curve()]))
    run.report.charts.append(
        Chart(f"POST to arrival, {streams:,} streams", "milliseconds", "share of arrivals, %", lines)
    )
