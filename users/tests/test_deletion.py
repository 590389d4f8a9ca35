"""DELETE /api/v1/users/"""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.events.models import Kind, Outbox
from chatserver.tests.harness.answers import assert_problem, emitted, revoked
from rooms.actions.exclusions import settle_all
from rooms.actions.rooms import create_room, open_direct_room
from rooms.models import GENERAL_ID, Membership, Room
from users.actions.credentials import issue_token
from users.actions.people import create_user
from users.actions.tickets import issue_ticket
from users.models import Ticket, Token, User


def delete(user: User, path: str = "/api/v1/users/") -> Any:
    secret, _ = issue_token(user)
    return APIClient(headers={"Authorization": f"Bearer {secret}"}).delete(path)


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/"])
def test_nothing_of_a_deleted_person_is_left_but_their_row(alice: User, bob: User, path: str) -> None:
    issue_token(alice)
    issue_ticket(alice)
    answer = delete(alice, path)
    assert (answer.status_code, answer.content) == (204, b"")

    alice.refresh_from_db()
    assert alice.is_deleted
    assert not alice.is_active
    assert not alice.has_usable_password()
    assert (alice.email, alice.display_name, alice.avatar_url) == ("", "", "")
    assert "alice" not in alice.username
    assert not Token.objects.exists()
    assert not Ticket.objects.exists()
    settle_all()
    assert not Membership.objects.filter(user=alice).exists()
    assert revoked(alice.pk) == [("deleted", None)]
    assert emitted("user.updated")[-1]["is_deleted"] is True

    bob.refresh_from_db()
    assert not bob.is_deleted
    assert revoked(bob.pk) == []


def test_what_they_wrote_stays_as_from_a_deleted_person(alice: User, bob: User, api_of: Any) -> None:
    direct, _ = open_direct_room(alice, bob)
    general = Room.objects.get(pk=GENERAL_ID)
    sent = [send_message(alice, room.pk, "remember me")[0].pk for room in (direct, general)]
    delete(alice)
    client = api_of(bob)
    inbox = client.get("/api/v1/chats/").json()["messages"]
    history = client.get(f"/api/v1/rooms/{GENERAL_ID}/messages/").json()["results"]
    assert [message["id"] for message in inbox] == sent[:1]
    for message in (inbox[0], history[-1]):
        assert (message["message"], message["sent_by"]) == ("remember me", alice.pk)
        assert message["sender"]["is_deleted"] is True
        assert "alice" not in str(message)
    assert Message.objects.filter(sender=alice).count() == 2


def test_they_leave_their_rooms_and_successors_become_owners(alice: User, bob: User) -> None:
    room = create_room(alice, [bob], name="ours", kind="closed")
    send_message(bob, room.pk, "hai")
    delete(alice)
    settle_all()
    assert list(Membership.objects.filter(room=room).values_list("user_id", "role")) == [(bob.pk, "owner")]
    left = [event for event in emitted("member.removed") if event["room_id"] == room.pk]
    assert len(left) == 1
    unsubscribed = Outbox.objects.filter(kind=Kind.UNSUBSCRIBE, user_ids=[alice.pk]).values_list("topic", flat=True)
    assert set(unsubscribed) == {"room:0", f"room:{room.pk}"}


def test_nobody_can_write_to_them_any_more(alice: User, bob: User, api_of: Any) -> None:
    delete(alice)
    answer = api_of(bob).post("/api/v1/chats/", {"user_id": alice.pk, "message": "hai"}, format="json")
    assert_problem(answer, 404, "user_not_found")


def test_they_cannot_authenticate_in_any_way(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    delete(alice)
    assert browser.get("/api/v1/users/me/").status_code == 401
    log_in = {"username": "alice", "password": "correct horse battery"}
    assert_problem(APIClient().post("/api/v1/tokens/", log_in, format="json"), 401, "invalid_credentials")
    assert browser.post("/api/v1/session/", log_in, content_type="application/json").status_code == 401


def test_a_user_with_the_name_of_a_deleted_one_hinders_no_deletion(alice: User, bob: User) -> None:
    for name in (f"deleted-{alice.pk}", f"deleted_{alice.pk}", f"deleted{alice.pk}"):
        create_user(name)
    assert delete(alice).status_code == 204
    assert delete(bob).status_code == 204
    log_in = {"username": f"deleted {alice.pk}", "password": "correct horse battery"}
    assert_problem(APIClient().post("/api/v1/users/", log_in, format="json"), 400, field="username")


def test_one_deletes_only_oneself(alice: User, charlie: User) -> None:
    assert delete(charlie, f"/api/v1/users/?user_id={alice.pk}").status_code == 204
    assert_problem(delete(create_user("dora"), f"/api/v1/users/{alice.pk}/"), 405)
    alice.refresh_from_db()
    charlie.refresh_from_db()
    assert (alice.is_deleted, charlie.is_deleted) == (False, True)
