"""What the generator itself can take: the same work, done by a server that does nothing else."""

import sys
from pathlib import Path

from benchmarks.processes.program import Program, free_port

BARE_SERVER = Path(__file__).with_name("bare_server.py")


def bare_server(folder: Path) -> Program:
    port = free_port()
    return Program(folder / "bare server.log", sys.executable, str(BARE_SERVER), str(port), port=port)
