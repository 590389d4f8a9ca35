"""What a run is to be."""

import argparse
from pathlib import Path

SERVERS = 2
WRITERS = 8


class Options(argparse.Namespace):
    """As the command line says."""

    minutes: float
    seed: int
    # Kinds, separated by commas.
    faults: str
    promote: bool
    readers: int
    # Messages and other operations a second, of all writers together.
    rate: float
    # Seconds beside what is promised, for the machine that all of this shares.
    allowance: float
    folder: Path | None
    first: bool
    # Run in the checked database before the servers start.
    sql: Path | None
    # Of the servers, in place of ChatServer's own.
    settings: str

    @property
    def seconds(self) -> float:
        return self.minutes * 60
