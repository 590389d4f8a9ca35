"""What a run found, as text and as JSON."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.torture.oracle import Lateness
from benchmarks.torture.resources import Peak
from benchmarks.torture.schedule import Fault
from benchmarks.torture.violations import Violations


@dataclass
class Report:
    seed: int
    seconds: float
    violations: Violations
    counts: Counter[str]
    messages: Lateness
    ends: Lateness
    schedule: list[Fault] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Any] = field(default_factory=dict)
    peaks: list[Peak] = field(default_factory=list)

    def as_json(self) -> str:
        shown = {
            "seed": self.seed,
            "seconds": self.seconds,
            "schedule": [str(fault) for fault in self.schedule],
            "left_out": self.left_out,
            "faults": dict(sorted(self.faults.items())),
            "figures": self.figures,
            "counts": dict(sorted(self.counts.items())),
            "messages": asdict(self.messages),
            "ends": asdict(self.ends),
            "peaks": [asdict(peak) for peak in self.peaks],
            "violations": dict(self.violations.counts),
            "examples": self.violations.kept,
        }
        return json.dumps(shown, indent=2) + "\n"

    def as_text(self) -> str:
        lines = [f"seed {self.seed}, {self.seconds:.0f} s", "", "Schedule"]
        lines += [f"  {fault}" for fault in self.schedule] or ["  nothing breaks"]
        lines += ["", "Faults that were done"]
        lines += [f"  {kind:24s} {count:8,}" for kind, count in sorted(self.faults.items())] or ["  none"]
        lines += [f"  not tried: {what}" for what in self.left_out]
        lines += ["", "Counts"]
        lines += [f"  {name:48s} {value:>12,}" for name, value in self.figures.items()]
        lines += [f"  {name:48s} {count:>12,}" for name, count in sorted(self.counts.items())]
        lines += ["", "Times, while no fault was an excuse (Redis may be away)"]
        lines += [times("message to reader", self.messages), times("end of a right to end of stream", self.ends)]
        lines += ["", "Most that a server used"]
        lines += [
            f"  server {number}: {peak.rss_bytes / 2**20:.0f} MB, {peak.threads} threads, {peak.descriptors} files"
            for number, peak in enumerate(self.peaks)
        ]
        lines += ["", "Violations" if self.violations else "No violation."]
        for invariant, count in sorted(self.violations.counts.items()):
            lines.append(f"  {invariant}: {count:,}")
            lines += [f"    {what}" for what in self.violations.kept[invariant]]
        return "\n".join(lines) + "\n"


def times(name: str, lateness: Lateness) -> str:
    return (
        f"  {name}: {lateness.count:,} compared, {lateness.past_promise:,} past 1 s, "
        f"worst {lateness.worst_seconds:.2f} s; "
        f"of these without Redis {lateness.count_without_redis:,}, worst {lateness.worst_without_redis:.2f} s"
    )
