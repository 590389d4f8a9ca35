"""`python -m benchmarks scale nginx|sentinel|cluster|…|all`: run a scenario, and fail on a fault."""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.scale import bouncer, machines, promotion, redis_failover

NAMES = {
    "nginx": machines.four_machines_behind_nginx,
    "sentinel": redis_failover.redis_with_sentinels,
    "cluster": redis_failover.redis_cluster,
    "pgbouncer": bouncer.pgbouncer_between,
    "promotion": promotion.promoted_replicas,
}


def tell(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')}  {line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("scenario", choices=[*NAMES, "all"])
    options = parser.parse_args(arguments)
    # So that what was started is taken down in that case, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    is_sound = True
    for name in NAMES if options.scenario == "all" else [options.scenario]:
        tell(f"{name}:")
        with tempfile.TemporaryDirectory(prefix="chatserver-scale-") as folder, ExitStack() as stack:
            Path(folder).chmod(0o755)
            findings = asyncio.run(NAMES[name](Path(folder), stack, tell))
            for line in findings.lines():
                tell(f"  {line}")
            is_sound = is_sound and not findings.faults
    return 0 if is_sound else 1
