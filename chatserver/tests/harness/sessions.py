"""Sign-in and sign-out with a cookie, as a browser does it."""

import base64
from typing import Any

from django.test import Client

SESSION_PATHS = ["/api/v1/session", "/api/v1/session/"]
SESSION = SESSION_PATHS[1]
LOGIN = {"username": "alice", "password": "correct horse battery"}
NOBODY = {"user": None, "credential": None, "expires_at": None}


def write(browser: Client, method: str, body: Any = None, path: str = SESSION, **headers: str) -> Any:
    """A write as a page does it, with the CSRF token of its cookie."""
    token = browser.cookies["csrftoken"].value
    request = getattr(browser, method)
    return request(path, body, content_type="application/json", headers={"X-CSRFToken": token, **headers})


def sign_in(browser: Client, body: Any = LOGIN, **headers: str) -> Any:
    return write(browser, "post", body, **headers)


def identity(browser: Client) -> dict[str, Any]:
    """Who the service takes the browser for."""
    answer = browser.get(SESSION)
    assert answer.status_code == 200
    return answer.json()


def basic(name: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:correct horse battery".encode()).decode()}
