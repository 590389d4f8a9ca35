"""Numbers and flags in queries and paths, checked."""

from typing import Any

from rest_framework.request import Request

from chatserver.errors import Invalid, NotFound

LARGEST_ID = 2**63 - 1
MAX_DIGITS = len(str(LARGEST_ID))


def as_whole_number(value: Any) -> int | None:
    """The number that this is: a JSON number without a fraction, or digits; else None.

    Digits are of ASCII and nothing else: no sign, no space, no underscore, no other script's digits, no `true`.
    """
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS:
        return int(value)
    return None


def whole_number(value: Any, name: str, *, least: int = 0, most: int = LARGEST_ID) -> int:
    """A number from a query, a path or a body (see as_whole_number), or Invalid."""
    number = as_whole_number(value)
    if number is None or not least <= number <= most:
        raise Invalid(f"{name} must be a whole number from {least} to {most}.", field=name)
    return number


def id_list(request: Request, name: str, *, most: int) -> list[int] | None:
    """Ids from the query, `?ids=1,2` or `?ids=1&ids=2`; None where there is no such parameter. Invalid for too many."""
    if name not in request.query_params:
        return None
    texts = ",".join(request.query_params.getlist(name)).split(",", most)
    if len(texts) > most:
        raise Invalid(f"{name} may name {most} at most.", field=name)
    return [whole_number(text, name) for text in texts]


def object_id(value: str) -> int:
    """An id from a path. NotFound if it can't be one."""
    try:
        return whole_number(value, "id")
    except Invalid as error:
        raise NotFound from error


def flag(request: Request, name: str) -> bool:
    """A yes or no from the query: true/1 or false/0."""
    return as_flag(request.query_params.get(name, "false"), name)


def as_flag(value: str, name: str) -> bool:
    """The same from a text. Invalid."""
    if value not in {"true", "1", "false", "0"}:
        raise Invalid(f"{name} must be true or false.", field=name)
    return value in {"true", "1"}
