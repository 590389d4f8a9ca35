"""A network namespace that a server can live in, and be cut off from everybody. Needs Linux, root and `ip`."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import psutil

PREFIX = "chattorture"


def is_possible() -> bool:
    """Whether this machine lets us make one. Tried, not guessed: a container may have root and no right to do it."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        Namespace(0).close()
    except subprocess.CalledProcessError:
        return False
    return True


def remove_leftovers() -> None:
    """Delete the namespaces of checkers that were killed."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return
    found = _ip("netns", "list", is_checked=False)
    for name, pid in re.findall(rf"\b({PREFIX}-(\d+)-\d+)\b", found):
        if not psutil.pid_exists(int(pid)):
            _ip("netns", "delete", name, is_checked=False)


class Namespace:
    """One namespace, tied to ours by a pair of interfaces. `here` and `there` are the addresses of its ends."""

    def __init__(self, number: int) -> None:
        pid = os.getpid()
        self.name = f"{PREFIX}-{pid}-{number}"
        self._near = f"ct{pid}h{number}"
        self._far = f"ct{pid}g{number}"
        # Private addresses that hardly anybody uses; checkers that run side by side get different ones.
        network = f"10.{213 + number % 8}.{pid // 64 % 256}"
        host = pid % 64 * 4
        self.here, self.there = f"{network}.{host + 1}", f"{network}.{host + 2}"
        try:
            _ip("netns", "add", self.name)
            _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self.name)
            _ip("address", "add", f"{self.here}/30", "dev", self._near)
            _ip("link", "set", self._near, "up")
            _ip("-n", self.name, "address", "add", f"{self.there}/30", "dev", self._far)
            _ip("-n", self.name, "link", "set", self._far, "up")
            _ip("-n", self.name, "link", "set", "lo", "up")
        except subprocess.CalledProcessError:
            self.close()
            raise

    @property
    def command(self) -> list[str]:
        """What to put before a command that is to run in it."""
        return ["ip", "netns", "exec", self.name]

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        """Until the end of the block nothing gets through, and nobody is told: no packet comes back."""
        _ip("link", "set", self._near, "down")
        try:
            yield
        finally:
            _ip("link", "set", self._near, "up")

    def close(self) -> None:
        # The interfaces go with it.
        _ip("link", "delete", self._near, is_checked=False)
        _ip("netns", "delete", self.name, is_checked=False)


def _ip(*arguments: str, is_checked: bool = True) -> str:
    """What `ip` prints. CalledProcessError where it fails, if that is checked."""
    command = ["ip", *arguments]
    return subprocess.run(command, check=is_checked, capture_output=True, text=True).stdout
