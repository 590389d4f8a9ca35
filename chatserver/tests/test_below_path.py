"""Two ChatServers below paths of one host, behind a real nginx: one takes the path off, one passes it on.

The host has a Django of its own at the root, whose cookies browsers send to everything below it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, expect

from chatserver.tests.harness.nginx import running_nginx, shown_config
from chatserver.tests.harness.page import come_in, expect_live
from chatserver.tests.harness.processes import manage
from chatserver.tests.harness.service import Service
from chatserver.tests.harness.sse import Stream

pytestmark = pytest.mark.clients

HOST = """
server {
    listen 127.0.0.1:{port};
    absolute_redirect off;
    location / {
        add_header Set-Cookie "sessionid=hosts-own; Path=/";
        add_header Set-Cookie "csrftoken=hosts-own; Path=/";
        add_header Set-Cookie "messages=hosts-own; Path=/";
        return 200 "the host";
    }
    %s
}
"""
PASSWORD = "a long pass phrase"
# What some proxies send, and what anybody could.
FORGED = {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", "Script-Name": "/evil", "X-Forwarded-Path": "/evil"}


@dataclass
class Chat:
    """A service below a path. `url` is its root as clients see it."""

    service: Service
    path: str
    url: str


@pytest.fixture(scope="module")
def chats(
    start_shared_service: Callable[..., Service], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Chat]]:
    paths = ["/chat", "/chat/support"]
    services = [start_shared_service(CHAT_BASE_PATH=path, CHAT_PASSWORDLESS_LOGIN="True") for path in paths]
    shown = shown_config("docs/operations.md", "location /chat/")
    first, second = (
        shown.replace("http://127.0.0.1:8000/;", f"http://127.0.0.1:{services[0].port}/;"),
        shown.replace("/chat/", "/chat/support/").replace(
            "http://127.0.0.1:8000/;", f"http://127.0.0.1:{services[1].port};"
        ),
    )
    with running_nginx(HOST % (first + second), tmp_path_factory.mktemp("nginx")) as proxy:
        yield [Chat(service, path, proxy.url + path) for service, path in zip(services, paths, strict=True)]


@pytest.fixture(params=[0, 1], ids=["taken-off", "passed-on"])
def chat(request: pytest.FixtureRequest, chats: list[Chat]) -> Chat:
    return chats[request.param]


@pytest.fixture
def browser(chat: Chat) -> Iterator[httpx.Client]:
    """A client with the host's cookies."""
    with httpx.Client(base_url=chat.url.removesuffix(chat.path), timeout=30, headers=FORGED) as client:
        assert client.get("/").text == "the host"
        yield client


def links_of(html: str) -> set[str]:
    """The addresses in a page that are not of the page itself or of another host."""
    found = re.findall(r'(?:href|src|action)="([^"]+)"', html)
    return {address for address in found if not address.startswith(("#", "?", "http", "data:"))}


def sign_in_to_admin(browser: httpx.Client, chat: Chat) -> httpx.Response:
    env = {**chat.service.env, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    if not chat.service.sql("SELECT 1 FROM users_user WHERE username = 'root-of-all'"):
        manage(env, "createsuperuser", "--noinput", "--username", "root-of-all", "--email", "root@example.com")
    page = browser.get(f"{chat.path}/admin/", follow_redirects=True)
    assert page.url.path == f"{chat.path}/admin/login/"
    body = {"username": "root-of-all", "password": PASSWORD, "next": f"{chat.path}/admin/"}
    (token,) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    return browser.post(str(page.url), data={**body, "csrfmiddlewaretoken": token})


def test_the_page_and_what_it_links_are_below_the_path(browser: httpx.Client, chat: Chat) -> None:
    page = browser.get(f"{chat.path}/")
    links = links_of(page.text)
    assert len(links) > 5
    for link in links:
        assert link.startswith(f"{chat.path}/static/")
        assert browser.get(link).status_code == 200
    without_slash = browser.get(chat.path)
    assert (without_slash.status_code, without_slash.headers["Location"]) == (301, f"{chat.path}/")


def test_the_service_itself_answers_below_the_path_and_without_it(chat: Chat) -> None:
    for path in ("/healthz", f"{chat.path}/healthz", f"{chat.path}/", "/"):
        assert httpx.get(f"{chat.service.url}{path}").status_code == 200
    redirect = httpx.get(f"{chat.service.url}{chat.path}?a=b")
    assert (redirect.status_code, redirect.headers["Location"]) == (301, f"{chat.path}/?a=b")
    assert httpx.get(f"{chat.service.url}{chat.path}s/").status_code == 404


def test_the_admin_links_and_redirects_below_the_path(browser: httpx.Client, chat: Chat) -> None:
    redirect = browser.get(f"{chat.path}/admin/")
    assert redirect.headers["Location"] == f"{chat.path}/admin/login/?next={chat.path}/admin/"
    signed_in = sign_in_to_admin(browser, chat)
    assert signed_in.headers["Location"] == f"{chat.path}/admin/"
    index = browser.get(f"{chat.path}/admin/")
    assert "root-of-all" in index.text
    assert {link for link in links_of(index.text) if not link.startswith(chat.path)} == set()
    assert {
        browser.get(link, follow_redirects=True).status_code for link in links_of(index.text) if "logout" not in link
    } == {200}


def test_the_admin_says_what_it_did_though_the_host_has_messages_of_its_own(browser: httpx.Client, chat: Chat) -> None:
    sign_in_to_admin(browser, chat)
    (person,) = chat.service.people()
    form = browser.get(f"{chat.path}/admin/users/user/{person.id}/change/").text
    fields = dict(re.findall(r'<input type="(?:text|hidden|email|url)" name="([^"]+)" value="([^"]*)"', form))
    saved = browser.post(f"{chat.path}/admin/users/user/{person.id}/change/", data={**fields, "display_name": "Anna"})
    assert saved.headers["Location"] == f"{chat.path}/admin/users/user/"
    assert "was changed successfully" in browser.get(saved.headers["Location"]).text


def test_the_docs_page_and_the_schema_are_below_the_path(browser: httpx.Client, chat: Chat) -> None:
    page = browser.get(f"{chat.path}/api/v1/docs/")
    links = links_of(page.text.replace("&amp;", "&"))
    assert {link for link in links if not link.startswith(chat.path)} == set()
    assert {browser.get(link).status_code for link in links} == {200}
    schema = browser.get(f"{chat.path}/api/v1/schema/?format=json").json()
    assert schema["servers"] == [{"url": chat.path}]
    assert "/api/v1/chats/" in schema["paths"]


def test_the_cookies_have_a_name_and_a_path_of_their_own(browser: httpx.Client, chat: Chat) -> None:
    suffix = chat.path.replace("/", "_")
    browser.get(f"{chat.path}/api/v1/session/")
    token = browser.cookies[f"csrftoken{suffix}"]
    answer = browser.post(f"{chat.path}/api/v1/session/", json={"username": "Adam"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 201
    places = {cookie.name: cookie.path for cookie in browser.cookies.jar if cookie.value != "hosts-own"}
    assert places == {f"sessionid{suffix}": f"{chat.path}/", f"csrftoken{suffix}": f"{chat.path}/"}
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)
    Stream(f"{chat.url}/api/v1/stream", {"Cookie": cookies}).wait("hello")
    old = Stream(f"{chat.url}/stream", {"Cookie": cookies})
    assert old.status == 200
    assert browser.get(f"{chat.path}/me").json()["username"] == "Adam"
    assert browser.get(f"{chat.path}/users/online").status_code == 200
    assert browser.get(f"{chat.path}/socket.io/?EIO=4&transport=polling").text.startswith('0{"sid":')


def test_tokens_tickets_and_pages_work_below_the_path(browser: httpx.Client, chat: Chat) -> None:
    (person,) = chat.service.people()
    headers = {"Authorization": f"Bearer {person.token}"}
    ticket = browser.post(f"{chat.path}/api/v1/tickets/", headers=headers).json()["ticket"]
    stream = Stream(f"{chat.url}/api/v1/stream?ticket={ticket}")
    stream.wait("hello")
    for number in range(3):
        body = {"room_id": 0, "message": f"text {number}"}
        assert browser.post(f"{chat.path}/api/v1/chats/", json=body, headers=headers).status_code == 201
    stream.wait("message.created", lambda event: event["data"]["message"] == "text 2")
    page = browser.get(f"{chat.path}/api/v1/rooms/0/messages/?limit=2", headers=headers).json()
    older = browser.get(f"{chat.path}/api/v1/rooms/0/messages/?limit=2&before={page['previous']}", headers=headers)
    assert older.json()["results"][-1]["seq"] == page["results"][0]["seq"] - 1


def test_two_pages_of_one_host_do_not_sign_each_other_out(chats: list[Chat], chromium: Browser) -> None:
    context = chromium.new_context()
    host = context.new_page()
    host.goto(chats[0].url.removesuffix(chats[0].path))
    (adam, complaints), (kyle, others) = (
        come_in(context, chat.url, name) for chat, name in zip(chats, ("Adam", "Kyle"), strict=True)
    )
    for page, chat, text in ((adam, chats[0], "one"), (kyle, chats[1], "two")):
        page.get_by_test_id("composer-input").fill(text)
        page.get_by_test_id("send").click()
        expect(page.get_by_test_id("message-log").get_by_text(text, exact=True)).to_be_visible()
        (writer,) = chat.service.people()
        writer.send_text(f"answer to {text}")
        expect(page.get_by_test_id("message-log").get_by_text(f"answer to {text}")).to_be_visible()
    for page, name in ((adam, "Adam"), (kyle, "Kyle")):
        page.reload()
        expect(page.get_by_test_id("me")).to_have_text(name)
        expect_live(page)
    adam.get_by_test_id("log-out").click()
    expect(adam.get_by_test_id("sign-in")).to_be_visible()
    assert adam.url.rstrip("#/") == chats[0].url
    kyle.reload()
    expect(kyle.get_by_test_id("me")).to_have_text("Kyle")
    assert complaints == others == []
    assert {cookie["value"] for cookie in context.cookies() if cookie["path"] == "/"} == {"hosts-own"}
    context.close()


def test_what_a_page_keeps_in_a_tab_is_not_the_next_chats(chats: list[Chat], chromium: Browser) -> None:
    context = chromium.new_context()
    page, _ = come_in(context, chats[0].url, "Bob")
    page.get_by_test_id("composer-input").fill("a draft")
    page.evaluate("sessionStorage.setItem('hosts', 'own')")
    page.goto(f"{chats[1].url}/")
    page.locator("[data-testid=demo-sign-in][data-username=Bob]").click()
    page.locator("[data-room-id='0']").first.click()
    expect(page.get_by_test_id("composer-input")).to_have_value("")
    page.get_by_test_id("log-out").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    page.goto(f"{chats[0].url}/#/rooms/0")
    expect(page.get_by_test_id("composer-input")).to_have_value("a draft")
    assert page.evaluate("sessionStorage.getItem('hosts')") == "own"
    context.close()


def test_the_docs_page_calls_the_service_below_the_path(chats: list[Chat], chromium: Browser) -> None:
    chat = chats[0]  # that the schema of both names their own path, another test shows
    page = chromium.new_page()
    page.goto(f"{chat.url}/api/v1/docs/")
    operation = page.locator("#operations-session-session_list, .opblock-get:has-text('/api/v1/session/')").first
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".request-url")).to_contain_text(f"{chat.path}/api/v1/session/")
    expect(operation.locator(".live-responses-table td.response-col_status:not(.col_header)")).to_have_text("200")
    page.close()
