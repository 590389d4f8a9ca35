"""`latency`: from the start of a POST to the last byte at the client, of each event at each stream."""

from dataclasses import dataclass, field

from benchmarks.processes.server import GENERAL
from benchmarks.processes.service import Seed
from benchmarks.speed.fanout import STREAMS
from benchmarks.speed.histogram import Histogram
from benchmarks.speed.report import Chart, Figure, Finding, Series
from benchmarks.speed.run import Run, Side, Usage, format_shares
from benchmarks.speed.stream_group import StreamGroup
from benchmarks.speed.streams import Plan
from benchmarks.speed.writers import CLIENTS, Posted, open_writers, post_at

POSTS_PER_SECOND = 50.0
P50_SECONDS, P99_SECONDS = 0.020, 0.060
# The sides take turns of 3 s each in a full run.
TURNS = 5
WARM_SECONDS = 2.0
SETTLE_SECONDS = 10.0


@dataclass
class Measured:
    """What one side did in its turns so far; the shares are those of the last one."""

    side: Side
    group: StreamGroup
    posted: Posted = field(default_factory=Posted)
    latencies: Histogram = field(default_factory=Histogram)
    generator_share: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)

    def take_turn(self, run: Run, seconds: float) -> None:
        run.step(f"{POSTS_PER_SECOND:.0f} posts/s, {self.side.name}")
        self.group.begin()
        usage = Usage(self.side.service)
        posted = self.side.writers.call(post_at, POSTS_PER_SECOND, seconds)
        outcome = self.group.wait(posted.count, SETTLE_SECONDS)
        received = outcome.received
        run.fail(received.faults)
        if not outcome.is_complete:
            wanted = posted.count * self.group.size
            run.fail([f"{self.side.name}: {received.events} events of {wanted}, {received.closed} closed"])
        self.posted.merge(posted)
        self.latencies.merge(received.latencies)
        self.generator_share, self.shares = outcome.load.cpu_share, usage.shares()

    def finding(self) -> Finding:
        p50, p99, most = (self.latencies.percentile(share) * 1000 for share in (0.5, 0.99, 1.0))
        return Finding(
            f"Latency, {POSTS_PER_SECOND:.0f} posts/s into {self.group.size:,} streams, {self.side.name}",
            [
                Figure("p50", p50, "ms", P50_SECONDS * 1000, is_at_most=True),
                Figure("p99", p99, "ms", P99_SECONDS * 1000, is_at_most=True),
                Figure("most", most, "ms"),
                Figure("answer to the POST, p99", self.posted.latencies.percentile(0.99) * 1000, "ms"),
                Figure("posts", self.posted.rate, "/s"),
                Figure("events checked", self.latencies.count),
                Figure("generator's share of a core", self.generator_share * 100, "%"),
            ],
            [f"Processor time: {format_shares(self.shares)}."],
        )


def measure(run: Run) -> None:
    streams = run.options.streams or STREAMS
    seconds = run.options.pick(15, 4) / TURNS
    with run.sides(Seed(users=streams + CLIENTS), workers=1) as sides:
        measured = [open_streams(side, streams) for side in sides]
        for one in measured:
            one.take_turn(run, min(WARM_SECONDS, seconds))
            one.posted, one.latencies = Posted(), Histogram()
        for _ in range(TURNS):
            for one in measured:
                one.take_turn(run, seconds)
        lines = []
        for one in measured:
            one.group.close()
            run.add(one.finding())
            points = [(seconds * 1000, share * 100) for seconds, share in one.latencies.curve()]
            lines.append(Series(one.side.name, points))
    title = f"POST to arrival, {streams:,} streams"
    run.report.charts.append(Chart(title, "milliseconds", "share of arrivals, %", lines))


def open_streams(side: Side, streams: int) -> Measured:
    service = side.service
    side.writers.call(open_writers, service.port, service.tokens[-CLIENTS:])
    group = StreamGroup(side.generators, Plan(service.port, service.tokens[:streams], rooms=frozenset({GENERAL})))
    group.open()
    return Measured(side, group)
