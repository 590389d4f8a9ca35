"""What all scenarios share: how long they wait, whom they tell, and that what was started is stopped."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

Tell = Callable[[str], None]
# Between two deeds, so that all have come back from the first.
CALM_SECONDS = 6.0


class Stoppable(Protocol):
    def stop(self) -> None: ...


def started(stack: ExitStack, thing: Stoppable) -> None:
    """Stop it at the end."""
    stack.callback(thing.stop)
