"""CHAT_CORS_ORIGINS: the origins of other sites' pages that may read our answers."""

import re

from django.core.exceptions import ImproperlyConfigured

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
ORIGIN = re.compile(rf"https?://(\*\.)?({LABEL}(\.{LABEL})*|\[[0-9a-f:.]+\])(:[1-9][0-9]{{0,4}})?")
SUBDOMAINS = rf"({LABEL}\.)+"


def origins_pattern(origins: list[str]) -> re.Pattern[str] | None:
    """Matches, as a whole, the origins in this list; None where it is empty.

    One is `https://app.example.com`, or `https://*.example.com` for each name below. ImproperlyConfigured for others.
    """
    patterns = []
    for origin in filter(None, map(str.strip, origins)):
        written = origin.lower()
        if not ORIGIN.fullmatch(written):
            raise ImproperlyConfigured(
                f"CHAT_CORS_ORIGINS has {origin!r}; an origin is like https://app.example.com or "
                "https://*.example.com, without a path or a slash behind it"
            )
        # Browsers leave the port of a scheme out.
        written = re.sub(r"^(http://.*):80$|^(https://.*):443$", r"\1\2", written)
        patterns.append(re.escape(written).replace(r"://\*\.", f"://{SUBDOMAINS}"))
    return re.compile("|".join(patterns)) if patterns else None
