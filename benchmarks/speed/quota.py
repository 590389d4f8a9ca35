"""Holds processes to a share of a core each, so that few cores can tell what more of them would bring.

The control groups of Linux do that, and only for root. Their versions 1 and 2 are laid out differently, see
https://docs.kernel.org/scheduler/sched-bwc.html and https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu.
"""

import os
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
# Short, so that a process that has used its share up waits for a moment, as on a slow core, and not for 100 ms.
PERIOD_MICROSECONDS = 10_000
LEAST_SHARE = 0.1
END_SECONDS = 10.0


def hold_process(pid: int, share: float) -> Path:
    """Give a process this share of a core from now on. Returns its group, an empty folder once the process has ended.

    RuntimeError where that can't be had. With version 2 the machine's own group passes the right to divide processors
    on from now on, and keeps doing so.
    """
    quota = round(share * PERIOD_MICROSECONDS)
    try:
        if (ROOT / "cpu").is_dir():
            group = ROOT / "cpu" / _name_of(pid)
            group.mkdir()
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (ROOT / "cgroup.subtree_control").write_text("+cpu")
            group = ROOT / _name_of(pid)
            group.mkdir()
            (group / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        raise RuntimeError(f"a share of a core takes root and the control groups of Linux: {error}") from error
    return group


def _name_of(pid: int) -> str:
    return f"chatserver-bench-{os.getpid()}-{pid}"


def wait_until_empty(group: Path) -> None:
    """Wait until the processes of a group have ended; TimeoutError where they don't."""
    deadline = time.monotonic() + END_SECONDS
    while (group / "cgroup.procs").read_text().strip():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the processes of {group} still run")
        time.sleep(0.05)
