"""Usernames: their normal form, when two are the same or look alike, and which ones are valid.

A name is stored as NFKC. Two names are the same if their folded forms are equal, which is what unique and search use.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError

from chatserver.http.fields import RAW_LENGTH_FACTOR
from chatserver.http.texts import shows
from users.skeletons import skeleton

# In code points of the normal form. What is longer than the raw limit is refused before it is normalised: one code
# point may become 18.
MAX_USERNAME = 150
MAX_RAW_USERNAME = RAW_LENGTH_FACTOR * MAX_USERNAME
# Full case folding makes up to three code points of one.
MAX_FOLDED_USERNAME = 3 * MAX_USERNAME
# As UTS #39, 5.4 advises.
MAX_MARKS_IN_A_ROW = 4
PUNCTUATION = frozenset("@.+-_")


def normal_username(text: str) -> str | None:
    """The normal form; None for what is longer than any name. It need not be valid: older names have other rules."""
    if len(text) > MAX_RAW_USERNAME:
        return None
    name = unicodedata.normalize("NFKC", text)
    return None if len(name) > MAX_USERNAME or "\0" in name else name


def fold_username(name: str) -> str:
    """The same for all spellings of a name: a compatibility caseless match, see the Unicode Standard, 3.13, D146."""
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold())
    return unicodedata.normalize("NFKC", once.casefold())


def skeletons_of(name: str) -> list[str]:
    """How a name looks as it is spelled, and in lower case. Sorted, without repeats."""
    return sorted({skeleton(name).casefold(), skeleton(fold_username(name))})


def are_told_apart(name: str, other: str) -> bool:
    """Whether two names of one skeleton may both exist: they differ in ASCII only, like bob1 and bobl.

    Everybody who reads these names knows those letters, and too many honest names are made of them.
    """
    return beyond_ascii(fold_username(name)) == beyond_ascii(fold_username(other))


def beyond_ascii(text: str) -> str:
    """What is left of a text without its ASCII."""
    return "".join(character for character in text if not character.isascii())


def columns_of(name: str) -> dict[str, Any]:
    """What a row holds of a name besides its spelling."""
    return {"folded_username": fold_username(name), "username_skeletons": skeletons_of(name)}


def check_username(name: str) -> None:
    """Django's ValidationError unless a normal form consists of letters, marks, digits and @ . + - _ that all show."""
    if not name or any(map(_is_strange, name)) or _category(name[0]) == "M" or _has_too_many_marks(name):
        raise ValidationError("A username has letters of any script, digits and @ . + - _ only.", code="invalid")


def _is_strange(character: str) -> bool:
    return not (character in PUNCTUATION or (_category(character) in "LMN" and shows(character)))


def _has_too_many_marks(name: str) -> bool:
    kinds = "".join(map(_category, name))
    return re.search("M" * (MAX_MARKS_IN_A_ROW + 1), kinds) is not None


def _category(character: str) -> str:
    """The general category's first letter, such as L."""
    return unicodedata.category(character)[0]
