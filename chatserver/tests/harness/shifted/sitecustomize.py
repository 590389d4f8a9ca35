"""Shifts the wall clock of a Python process by as many seconds as the file CLOCK_SHIFT says at the moment.

It stands for the system's clock being set: what counts by the monotonic clock does not notice, as it should not.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

_file = Path(os.environ["CLOCK_SHIFT"])
_time = time.time


def _shift() -> float:
    return float(_file.read_text())


def _shifted_now() -> datetime:
    return datetime.now(tz=UTC) + timedelta(seconds=_shift())


time.time = lambda: _time() + _shift()
timezone.now = _shifted_now
