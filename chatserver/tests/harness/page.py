"""What tests do on the page, in a browser."""

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Route, expect

from chatserver.tests.harness.service import Client, Service


def come_in(context: BrowserContext, url: str, name: str, room: int = 0) -> tuple[Page, list[str]]:
    """The page at `url`, signed in as a demo person, in a room; and what the browser complains about."""
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(f"{url}/")
    page.locator(f"[data-testid=demo-sign-in][data-username={name}]").click()
    expect_live(page)
    open_room(page, room)
    return page, complaints


def complaints_of(page: Page, *levels: str) -> list[str]:
    """What its console says from now on: errors, or these levels. A refused request has its address behind it."""

    def note(line: ConsoleMessage) -> None:
        if line.type in (levels or ("error",)):
            complaints.append(f"{line.text} {line.location['url']}")

    complaints: list[str] = []
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def expect_live(page: Page) -> None:
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "live")


def sign_in(context: BrowserContext, site: Service, name: str, room: int = 0) -> Page:
    """come_in(), where nobody asks for complaints."""
    return come_in(context, site.url, name, room)[0]


def open_room(page: Page, room: int) -> None:
    page.locator(f"#rooms [data-room-id='{room}']").click()
    expect(page.locator("[data-testid=message]").last).to_be_visible()


def room_for(site: Service, name: str, texts: int = 1) -> tuple[int, Client]:
    """A new room of a demo person and of somebody who has written so many messages there; and the latter."""
    (writer,) = site.people()
    body = {"kind": "closed", "name": "Long", "members": [id_of(writer, name)]}
    room = writer.post("/api/v1/rooms/", json=body).json()["id"]
    for number in range(texts):
        writer.send_text(f"text {number}", room)
    return room, writer


def room_of(site: Service, name: str, role: str = "owner", **settings: Any) -> tuple[int, Client]:
    """A new closed room of somebody who has written there, and where a demo person has a role; and the former."""
    (founder,) = site.people()
    person_id = id_of(founder, name)
    body = {"kind": "closed", "name": "The quay", "members": [person_id], **settings}
    room = founder.post("/api/v1/rooms/", json=body).json()["id"]
    founder.send_text("A first message", room)
    given = founder.patch(f"/api/v1/rooms/{room}/members/{person_id}/", json={"role": role})
    assert given.status_code == 200
    return room, founder


def id_of(viewer: Client, name: str) -> int:
    """The id of a demo person."""
    found = viewer.get(f"/api/v1/users/?q={name}").json()["results"]
    (person_id,) = [person["id"] for person in found if person["username"] == name]
    return person_id


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer-input").fill(text)
    page.get_by_test_id("send").click()


def messages_of(page: Page) -> Locator:
    return page.get_by_test_id("message-log").locator("[data-seq]")


def hold(page: Page, address: str) -> list[Route]:
    """The requests to an address, each of which waits until the test calls its continue_()."""

    def keep(route: Route) -> None:
        held.append(route)

    held: list[Route] = []
    page.route(address, keep)
    return held


def wait_for_frames(page: Page) -> None:
    """Wait until the page has drawn what it knows: it draws once per frame, so the second one shows all of it."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
