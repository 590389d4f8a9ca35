"""Over real HTTP against real servers: no secret that was sent anywhere is in any log, and every refusal has a line."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from chatserver.storage.embedded.paths import Paths
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

# Bugs: the database refuses what no check of ours foresees, and quotes the row.
BUGS = """
ALTER TABLE users_user ADD CONSTRAINT bug CHECK (email NOT LIKE 'sesame%%') NOT VALID;
ALTER TABLE chats_message ADD CONSTRAINT bug CHECK (text NOT LIKE 'sesame%%') NOT VALID;
"""


class Secrets:
    """Texts that nobody may find again."""

    def __init__(self) -> None:
        self._numbers = count()

    def __call__(self) -> str:
        return f"sesame9f2c61x{next(self._numbers):03}"

    @property
    def sent(self) -> int:
        return next(self._numbers)

    def found_in(self, text: str) -> list[str]:
        """Also where they are in base64, at any place of three."""
        plain = b"sesame9f2c61x"
        coded = [base64.b64encode(b"x" * shift + plain)[4 if shift else 0 :][:12].decode() for shift in range(3)]
        return [line[:300] for line in text.splitlines() if any(one in line for one in (plain.decode(), *coded))]


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def engine_logs() -> dict[Path, int]:
    return {path: path.stat().st_size for path in Paths(settings.DATA_DIR).logs.iterdir()}


def since(begins: dict[Path, int]) -> str:
    return "".join(path.read_bytes()[begin:].decode(errors="replace") for path, begin in begins.items())


def lines_of(service: Service) -> Iterator[dict[str, Any]]:
    for line in service.log.read_text().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def send_secrets(service: Service, secret: Secrets) -> list[httpx.Response]:
    """Secrets in every place that takes some, in requests that fail in every way."""
    person = service.people()[0]
    answers: list[httpx.Response] = []
    with httpx.Client(base_url=service.url, timeout=30) as web:

        def ask(method: str, path: str, **request: Any) -> None:
            answers.append(web.request(method, path, **request))

        ask("GET", "/login", params={"username": person.name, "password": secret()})
        ask("POST", "/login/", json={"username": secret(), "password": secret()})
        ask("POST", "/login", data={"username": person.name, "password": secret()})
        ask("POST", "/login", content=b'{"username": "' + secret().encode())
        ask("PUT", "/login", params={"password": secret()})
        # Where names alone are enough, one of these has signed in.
        web.cookies.clear()
        for path in ("/api/v1/tokens/", "/api/v1/session/", "/api/v1/users/", "/api/v1/users/me/password/"):
            ask("POST", path, params={"password": secret()}, json={"username": secret(), "password": secret()})
            ask("POST", path, content=b'{"password": "' + secret().encode() + b"x" * 300_000)
            ask("POST", path, content=secret(), headers={"Content-Type": f"application/{secret()}"})
        for path in ("/api/v1/users/me/", "/api/v1/stream", "/stream", "/admin/", "/me"):
            # To hash a password takes a core for a while.
            passwords = [basic(person.name, secret()), basic(secret(), "x")] if path.startswith("/api/") else []
            for credentials in (*passwords, f"Bearer ct_{secret()}", secret()):
                ask("GET", path, headers={"Authorization": credentials})
            ask("GET", path, params={"token": secret(), "ticket": f"ck_{secret()}", "access_token": secret()})
            cookies = f"sessionid={secret()}; csrftoken={secret()}"
            ask("GET", path, headers={"Cookie": cookies, "Host": f"{secret()}.example"})
            ask("POST", path, headers={"Cookie": cookies, "X-CSRFToken": secret(), "Referer": f"https://x/{secret()}"})
        web.get("/admin/login/")
        for name in (person.name, secret()):
            form = {"csrfmiddlewaretoken": web.cookies["csrftoken"], "username": name, "password": secret()}
            ask("POST", "/admin/login/", data=form)
        ask("POST", "/admin/login/", data=form | {"csrfmiddlewaretoken": secret()})
        # Not secrets of ours any more, and not in a log either.
        ticket = web.post("/api/v1/tickets/", headers={"Authorization": f"Bearer {person.token}"}).json()["ticket"]
        for _ in range(2):
            with web.stream("GET", "/api/v1/stream", params={"ticket": ticket}) as stream:
                answers.append(stream)
    service.sql(BUGS)
    headers = {"Authorization": f"Bearer {person.token}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=30) as api:
        answers.append(api.post("/api/v1/chats/", json={"room_id": 0, "message": secret()}))
        answers.append(api.post("/room/0/messages", json={"message": secret()}))
        for number in range(2):
            account = {"username": f"new{number}", "email": f"{secret()}@example.com", "password": f"{secret()} pass"}
            answers.append(api.post("/api/v1/users/", json=account))
    return [*answers, httpx.Response(0, text=ticket), httpx.Response(0, text=person.token)]


@pytest.mark.parametrize("kind", ["granian", "daphne"])
def test_no_secret_gets_into_a_log(start_service: Callable[..., Service], kind: str) -> None:
    begins = engine_logs()
    service = start_service(kind=kind, CHAT_PASSWORDLESS_LOGIN="True")
    secret = Secrets()
    *answers, ticket, token = send_secrets(service, secret)
    statuses = {answer.status_code for answer in answers}
    assert statuses >= {200, 400, 401, 403, 405, 413, 415, 500}, statuses
    assert secret.sent > 70
    wait_for(lambda: "SQLSTATE" in service.log.read_text(), what="the log of a failed insert")
    logs = service.log.read_text() + since(begins)
    assert secret.found_in(logs) == []
    for kept in (ticket.text, token.text):
        assert kept not in logs
    assert max(len(line) for line in service.log.read_text().splitlines()) < 120_000


def test_every_refusal_before_django_has_a_line_and_is_counted(start_service: Callable[..., Service]) -> None:
    service = start_service(CHAT_NUM_PROXIES="1")
    person = service.people()[0]
    headers = {"Authorization": f"Bearer {person.token}", "X-Forwarded-For": "192.0.2.7"}
    with httpx.Client(base_url=service.url, headers=headers) as api:

        def ask(method: str, path: str, request_id: str, **request: Any) -> int:
            own = request.pop("headers", {})
            return api.request(method, path, headers={"X-Request-ID": request_id, **own}, **request).status_code

        wrong = {"Authorization": "Bearer ct_nobody"}
        told = {
            "large": ask("POST", "/api/v1/chats/", "large", content=b"x" * 300_000),
            "method": ask("POST", "/api/v1/stream", "method"),
            "nobody": ask("GET", "/api/v1/stream", "nobody", headers=wrong),
            "old": ask("GET", "/stream", "old", headers=wrong),
            "basic": ask("GET", "/api/v1/stream/", "basic", headers={"Authorization": basic(person.name, "wrong")}),
        }
        assert told == {"large": 413, "method": 405, "nobody": 401, "old": 401, "basic": 401}
        found = {line["request_id"]: line for line in lines_of(service) if line.get("event") == "request"}
        assert {name: found[name]["status"] for name in told} == told
        assert {found[name]["address"] for name in told} == {"192.0.2.7"}
        assert found["large"]["path"] == "/api/v1/chats/"
        assert found["basic"]["failed_sign_in"] == person.name
        # Metrics are read by the machine itself alone.
        counted = httpx.get(f"{service.url}/metrics").text
    for labels in (
        'method="POST",route="refused",status="413"',
        'method="POST",route="/api/v1/stream/",status="405"',
        'method="GET",route="/stream/",status="401"',
    ):
        assert re.search(re.escape(f"chat_requests_total{{{labels}}} ") + r"[1-9]", counted), labels
