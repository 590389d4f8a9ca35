"""What the old routes, which OpenAPI does not have, give those who have no right to what a request names."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from chatserver.http.outsiders import ENDED_CREDENTIALS, OUTSIDE_KEYS
from chatserver.http.url_patterns import handlers
from chatserver.tests.harness.answers import assert_old_error
from chatserver.tests.harness.outsiders import MARK, Theirs, keep_apart, outsiders, rows

# Open to everybody: sign-in, names for somebody new, links, and the handshake of Engine.IO (see test_socket_io.py).
OPEN = {"/login", "/randomname", "/links", "/socket.io"}
# What people get, and whether nobody does, too.
OUTCOMES = {
    "GET /me": (200, 200),
    "GET /users": (200, 401),
    "GET /users/online": (200, 401),
    "GET /rooms/{user}": (403, 401),
    "POST /room": (403, 401),
    "GET /room/{room}/messages": (404, 401),
    "POST /room/{room}/messages": (404, 401),
    "GET /room/{room}/preload": (404, 401),
    "GET /logout": (403, 401),
    "POST /logout": (403, 401),
}


@pytest.fixture
def theirs(settings: Any, db: None, own_presence: None) -> Theirs:
    keep_apart(settings)
    return Theirs()


def test_every_old_route_is_here() -> None:
    routes = {(method, path) for method, path, handler in handlers() if "legacy" in handler.__module__}
    known = {
        f"{method} {path.replace('{user}', '1').replace('{room}', '1')}"
        for method, path in (name.split() for name in OUTCOMES)
    }
    left_out = [
        (method, path)
        for method, path in routes
        if not any(re.fullmatch(path, one.partition(" ")[2]) and one.startswith(method) for one in known)
        and not any(re.fullmatch(path, one) for one in OPEN)
    ]
    assert left_out == []


@pytest.mark.parametrize("name", OUTCOMES)
def test_outsiders_get_nothing_of_others_on_an_old_route(name: str, theirs: Theirs) -> None:
    method, _, path = name.partition(" ")
    body = {
        "user1": theirs.alice.pk,
        "user2": theirs.bob.pk,
        "username": theirs.bob.username,
        "message": "hai",
    }
    url = path.format(**theirs.ids) + f"?ids[]={theirs.bob.pk}"
    kinds = outsiders(theirs, "none")
    Client().get("/me", headers=kinds["other_customer"])  # they are made at first sight
    before = rows()
    for kind, headers in kinds.items():
        answer = Client().generic(method, url, json.dumps(body), "application/json", headers=headers)
        of_people, of_nobody = OUTCOMES[name]
        refused = dict.fromkeys(ENDED_CREDENTIALS, 401) | dict.fromkeys(OUTSIDE_KEYS, 403) | {"nobody": of_nobody}
        status = refused.get(kind, of_people)
        if status == 200:
            assert answer.status_code == 200, kind
        else:
            assert_old_error(answer, status)
        assert MARK not in answer.content.decode(), kind
        assert rows() == before, kind
