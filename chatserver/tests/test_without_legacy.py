"""The page and the API without the old chat-service's routes, and the server without the package that has them."""

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from chatserver.tests.harness import service as harness
from chatserver.tests.harness.service import Service

OLD = [
    "/login",
    "/logout",
    "/me",
    "/users",
    "/users/online",
    "/rooms/1",
    "/room",
    "/room/0/messages",
    "/room/0/preload",
    "/links",
    "/randomname",
    "/socket.io/",
    "/stream",
    "/stream/",
]
NOT_OURS = shutil.ignore_patterns(".*", "var", "env", "venv", "benchmarks", "docs", "node_modules")


@pytest.fixture(scope="module")
def site(start_shared_service: Callable[..., Service]) -> Service:
    return start_shared_service(CHAT_LEGACY_ROUTES="False")


def assert_posts_and_streams(site: Service) -> None:
    alice, bob = site.people(2)
    room = alice.make_room(bob)
    stream = bob.listen()
    sent = alice.send_text("hai", room)
    stream.wait("message.created", lambda data: data["data"]["id"] == sent["id"])
    assert [message["id"] for message in bob.get(f"/api/v1/rooms/{room}/messages/").json()["results"]] == [sent["id"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", OLD)
def test_an_old_route_is_404_like_any_path_that_is_not_there(site: Service, path: str, method: str) -> None:
    (alice,) = site.people()
    headers = {"X-Request-ID": "mine"}
    answer, unknown = (alice.request(method, name, headers=headers, json={"a": 1}) for name in (path, "/nope"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json() == unknown.json()


def test_the_api_posts_and_streams(site: Service) -> None:
    assert_posts_and_streams(site)


def test_one_registers_on_the_page_chats_signs_out_and_signs_in_again(site: Service, chromium: Browser) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
    name, password = f"p{uuid.uuid4().hex[:12]}", "correct horse battery"
    page.goto(f"{site.url}/")
    page.get_by_test_id("register-toggle").click()
    submit(page, name, password)
    say(page, f"hai from {name}")

    page.get_by_test_id("log-out").click()
    expect(page.get_by_test_id("sign-in")).to_be_visible()
    submit(page, name, "wrong")
    expect(page.get_by_test_id("sign-in-problem")).to_have_text("Invalid username or password.")
    submit(page, name, password)
    say(page, f"hai again from {name}")
    page.close()
    assert [path for path in asked if path.split("?")[0] in OLD] == []


def submit(page: Page, name: str, password: str) -> None:
    form = page.get_by_test_id("sign-in-form")
    form.locator("[name=username]").fill(name)
    form.locator("[name=password]").fill(password)
    page.get_by_test_id("sign-in-submit").click()


def say(page: Page, text: str) -> None:
    page.locator("[data-room-id='0']").first.click()
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "live")
    page.get_by_test_id("composer-input").fill(text)
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("message-log").get_by_text(text, exact=True)).to_be_visible()


@pytest.fixture
def tree_without_legacy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project without the package; services start in it."""
    copy = tmp_path / "project"
    shutil.copytree(harness.PROJECT, copy, ignore=NOT_OURS)
    shutil.rmtree(copy / "chatserver/legacy")
    monkeypatch.setattr(harness, "PROJECT", copy)
    return copy


def test_a_tree_without_the_package_serves_posts_and_streams(
    tree_without_legacy: Path, start_service: Callable[..., Service]
) -> None:
    site = start_service(CHAT_LEGACY_ROUTES="False")
    assert_posts_and_streams(site)
    assert httpx.get(f"{site.url}/me").status_code == httpx.get(f"{site.url}/stream").status_code == 404
    assert "no issues" in harness.manage(site.env, "check")


def test_a_tree_without_the_package_says_what_to_set(tree_without_legacy: Path, granian: Service) -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=tree_without_legacy, env=granian.env, capture_output=True, text=True
    )
    assert started.returncode != 0
    assert started.stderr.strip().endswith(
        "CHAT_LEGACY_ROUTES is True, but there is no chatserver/legacy; set it to False"
    )
