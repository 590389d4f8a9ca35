"""`python -m benchmarks speed|torture|scale|soak …`: each has options of its own, see `--help`."""

import importlib
import signal
import sys
from pathlib import Path

PACKAGES = ("speed", "torture", "scale", "soak")


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PACKAGES:
        sys.stderr.write(f"usage: python -m benchmarks {{{','.join(PACKAGES)}}} …; benchmarks/README.md says which\n")
        return 2
    # Where the Python client is, which need not be installed.
    sys.path.append(str(Path(__file__).parents[1] / "clients" / "python"))
    # What was started ends by the blocks that are left then.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    code: int = importlib.import_module(f"benchmarks.{name}.command").main(sys.argv[2:])
    return code


if __name__ == "__main__":
    sys.exit(main())
