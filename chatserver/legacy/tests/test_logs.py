"""Passwords come in the query of the old login: no log has them."""

from urllib.parse import quote

import httpx
import pytest

from chatserver.tests.harness.service import Service
from chatserver.tests.harness.waiting import wait_for

SECRET = "s3cret-of-nobody-else"


@pytest.mark.parametrize("path", ["/login", "/login/", "/nope", "/logout"])
def test_no_log_has_a_password_of_a_query(service: Service, path: str) -> None:
    marker = f"marker-{path.strip('/')}"
    url = f"{service.url}{path}?username=nobody-here&password={SECRET}"
    for headers in ({}, {"Sec-Fetch-Site": "same-site"}, {"Host": "other.example"}, {"Referer": quote(url)}):
        assert httpx.get(url, headers=headers).status_code in {400, 401, 403, 404}
    httpx.get(f"{service.url}/{marker}")
    wait_for(lambda: marker in service.log.read_text())
    assert SECRET not in service.log.read_text()
