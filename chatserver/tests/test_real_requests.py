"""What only a real server can be sent: large bodies, broken paths and headers."""

import json
import socket

import httpx
import pytest

from chatserver.tests.harness.service import Service

MANY = 5 * 1024 * 1024


def raw(service: Service, request: bytes) -> bytes:
    """Send bytes as they are; the first bytes of the answer."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=15) as connection:
        connection.sendall(request)
        return connection.recv(65536)


@pytest.mark.parametrize("path", ["/api/v1/tokens/", "/api/v1/users/", "/api/v1/chats/", "/nope"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_five_megabytes_are_413(granian: Service, path: str, is_chunked: bool) -> None:
    text = json.dumps({"username": "x" * MANY}).encode()
    content = iter([text[:1000], text[1000:]]) if is_chunked else text
    headers = {"Content-Type": "application/json", "X-Request-ID": "mine"}
    answer = httpx.post(granian.url + path, content=content, headers=headers, timeout=30)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["request_id"]) == ("too_large", "mine")
    assert answer.headers["X-Request-ID"] == "mine"


@pytest.mark.parametrize(
    "target",
    [
        "/%FF",
        "/%00",
        "/api/v1/users/%FF/",
        "/api/v1/users/%00",
        "/api/v1/rooms/%ED%A0%80/messages",
        "/api/%2e%2e/x",
        "//",
        "/api/v1/users//",
        "/?%FF=%00",
    ],
)
def test_a_broken_path_is_no_500(granian: Service, target: str) -> None:
    (alice,) = granian.people()
    request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {alice.token}\r\n\r\n"
    status = int(raw(granian, request.encode())[9:12])
    assert status in {200, 400, 404}


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Bearer \xff\xfe",
        b"Authorization: Basic \xff\xfe",
        b"Cookie: sessionid=\xff\xfe\xfd",
        b'Cookie: sessionid="abcdefghij\\000"',
        b"X-Request-ID: \xff",
        b"Content-Length: abc",
        b"Content-Type: \xff",
        b"Content-Type: text/plain; charset=hex",
        b"Content-Type: multipart/form-data; boundary=b; charset=undefined",
        b"Content-Type: text/plain; boundary*=nonsense''b",
        b"X_Forwarded_For: 1.2.3.4",
        b"X-Forwarded-For: " + b"1.2.3.4," * 900,
        b"Accept: \xff",
        b"Last-Event-ID: \xff",
    ],
)
@pytest.mark.parametrize("path", [b"/api/v1/users/me/?a=%41", b"/api/v1/stream?a=%41"])
def test_a_broken_header_is_no_500(granian: Service, path: bytes, header: bytes) -> None:
    answer = raw(granian, b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header + b"\r\n\r\n")
    assert answer == b"" or int(answer[9:12]) in {200, 400, 401, 406}


def test_a_host_that_is_not_ours_is_a_problem(granian: Service) -> None:
    answer = httpx.get(f"{granian.url}/api/v1/users/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/api/v1/stream", "/api/v1/stream/"])
def test_a_stream_is_only_for_get(granian: Service, path: str, method: str) -> None:
    (alice,) = granian.people()
    assert alice.request(method, path).status_code == 405


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/api/v1/docs/", "/api/v1/docs"])
def test_the_page_of_the_api_is_only_for_reading(granian: Service, path: str, method: str) -> None:
    (alice,) = granian.people()
    answer = alice.request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
