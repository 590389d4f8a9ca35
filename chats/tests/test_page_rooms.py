"""What moderators do with a room on the page, in a real Chromium: who may join, who is invited, what is archived."""

from playwright.sync_api import BrowserContext, Page, expect

from chatserver.tests.harness.page import come_in, id_of, messages_of, open_room, room_of
from chatserver.tests.harness.service import Service


def show_details(page: Page) -> None:
    page.get_by_test_id("room-details").click()
    expect(page.get_by_test_id("member-list").get_by_test_id("person-choice").first).to_be_visible()


def add(page: Page, name: str) -> None:
    page.get_by_test_id("details-search").fill(name.lower())
    page.locator("#details-results").get_by_test_id("person-choice").click()


def test_people_ask_to_join_and_moderators_decide(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    room, _ = room_of(site, "Adam")
    adam, complaints = come_in(context, site.url, "Adam", room)
    kyle, _ = come_in(other_context, site.url, "Kyle")
    link = f"{site.url}/#/rooms/{room}"
    # Where nobody may ask, the room is as good as none.
    kyle.goto(link)
    kyle.get_by_test_id("outside-act").click()
    expect(kyle.get_by_test_id("outside")).to_contain_text("There is no such room")
    expect(kyle.get_by_test_id("outside-act")).to_be_hidden()
    show_details(adam)
    adam.get_by_test_id("tab-settings").click()
    adam.get_by_test_id("takes-requests").select_option("true")
    adam.get_by_test_id("settings-save").click()
    expect(adam.get_by_test_id("toast")).to_have_text("The settings were saved.")
    expect(adam.get_by_test_id("asking-mark")).to_be_hidden()
    kyle.reload()
    kyle.get_by_test_id("outside-words").fill("I bring the rope")
    kyle.get_by_test_id("outside-act").click()
    expect(kyle.get_by_test_id("outside")).to_contain_text("You have asked to join")
    expect(adam.get_by_test_id("asking-mark")).to_be_visible()
    show_details(adam)
    request = adam.get_by_test_id("join-request")
    expect(request).to_contain_text("Kyle")
    expect(request).to_contain_text("I bring the rope")
    request.get_by_test_id("request-decline").click()
    expect(request).to_have_count(0)
    expect(kyle.get_by_test_id("outside")).to_contain_text("Your request has ended")
    kyle.get_by_test_id("outside-act").click()
    request.get_by_test_id("request-add").click()
    expect(adam.get_by_test_id("member-list")).to_contain_text("Kyle")
    expect(request).to_have_count(0)
    expect(adam.get_by_test_id("asking-mark")).to_be_hidden()
    expect(kyle.get_by_test_id("room-name")).to_have_text("The quay")
    expect(messages_of(kyle).first).to_contain_text("A first message")
    expect(kyle.get_by_test_id("outside")).to_be_hidden()
    # Who does not moderate is not told.
    kyle.get_by_test_id("room-details").click()
    expect(kyle.get_by_test_id("member-list")).to_contain_text("Adam")
    expect(kyle.get_by_test_id("join-requests")).to_be_hidden()
    assert complaints == []


def test_a_link_to_an_open_room_joins_it(site: Service, context: BrowserContext) -> None:
    room, founder = room_of(site, "Adam", kind="open")
    kyle, _ = come_in(context, site.url, "Kyle")
    kyle.goto(f"{site.url}/#/rooms/{room}")
    expect(kyle.get_by_test_id("outside")).to_contain_text("The quay")
    kyle.get_by_test_id("outside-act").click()
    expect(messages_of(kyle).first).to_contain_text("A first message")
    members = founder.get(f"/api/v1/rooms/{room}/members/").json()["results"]
    assert "Kyle" in [member["user"]["username"] for member in members]


def test_who_has_just_left_is_invited_instead_and_an_invitation_can_be_revoked(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    room, _ = room_of(site, "Adam")
    adam, _ = come_in(context, site.url, "Adam", room)
    kyle, complaints = come_in(other_context, site.url, "Kyle")
    show_details(adam)
    add(adam, "Kyle")
    expect(adam.get_by_test_id("member-list")).to_contain_text("Kyle")
    open_room(kyle, room)
    show_details(kyle)
    expect(kyle.get_by_test_id("invite")).to_be_hidden()
    kyle.get_by_test_id("leave-room").click()
    expect(kyle.locator(f"#rooms [data-room-id='{room}']")).to_have_count(0)
    adam.reload()
    show_details(adam)
    for ending in ("revoke", "accept"):
        add(adam, "Kyle")
        expect(adam.get_by_role("dialog", name="Invite Kyle instead?")).to_contain_text("left this room")
        adam.get_by_test_id("confirm").click()
        invited = adam.get_by_test_id("open-invitation").filter(has_text="Kyle")
        expect(invited).to_contain_text("by you")
        expect(kyle.get_by_test_id("invitation")).to_contain_text("The quay")
        if ending == "revoke":
            invited.get_by_test_id("revoke").click()
            expect(kyle.get_by_test_id("invitation")).to_have_count(0)
        else:
            kyle.get_by_test_id("invitation").get_by_role("button", name="Join").click()
            expect(kyle.get_by_test_id("room-name")).to_have_text("The quay")
        expect(invited).to_have_count(0)
    adam.get_by_test_id("invite").click()
    link = adam.get_by_test_id("open-invitation").filter(has_text="Link")
    expect(link).to_contain_text("until")
    link.get_by_test_id("revoke").click()
    expect(adam.get_by_test_id("open-invitations")).to_be_hidden()
    assert complaints == []


def test_an_owner_finds_an_archived_room_and_restores_it(
    site: Service, context: BrowserContext, other_context: BrowserContext
) -> None:
    room, founder = room_of(site, "Adam")
    founder.post(f"/api/v1/rooms/{room}/members/", json={"user_id": id_of(founder, "Kyle")})
    assert founder.delete(f"/api/v1/rooms/{room}/").status_code == 204
    owner, complaints = come_in(context, site.url, "Adam")
    member, _ = come_in(other_context, site.url, "Kyle")
    for page in (owner, member):
        expect(page.locator(f"#rooms [data-room-id='{room}']")).to_have_count(0)
        page.get_by_test_id("archived-rooms").locator("summary").click()
        page.locator(f"[data-testid=archived-room][data-room-id='{room}']").click()
        expect(messages_of(page).first).to_contain_text("A first message")
        page.get_by_test_id("room-details").click()
        page.get_by_test_id("tab-settings").click()
        expect(page.get_by_test_id("settings-save")).to_be_hidden()
    expect(member.get_by_test_id("restore-room")).to_be_hidden()
    owner.get_by_test_id("restore-room").click()
    for page in (owner, member):
        expect(page.locator(f"#rooms [data-room-id='{room}']")).to_be_visible()
        expect(page.locator(f"[data-testid=archived-room][data-room-id='{room}']")).to_have_count(0)
    assert founder.get(f"/api/v1/rooms/{room}/").json()["archived_at"] is None
    assert complaints == []
