"""`python -m benchmarks scale nginx|sentinel|cluster|…|all`: run a scenario, and fail on a fault."""

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes.progress import say
from benchmarks.scale import machines_behind_nginx, pgbouncer, promotion, redis_failover

SCENARIOS = {
    "nginx": machines_behind_nginx.four_machines_behind_nginx,
    "sentinel": redis_failover.redis_with_sentinels,
    "cluster": redis_failover.redis_cluster,
    "pgbouncer": pgbouncer.pgbouncer_between,
    "promotion": promotion.promoted_replicas,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("scenario", choices=[*SCENARIOS, "all"])
    options = parser.parse_args(arguments)
    is_sound = True
    for name in SCENARIOS if options.scenario == "all" else [options.scenario]:
        say(name)
        with tempfile.TemporaryDirectory(prefix="chatserver-scale-") as folder, ExitStack() as stack:
            findings = asyncio.run(SCENARIOS[name](Path(folder), stack))
            sys.stdout.write("\n  ".join([f"{name}:", *findings.lines]) + "\n")
            is_sound = is_sound and not findings.faults
    return 0 if is_sound else 1
