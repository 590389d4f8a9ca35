"""The elements for pages of other products, in a real Chromium, from another origin with a strict policy."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chatserver.tests.harness.documents import blocks_of
from chatserver.tests.harness.service import PROJECT, Client, Service

POLICY = "default-src 'none'; script-src 'self' {chat}; connect-src 'self' {chat}; style-src 'self'; base-uri 'none'"
HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A host</title><link rel="stylesheet" href="/host.css">
<script type="module" src="/host.js"></script></head>
<body><h1>A host</h1>{body}</body></html>"""
# The token is in the address, as a test's product has no people of its own.
SCRIPT = """
import {{ configureChat }} from "{chat}/static/chats/widget.js";
const token = new URLSearchParams(location.search).get("token");
window.unread = [];
addEventListener("chat-unread", (event) => window.unread.push(event.detail.count));
configureChat({{ token: async () => token, texts: {texts} }});
"""


class Host:
    """A web server of somebody else; `body` is what its page has."""

    def __init__(self) -> None:
        self.chat = ""
        self.body = ""
        self.texts = "{}"
        self.script = SCRIPT
        self.token = self.css = ""
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text = host.answer(self.path.partition("?")[0])
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", POLICY.format(chat=host.chat))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever).start()

    def answer(self, path: str) -> tuple[str, str]:
        if path.endswith(".js"):
            return "text/javascript", self.script.format(chat=self.chat, texts=self.texts)
        if path == "/host.css":
            return "text/css", self.css
        if path == "/chat-token/":
            return "application/json", json.dumps({"token": self.token})
        return "text/html", HTML.format(body=self.body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    started = Host()
    yield started
    started.close()


@pytest.fixture(scope="module")
def chat(start_shared_service: Callable[..., Service], host: Host) -> Service:
    service = start_shared_service(CHAT_CORS_ORIGINS=host.url)
    host.chat = service.url
    return service


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context()
    yield opened
    opened.close()


@pytest.fixture
def open_page(context: BrowserContext, host: Host) -> Iterator[Callable[..., Page]]:
    """Opens the host's page with this body as a person. Fails for what the console or the policy complains of."""
    complaints: list[str] = []

    def open_as(person: Client, body: str, texts: str = "{}") -> Page:
        host.body, host.texts = body, texts
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{host.url}/?token={person.token}")
        return page

    yield open_as
    # Chromium notes each refusal by itself.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def test_a_room_is_read_and_written(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text("from before <b>bold</b> https://example.com/a", room_id=room_id)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room>')
    expect(page.locator("chat-room .bubble")).to_contain_text(["from before <b>bold</b> https://example.com/a"])
    expect(page.locator("chat-room .bubble a")).to_have_attribute("href", "https://example.com/a")
    page.get_by_label("Write a message").fill("a question")
    page.keyboard.press("Enter")
    expect(page.locator("chat-room .mine[data-seq] .bubble")).to_contain_text(["a question"])
    anna.send_text("an answer", room_id=room_id)
    expect(page.locator("chat-room .bubble")).to_have_count(3)
    expect(page.locator("chat-room .bubble").last).to_contain_text("an answer")
    assert [each["message"] for each in anna.get(f"/api/v1/rooms/{room_id}/messages/").json()["results"]][1:] == [
        "a question",
        "an answer",
    ]


def test_what_happened_in_a_room_is_said_with_names_of_now(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben, cleo = chat.people(3)
    room_id = anna.make_room(ben)
    members = f"/api/v1/rooms/{room_id}/members/"
    assert anna.post(members, json={"user_id": cleo.id}).status_code == 201
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room><chat-inbox></chat-inbox>')
    said = page.locator("chat-room li.day[data-seq]")
    expect(said).to_have_text([f"{anna.name} added {cleo.name}"])
    expect(page.locator(f'chat-inbox [data-room-id="{room_id}"]')).to_contain_text(f"{anna.name} added {cleo.name}")
    expect(page.locator("chat-inbox .badge:visible")).to_have_count(0)
    assert cleo.delete(f"{members}{cleo.id}/").status_code == 204
    expect(said.last).to_have_text(f"{cleo.name} left")


def test_a_room_of_strangers_is_refused(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, charlie = chat.people(2)
    room_id = anna.make_room()
    anna.send_text("a secret", room_id=room_id)
    host_body = f'<chat-room room="{room_id}"></chat-room>'
    page = open_page(charlie, host_body)
    expect(page.get_by_text("The chat is not available here.")).to_be_visible()
    assert "a secret" not in page.content()
    expect(page.locator("chat-room form")).to_be_hidden()


def test_an_inbox_leads_to_rooms_and_back(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text("hello there", room_id=room_id)
    page = open_page(ben, "<chat-inbox></chat-inbox>")
    entry = page.locator(f'chat-inbox [data-room-id="{room_id}"]')
    expect(entry).to_contain_text("hello there")
    expect(entry.locator(".badge")).to_have_text("1")
    entry.press("Enter")
    expect(page.locator("chat-inbox chat-room .bubble")).to_contain_text(["hello there"])
    page.get_by_label("Back to the conversations").press("Enter")
    expect(entry).to_be_focused()
    expect(entry.locator(".badge")).to_have_count(0)


def test_an_inbox_shows_who_is_there_and_who_is_away(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.post("/api/v1/chats/", json={"user_id": ben.id, "message": "Hello"}).json()["room_id"]
    page = open_page(ben, "<chat-inbox></chat-inbox>")
    entry = page.locator(f'chat-inbox [data-room-id="{room_id}"]')
    expect(entry.locator(".name")).to_have_text(anna.name)
    expect(entry.locator(".dot")).to_have_count(0)
    entry.focus()
    with closing(anna.listen()):
        expect(entry).to_have_accessible_name(re.compile(f"^{anna.name} ?online"), timeout=10_000)
        anna.post("/api/v1/users/me/activity/", json={"idle": True})
        expect(entry).to_have_accessible_name(re.compile(f"^{anna.name} ?away"), timeout=15_000)
    expect(entry).to_be_focused()


def test_all_elements_and_tabs_share_one_stream(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    body = f'<chat-inbox></chat-inbox><chat-room room="{room_id}"></chat-room><chat-room room="0"></chat-room>'
    pages = [open_page(ben, body) for _ in range(2)]
    for page in pages:
        expect(page.locator("chat-room form")).to_have_count(2)
    anna.send_text("to both", room_id=room_id)
    for page in pages:
        expect(page.locator(f'chat-room[room="{room_id}"] .bubble')).to_contain_text(["to both"])
    metrics = httpx.get(f"{chat.url}/metrics").text
    assert re.findall(r"(?m)^chat_streams ([0-9.]+)$", metrics) == ["1.0"]


def test_a_floating_room_opens_and_closes_by_keyboard(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    page = open_page(ben, f'<chat-room room="{room_id}" mode="floating" label="Help"></chat-room>')
    launcher = page.get_by_label("Open the chat")
    expect(launcher).to_be_visible()
    anna.send_text("are you there?", room_id=room_id)
    expect(page.locator("chat-room .launcher .badge")).to_have_text("1")
    launcher.press("Enter")
    expect(page.get_by_role("heading", name="Help")).to_be_visible()
    expect(page.get_by_label("Write a message")).to_be_focused()
    expect(page.locator("chat-room .launcher .badge")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("chat-room .panel")).to_be_hidden()
    expect(launcher).to_be_focused()
    assert page.evaluate("window.unread")[-1] == 0


def test_texts_and_colours_are_the_hosts(chat: Service, open_page: Callable[..., Page]) -> None:
    (anna,) = chat.people()
    room_id = anna.make_room()
    texts = '{ placeholder: "Nachricht schreiben", send: "Senden", empty: "Noch nichts." }'
    page = open_page(anna, f'<chat-room room="{room_id}"></chat-room>', texts)
    expect(page.get_by_label("Nachricht schreiben")).to_be_visible()
    expect(page.get_by_text("Noch nichts.")).to_be_visible()
    page.evaluate("document.querySelector('chat-room').style.setProperty('--chat-accent', 'rgb(200, 0, 0)')")
    expect(page.get_by_role("button", name="Senden")).to_have_css("background-color", "rgb(200, 0, 0)")


def test_an_element_that_is_taken_out_and_put_back_goes_on(chat: Service, open_page: Callable[..., Page]) -> None:
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    page = open_page(ben, f'<chat-room room="{room_id}"></chat-room>')
    expect(page.get_by_text("No messages yet")).to_be_visible()
    page.evaluate("window.kept = document.querySelector('chat-room'); kept.remove()")
    anna.send_text("meanwhile", room_id=room_id)
    page.evaluate("document.body.append(kept)")
    expect(page.locator("chat-room .bubble")).to_contain_text(["meanwhile"])
    other_id = anna.make_room(ben)
    anna.send_text("elsewhere", room_id=other_id)
    page.evaluate(f"kept.setAttribute('room', '{other_id}')")
    expect(page.locator("chat-room .bubble")).to_have_count(1)
    expect(page.locator("chat-room .bubble")).to_contain_text(["elsewhere"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_they_can_be_used_by_everybody(chat: Service, open_page: Callable[..., Page], scheme: str) -> None:
    """axe finds nothing, neither in colours nor in names and roles."""
    anna, ben = chat.people(2)
    room_id = anna.make_room(ben)
    anna.send_text("hello https://example.com/", room_id=room_id)
    ben.send_text("mine", room_id=room_id)
    anna.send_text("unread", room_id=anna.make_room(ben))
    page = open_page(
        ben, f'<chat-inbox theme="{scheme}"></chat-inbox><chat-room room="{room_id}" theme="{scheme}"></chat-room>'
    )
    expect(page.locator("chat-room .bubble")).to_have_count(2)
    expect(page.locator("chat-inbox .badge").first).to_be_visible()
    found = Axe().run(page, context=None, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert [each["id"] + str([node["html"] for node in each["nodes"]]) for each in found.response["violations"]] == []


@pytest.mark.parametrize("page", ["README.md", "docs/embedding.md"])
def test_the_blocks_of_the_docs_work_together(
    chat: Service, host: Host, open_page: Callable[..., Page], page: str
) -> None:
    """But for other texts: the second configuration of a page does not count."""
    (anna,) = chat.people()
    room_id = anna.make_room()
    blocks = {
        kind: [block.text for block in blocks_of(PROJECT / page) if block.kind == kind]
        for kind in ("html", "js", "css")
    }
    (body,), scripts, host.css = blocks["html"], blocks["js"], "".join(blocks["css"])
    script = "".join(scripts).replace("{", "{{").replace("}", "}}").replace("getToken", "null")
    host.script = script.replace("http://127.0.0.1:8000", "{chat}")
    host.token = anna.token
    try:
        room = body.replace("external:order-551", str(room_id)).partition("\n")[2]
        opened = open_page(anna, f"<chat-inbox></chat-inbox>{room}")
        expect(opened.locator("chat-room form")).to_be_visible()
        expect(opened.locator(f'chat-inbox [data-room-id="{room_id}"]')).to_be_visible()
        if host.css:
            expect(opened.locator("chat-room .send")).to_have_css("background-color", "rgb(10, 122, 75)")
            assert opened.locator("chat-room").bounding_box()["height"] == 36 * 16
    finally:
        host.script, host.css = SCRIPT, ""
