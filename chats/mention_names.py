"""What a text mentions: `@name` and `@room`, where they stand as words of their own.

A name ends where something stands that is in no name. Names have punctuation in them, and sentences have it behind
them, so the longest name that somebody has is taken: of "@bob.smith." bob.smith, else bob.
"""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from users.usernames import MAX_USERNAME, PUNCTUATION, fold_username

ROOM = "room"
# Of a text with more, the others are ignored.
MAX_MENTIONS = 50
MAX_SPELLINGS = 5


class Candidate(NamedTuple):
    """Where a mention may begin, and the names that it may be of, folded, the longest first, by where they end."""

    start: int
    names: dict[int, str]


def candidates_in(text: str) -> list[Candidate]:
    """All places in a text where a mention may be. Offsets are in code points."""
    return list(_candidates(text)) if "@" in text else []


def _candidates(text: str) -> Iterator[Candidate]:
    start, found = text.find("@"), 0
    while start >= 0 and found < MAX_MENTIONS:
        end = start + 1
        while end < len(text) and end - start <= MAX_USERNAME and _is_in_names(text[end]):
            end += 1
        # In an e-mail address a name stands before it.
        if end > start + 1 and (start == 0 or not _is_in_names(text[start - 1])):
            found += 1
            yield Candidate(start, {stop: fold_username(text[start + 1 : stop]) for stop in _ends(text, start, end)})
        start = text.find("@", max(end, start + 1))


def _ends(text: str, start: int, end: int) -> list[int]:
    """Where the name may end: behind all of it, or before punctuation."""
    ends = [end, *(place for place in range(end - 1, start + 1, -1) if text[place] in PUNCTUATION)]
    return [place for place in ends if text[place - 1] not in PUNCTUATION or place == end][:MAX_SPELLINGS]


def _is_in_names(character: str) -> bool:
    return character in PUNCTUATION or unicodedata.category(character)[0] in "LMN"
