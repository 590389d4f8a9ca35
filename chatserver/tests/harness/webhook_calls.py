"""Requests to the API of webhooks."""

import json
from collections.abc import Callable
from typing import Any

from conftest import CheckedClient

WEBHOOKS = "/api/v1/webhooks/"
PUBLIC = "https://shop.example/hook"
Call = Callable[..., Any]


def caller_with(secret: str, **headers: str) -> Call:
    client = CheckedClient()

    def call(method: str, path: str = "", body: Any = None) -> Any:
        data = "" if body is None else json.dumps(body)
        return client.generic(
            method,
            WEBHOOKS + path,
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", **headers},
        )

    return call
