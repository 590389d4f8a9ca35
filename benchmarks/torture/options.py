"""What a run is to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    seed: int
    seconds: float
    faults: list[str]
    # How long they last: 1 is as long as in the field.
    scale: float
    readers: int
    writers: int
    servers: int
    # Messages and other operations a second, of all writers together.
    rate: float
    # Seconds beside what is promised, for the machine that all of this shares.
    allowance: float
    is_ending_at_first: bool = False
    # Run in the checked database before the servers start.
    sql: str = ""
    # Of the servers, in place of ChatServer's own.
    settings: str = ""
