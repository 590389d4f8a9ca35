"""A bridge, and network namespaces on it: each is like a machine with a cable that can be pulled."""

import os
import subprocess

BRIDGE = "10.219.77.1"


def ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(["ip", *arguments], check=check, capture_output=True)  # noqa: S607 - wherever the system has it


class Machine:
    """A namespace with an address on the bridge."""

    def __init__(self, bridge: str, number: int) -> None:
        self.name = f"{bridge}-{number}"
        self.address = f"10.219.77.{10 + number}"
        self._cable = f"{bridge}p{number}"
        ip("netns", "add", self.name)
        ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", self._cable, "master", bridge)
        ip("-n", self.name, "address", "add", f"{self.address}/24", "dev", "eth0")
        ip("-n", self.name, "link", "set", "eth0", "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        self.plug()

    def pull(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        ip("link", "set", self._cable, "down")

    def plug(self) -> None:
        ip("link", "set", self._cable, "up")


class Network:
    """`with Network(4) as network:` has `network.machines`."""

    def __init__(self, count: int) -> None:
        self._bridge = f"cs{os.getpid()}"
        self._count = count
        self.machines: list[Machine] = []

    def __enter__(self) -> "Network":
        if os.geteuid() != 0:
            raise SystemExit("network namespaces need root")
        ip("link", "add", self._bridge, "type", "bridge")
        ip("address", "add", f"{BRIDGE}/24", "dev", self._bridge)
        ip("link", "set", self._bridge, "up")
        self.machines = [Machine(self._bridge, number) for number in range(self._count)]
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self.machines:
            ip("netns", "delete", machine.name, check=False)
        ip("link", "delete", self._bridge, check=False)
