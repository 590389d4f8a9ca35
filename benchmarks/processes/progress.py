"""How far a run is: lines on the standard error, so that the standard output has the report alone."""

import sys
import time


def say(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {what}\n")
    sys.stderr.flush()
