"""One engine as a child process: started, watched, stopped, and found again after a crash."""

import pwd
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from chatserver.config.data_folder import open_kept

STOP_SECONDS = 20
PROCESS_POLL_SECONDS = 0.02


def spawn(command: list[str], log: Path, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    """Start a program that writes to the log file, as the given account (None: our own)."""
    with open_kept(log, "a") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
        )


def wait_until(is_done: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds; False on timeout."""
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            return False
        time.sleep(PROCESS_POLL_SECONDS)
    return True


def stop_process(process: subprocess.Popen[bytes], signal_number: int) -> None:
    """Send the signal, wait, then kill."""
    if process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def kill_orphans(name: str, folder: Path) -> None:
    """Kill processes that still run in a server's folder though the server itself has ended, and wait for their end."""
    orphans = [process for process in psutil.process_iter() if _works_in(process, name, folder)]
    for orphan in orphans:
        orphan.kill()
    psutil.wait_procs(orphans, STOP_SECONDS)


def _works_in(process: psutil.Process, name: str, folder: Path) -> bool:
    try:
        return bool(process.name() == name and process.cwd() == str(folder))
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def stop_leftover(pid: int, marker: str) -> None:
    """Stop a server that a dead keeper left behind, only if that pid is still our server (pids are reused)."""
    try:
        leftover = psutil.Process(pid)
        if marker not in " ".join(leftover.cmdline()):
            return
        leftover.send_signal(signal.SIGINT)
        leftover.wait(STOP_SECONDS)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        leftover.kill()
        leftover.wait(STOP_SECONDS)
