"""Numbers and flags in queries and paths, checked."""

from typing import Any

from rest_framework.request import Request

from chatserver.errors import Invalid, NotFound

LARGEST_ID = 2**63 - 1


def whole_number(value: Any, name: str, *, least: int = 0, most: int = LARGEST_ID) -> int:
    """A number from a query or a path, or Invalid. Digits only: no sign, no space, no other script's digits."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise Invalid(f"{name} must be a whole number from {least} to {most}.", field=name)
    return int(text)


def object_id(value: str) -> int:
    """An id from a path. NotFound if it can't be one."""
    try:
        return whole_number(value, "id")
    except Invalid as error:
        raise NotFound from error


def flag(request: Request, name: str) -> bool:
    """A yes or no from the query: true/1 or false/0."""
    value = request.query_params.get(name, "false")
    if value not in {"true", "1", "false", "0"}:
        raise Invalid(f"{name} must be true or false.", field=name)
    return value in {"true", "1"}
