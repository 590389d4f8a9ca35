"""X-Request-ID on every answer: the caller's own if it is sane."""

import re
from typing import Any

import pytest
from django.test import Client

from users.models import User

PATHS = [
    "/healthz",
    "/readyz",
    "/api/v1/users/",
    "/api/v1/nope",
    "/nope",
    "/",
    "/admin/login/",
    "/metrics",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_sane_one_comes_back(alice: User, client: Client, path: str) -> None:
    for given in ("req-1", "a", "A.b_c:d-9", "x" * 128, "0a1b2c3d-0000-4000-8000-000000000000"):
        assert client.get(path, headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "given", [None, "", " ", "a b", "a\nb", "a\r\nSet-Cookie: x=1", "x" * 129, "\xff", "é", "<x>", "a\n"]
)
def test_any_other_is_replaced(alice: User, client: Client, path: str, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    answers = [client.get(path, headers=headers)["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", answer) for answer in answers)
    assert answers[0] != answers[1]


def test_a_problem_names_it(db: Any, client: Client) -> None:
    answer = client.get("/api/v1/users/", headers={"X-Request-ID": "mine"})
    assert answer.json()["request_id"] == "mine"
