"""What a run found, as text and as JSON."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.torture.oracle import Lateness
from benchmarks.torture.schedule import Fault
from benchmarks.torture.violations import Violations


@dataclass
class Report:
    """`messages` and `ends` are times while no fault was an excuse (Redis may be away)."""

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
    peaks: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "seconds": self.seconds,
            "schedule": [str(fault) for fault in self.schedule],
            "left_out": self.left_out,
            "faults": dict(sorted(self.faults.items())),
            "figures": self.figures,
            "counts": dict(sorted(self.counts.items())),
            "message_to_reader": asdict(self.messages),
            "end_of_right_to_end_of_stream": asdict(self.ends),
            "peaks": self.peaks,
            "violations": dict(sorted(self.violations.counts.items())),
            "examples": self.violations.kept,
        }

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), indent=2) + "\n"

    def as_text(self) -> str:
        lines = []
        for title, found in self.as_dict().items():
            lines.append(f"\n{title.replace('_', ' ').capitalize()}")
            lines += [f"  {line}" for line in lines_of(found)] or ["  none"]
        return "\n".join([*lines, ""])


def lines_of(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [f"{name:48} {line}" for name, value in found.items() for line in lines_of(value)]
    if isinstance(found, list):
        return [str(each) for each in found]
    return [f"{found:,.2f}" if isinstance(found, float) else f"{found:,}"]
