"""What the generator itself can take: the same work, done by a server that does nothing else."""

import sys
from pathlib import Path

from benchmarks.speed.peers.process import PeerProcess, free_port

PROGRAM = Path(__file__).with_name("bare_server.py")


def bare_server(folder: Path) -> PeerProcess:
    port = free_port()
    return PeerProcess("bare server", [sys.executable, str(PROGRAM), str(port)], port, folder)
