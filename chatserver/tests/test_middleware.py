"""Who comes to the API with a token has no session; everybody else has."""

import httpx
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from chatserver.http.middleware import PatientSessionMiddleware
from chatserver.tests.harness.service import Service


@pytest.mark.parametrize(
    "path",
    ["/", "/healthz", "/metrics", "/api/v1/nothing/", "/api/v1/users/me/", "/api/v1/stream", "/admin/", "/links"],
)
def test_no_answer_is_kept_on_the_way(service: Service, path: str) -> None:
    assert "no-store" in httpx.get(service.url + path).headers["cache-control"]


def test_a_static_file_may_be_kept(service: Service) -> None:
    assert "no-store" not in httpx.get(f"{service.url}/static/chats/app.js").headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "headers", "has_session"),
    [
        ("/api/v1/users/me/", {"Authorization": "Bearer ct_1"}, False),
        ("/api/v1/users/me/", {"Authorization": "bearer ct_1"}, False),
        ("/api/v1/users/me/", {"Authorization": "Basic YTpi"}, True),
        ("/api/v1/users/me/", {}, True),
        # The admin asks for a session whatever a client sends.
        ("/admin/", {"Authorization": "Bearer ct_1"}, True),
    ],
)
def test_a_token_passes_sessions_by(path: str, headers: dict[str, str], has_session: bool) -> None:
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(hasattr(request, "session"))
        return HttpResponse()

    PatientSessionMiddleware(view)(RequestFactory().get(path, headers=headers))
    assert seen == [has_session]
