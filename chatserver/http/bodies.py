"""Request bodies, checked by a serializer."""

from functools import cache
from typing import Any, cast

from rest_framework.request import Request

from chatserver.errors import Invalid


def validated(serializer_class: Any, request: Request) -> dict[str, Any]:
    """The checked body, or a ValidationError (400)."""
    if request.data is None:
        raise Invalid("The body is null; it must be an object.")
    return cast(dict[str, Any], _shared(serializer_class).run_validation(request.data))


@cache
def _shared(serializer_class: Any) -> Any:
    """One serializer for all requests: it keeps no state of them, and to make one costs more than to use it."""
    return serializer_class()
