"""Pages of other origins use the API and the stream with a bearer token, where CHAT_CORS_ORIGINS has their origin."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page

from chatserver.tests.harness.page import complaints_of
from chatserver.tests.harness.service import Client, Service

pytestmark = pytest.mark.clients

CORS = "access-control-allow-origin"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
# All that a page does: sign in, post, read, be refused, listen until the message has come.
USE_IT = """
async ([url, token]) => {
    const headers = {Authorization: `Bearer ${token}`, "Content-Type": "application/json"};
    const stream = await fetch(`${url}/api/v1/stream`, {headers});
    const me = await (await fetch(`${url}/api/v1/session/`, {headers})).json();
    const body = JSON.stringify({room_id: 0, message: "from another origin"});
    const posted = await fetch(`${url}/api/v1/chats/`, {method: "POST", headers, body});
    const refused = await fetch(`${url}/api/v1/rooms/999999/`, {headers});
    const nobody = await fetch(`${url}/api/v1/stream`, {headers: {Authorization: "Bearer ct_wrong"}});
    const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    while (!heard.includes("from another origin")) heard += (await reader.read()).value;
    await reader.cancel();
    return {
        username: me.user.username,
        posted: posted.status,
        refused: [refused.status, (await refused.json()).code, refused.headers.get("X-Request-ID") !== null],
        nobody: [nobody.status, (await nobody.json()).code],
    };
}
"""
# The JavaScript client, from there: it posts, hears, and resumes its stream.
USE_THE_CLIENT = """
async ([url, token]) => {
    const { ChatClient } = await import(`${url}/static/chats/client/index.js`);
    const chat = new ChatClient({url, token: async () => token});
    const states = [];
    chat.on("state", (state) => states.push(state));
    const heard = new Promise((resolve) => chat.on("event", ({data}) => data.message === "by the client" && resolve()));
    // What is posted before the stream is live is in the snapshot, and no event.
    const loaded = new Promise((resolve) => chat.on("loaded", resolve));
    const {username} = await chat.connect();
    await loaded;
    chat.send({room_id: 0}, "by the client");
    await heard;
    const isLive = new Promise((resolve) => chat.on("state", (state) => state === "live" && resolve()));
    chat.takeStream();
    await isLive;
    chat.close();
    return [username, states];
}
"""
ASK = "async ([url, options]) => { try { return (await fetch(url, options)).status } catch (e) { return e.name } }"


class EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>the host</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def host_port() -> Iterator[int]:
    """A web server of somebody else. It is another origin as 127.0.0.1 than as localhost."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    threading.Thread(target=server.serve_forever).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def origin(host_port: int) -> str:
    return f"http://127.0.0.1:{host_port}"


@pytest.fixture(scope="module")
def chat(start_shared_service: Callable[..., Service], origin: str) -> Service:
    return start_shared_service(CHAT_CORS_ORIGINS=f"https://*.example.com,{origin}")


@pytest.fixture(scope="module")
def anna(chat: Service) -> Client:
    return chat.people()[0]


@pytest.fixture
def page(chromium: Browser, origin: str) -> Iterator[Page]:
    context = chromium.new_context()
    opened = context.new_page()
    opened.goto(origin)
    yield opened
    context.close()


def test_a_page_of_a_listed_origin_uses_rest_and_the_stream(page: Page, chat: Service, anna: Client) -> None:
    assert page.evaluate(USE_IT, [chat.url, anna.token]) == {
        "username": anna.name,
        "posted": 201,
        "refused": [404, "not_found", True],
        "nobody": [401, "invalid_token"],
    }


def test_a_page_of_a_listed_origin_uses_the_javascript_client(page: Page, chat: Service, anna: Client) -> None:
    complaints = complaints_of(page)
    states = ["connecting", "live", "reconnecting", "live", "closed"]
    assert page.evaluate(USE_THE_CLIENT, [chat.url, anna.token]) == [anna.name, states]
    assert complaints == []


def test_a_page_of_another_origin_reads_nothing(page: Page, chat: Service, anna: Client, host_port: int) -> None:
    page.goto(f"http://localhost:{host_port}")
    headers = {"Authorization": f"Bearer {anna.token}"}
    for path in ("/api/v1/session/", "/api/v1/stream", "/api/v1/rooms/"):
        assert page.evaluate(ASK, [chat.url + path, {"headers": headers}]) == "TypeError"
        assert page.evaluate(ASK, [chat.url + path, {}]) == "TypeError"


def test_no_page_reads_anything_by_our_cookies(page: Page, chat: Service) -> None:
    for path in ("/api/v1/session/", "/api/v1/docs/", "/api/v1/stream"):
        assert page.evaluate(ASK, [chat.url + path, {"credentials": "include"}]) == "TypeError"


def test_nothing_beside_the_api_is_read_from_elsewhere(page: Page, chat: Service) -> None:
    for path in ("/", "/admin/login/", "/users/online"):
        assert page.evaluate(ASK, [chat.url + path, {}]) == "TypeError"


@pytest.mark.parametrize("path", ["/api/v1/chats/", "/api/v1/stream", "/api/v1/no-such-path/"])
def test_a_preflight_says_what_a_listed_origin_may_send(chat: Service, path: str) -> None:
    answer = httpx.options(chat.url + path, headers={"Origin": "https://shop.example.com", **PREFLIGHT})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers[CORS] == "https://shop.example.com"
    assert answer.headers["vary"] == "Origin"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("other", ["null", "https://example.com", "https://shop.example.com.evil.example", ""])
def test_a_preflight_allows_other_origins_nothing(chat: Service, other: str) -> None:
    answer = httpx.options(f"{chat.url}/api/v1/chats/", headers={"Origin": other, **PREFLIGHT})
    assert answer.status_code == 204
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_answer_says_that_it_depends_on_the_origin(chat: Service, anna: Client) -> None:
    """Else a cache could give one origin what it has of another."""
    assert "Origin" in anna.get("/api/v1/session/").headers.get_list("vary")


def test_a_refusal_before_django_can_be_read_too(chat: Service) -> None:
    headers = {"Origin": "https://shop.example.com", "Content-Type": "application/json"}
    answer = httpx.post(f"{chat.url}/api/v1/tokens/", headers=headers, content=b"x" * 100_000)
    assert (answer.status_code, answer.headers[CORS]) == (413, "https://shop.example.com")
    assert "retry-after" in answer.headers["access-control-expose-headers"]
