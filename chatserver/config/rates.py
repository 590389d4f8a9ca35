"""Rates of limits, as the settings write them."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ImproperlyConfigured

PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Rate:
    """At most `limit` in `seconds`."""

    limit: int
    seconds: int

    @classmethod
    def parse(cls, text: str, name: str) -> "Rate | None":
        """Parse `20/minute`; None for `off`. ImproperlyConfigured names the setting."""
        if text.strip().lower() == "off":
            return None
        match = re.fullmatch(r"([1-9][0-9]{0,8})/(second|minute|hour|day)", text.strip())
        if match is None:
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be off, or like 20/minute (/second, /hour, /day)")
        return cls(int(match[1]), PERIODS[match[2]])

    @cached_property
    def interval(self) -> float:
        """The seconds after which one more may come."""
        return self.seconds / self.limit

    def times(self, limit_factor: int, seconds_factor: int = 1) -> "Rate":
        """The rate with its limit and its period multiplied."""
        return Rate(self.limit * limit_factor, self.seconds * seconds_factor)
