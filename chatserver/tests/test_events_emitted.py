"""Every type of the catalogue, as a running service sends it. The streams check each against its schema."""

from collections.abc import Callable

from chatserver.events import catalogue
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for


def test_a_service_emits_every_type_that_is_registered(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, bob = service.people(2)
    stream = alice.listen()
    room = alice.make_room()
    happen(alice, bob, room)
    bob.listen()
    heard = {name for name, each in catalogue.TYPES.items() if each.topics != ("notifications",)}
    wait_for(lambda: {event.name for event in stream.events} >= heard, what="every type")
    shown = {event.name: event.data["data"] for event in stream.events if event.name in catalogue.TYPES}
    for name, data in shown.items():
        assert set(data) == set(catalogue.TYPES[name].example), name
    stream.close()


def happen(alice: Client, bob: Client, room: int) -> None:
    """All that members do in a room, and to themselves."""
    url = f"/api/v1/rooms/{room}/"
    calls = [
        ("POST", "/api/v1/users/", {"username": "newcomer", "password": "correct horse battery"}),
        ("PATCH", "/api/v1/users/me/", {"display_name": "Alice A."}),
        ("PUT", "/api/v1/users/me/presence/", {"invisible": True}),
        ("PUT", "/api/v1/users/me/presence/", {"invisible": False}),
        ("PATCH", url, {"name": "another name"}),
        ("PATCH", f"{url}me/", {"pinned": True}),
        ("PUT", f"/api/v1/blocks/{bob.id}/", None),
        ("DELETE", f"/api/v1/blocks/{bob.id}/", None),
        ("POST", f"{url}members/", {"user_id": bob.id}),
        ("PATCH", f"{url}members/{bob.id}/", {"role": "moderator"}),
        ("POST", f"{url}typing/", None),
        ("DELETE", f"{url}typing/", None),
    ]
    for method, path, body in calls:
        assert alice.request(method, path, json=body).is_success, path
    message = bob.send_text("hai", room)
    path = f"/api/v1/messages/{message['id']}/"
    assert alice.put(f"{path}follow/").is_success
    for method, part, body in (
        ("PATCH", "", {"message": "hai, all"}),
        ("PUT", "reactions/:shipit:/", None),
        ("PUT", "pin/", None),
        ("DELETE", "reactions/:shipit:/", None),
        ("DELETE", "", None),
    ):
        assert bob.request(method, path + part, json=body).is_success, part
    asked = f"/api/v1/rooms/{alice.make_room()}/"
    assert alice.patch(asked, json={"join_requests": True}).is_success
    assert bob.post(f"{asked}join-requests/", json={}).is_success
    assert alice.delete(f"{asked}join-requests/{bob.id}/").is_success
    theirs = f"/api/v1/rooms/{bob.make_room()}/invitations/"
    invitation = bob.post(theirs, json={"user_id": alice.id}).json()
    assert alice.post(f"/api/v1/invitations/{invitation['id']}/accept/").is_success
    assert alice.put(f"{url}read-marker/", json={"seq": message["seq"]}).is_success
    assert bob.delete(f"{url}members/{bob.id}/").is_success
    assert alice.delete(f"/api/v1/rooms/{alice.make_room()}/members/{alice.id}/").is_success
    assert alice.delete(url).is_success
