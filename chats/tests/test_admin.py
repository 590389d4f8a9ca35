"""Moderation of messages in the admin."""

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chats.actions.changes import remove_message
from chats.actions.messages import send_message
from chats.models import Message
from chats.serializers.messages import shown_message
from chatserver.tests.harness.moderation import act, audited, confirm, emitted
from rooms.actions.rooms import create_room
from rooms.models import Room

MESSAGES = "/admin/chats/message/"


@pytest.fixture
def team(alice, bob):
    return create_room(alice, [bob], name="Team", kind="closed")


@pytest.fixture
def message(team, alice):
    return send_message(alice, team.pk, "a rude word")[0]


@pytest.mark.parametrize("path", ["", "1/change/"])
def test_users_without_staff_status_are_sent_to_the_login(alice, path):
    client = Client()
    client.force_login(alice)
    assert client.get(MESSAGES + path).status_code == 302


def test_removing_a_text_asks_first(admin_client, message):
    answer = act(admin_client, MESSAGES, "remove_text", message)
    assert "Are you sure?" in answer.text
    assert "alice in Team: a rude word" in answer.text
    message.refresh_from_db()
    assert message.text == "a rude word"
    assert emitted("message.deleted") == []


def test_a_removed_text_is_gone_and_the_room_hears_what_the_api_would_say(admin_client, admin_user, message, team):
    confirm(admin_client, MESSAGES, "remove_text", message)
    message.refresh_from_db()
    assert message.text == ""
    assert message.removed_at is not None
    (row,) = emitted("message.deleted")
    assert (row.topic, row.room_id, row.actor_id) == (f"room:{team.pk}", team.pk, admin_user.pk)
    assert msgspec.json.decode(row.body) == shown_message(message.record)
    assert audited(message.pk) == [("admin", "Removed text")]


def test_the_api_and_the_admin_emit_the_same_event(admin_client, admin_user, message, team, alice):
    other = send_message(alice, team.pk, "another rude word")[0]
    remove_message(other, actor=admin_user)
    confirm(admin_client, MESSAGES, "remove_text", message)
    by_api, by_admin = emitted("message.deleted")
    assert (by_api.topic, by_api.kind, by_api.actor_id) == (by_admin.topic, by_admin.kind, by_admin.actor_id)
    assert msgspec.json.decode(by_api.body).keys() == msgspec.json.decode(by_admin.body).keys()


def test_many_messages_are_removed_at_once_and_others_stay(admin_client, team, alice):
    first, second, third = (send_message(alice, team.pk, word)[0] for word in ("one", "two", "three"))
    confirm(admin_client, MESSAGES, "remove_text", first, third)
    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == ["", "two", ""]
    assert len(emitted("message.deleted")) == 2


def test_everything_that_a_search_finds_is_not_removed_by_one_click(admin_client, team, alice, monkeypatch):
    monkeypatch.setattr("chatserver.http.bounded_admin.MAX_AT_ONCE", 2)
    rows = [send_message(alice, team.pk, "spam")[0] for _ in range(3)]
    data = {"action": "remove_text", "_selected_action": [rows[0].pk], "select_across": "1", "confirmed": "yes"}
    assert "Choose at most 2 at once." in admin_client.post(MESSAGES, data, follow=True).text
    assert Message.objects.filter(text="spam").count() == 3


def test_staff_who_may_only_look_remove_nothing(alice, message):
    alice.is_staff = True
    alice.save()
    alice.user_permissions.set(Permission.objects.filter(codename="view_message"))
    client = Client()
    client.force_login(alice)
    assert client.get(MESSAGES).status_code == 200
    confirm(client, MESSAGES, "remove_text", message)
    message.refresh_from_db()
    assert message.text == "a rude word"
    assert emitted("message.deleted") == []


def test_messages_are_neither_written_nor_changed_nor_deleted_by_hand(admin_client, message):
    page = f"{MESSAGES}{message.pk}/"
    assert admin_client.get(f"{MESSAGES}add/").status_code == 403
    assert "a rude word" in admin_client.get(f"{page}change/").text
    assert "<textarea" not in admin_client.get(f"{page}change/").text
    assert admin_client.post(f"{page}change/", {"text": "a kind word"}).status_code == 403
    assert admin_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in admin_client.get(MESSAGES).text
    message.refresh_from_db()
    assert message.text == "a rude word"


def test_what_people_write_is_shown_as_text(admin_client, team, alice):
    message = send_message(alice, team.pk, "<script>alert(1)</script>")[0]
    for page in (MESSAGES, f"{MESSAGES}{message.pk}/change/"):
        html = admin_client.get(page).text
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html


def test_messages_are_found_by_id_by_room_and_by_sender(admin_client, message, team, alice, bob):
    theirs = send_message(bob, team.pk, "hello")[0]
    general = send_message(bob, Room.objects.get(pk=0).pk, "hello all")[0]

    def found(words):
        return {found.pk for found in admin_client.get(MESSAGES, {"q": words}).context["cl"].result_list}

    assert found(str(message.pk)) == {message.pk}
    assert found(f"room:{team.pk}") == {message.pk, theirs.pk}
    assert found("BOB") == {theirs.pk, general.pk}
    assert found("room:0 bob") == {general.pk}
    assert found("room:0 alice") == set()
    assert found("nobody") == found("room:99999999") == set()


def test_a_list_ends_where_the_newest_rows_end_but_an_old_one_is_found_by_its_id(
    admin_client, team, alice, monkeypatch
):
    rows = [send_message(alice, team.pk, "hello")[0] for _ in range(4)]
    monkeypatch.setattr("chatserver.http.bounded_admin.MAX_NEWEST", 2)
    monkeypatch.setattr("chats.admin.MAX_NEWEST", 3)

    def found(words):
        return [found.pk for found in admin_client.get(MESSAGES, {"q": words}).context["cl"].result_list]

    newest_first = [row.pk for row in reversed(rows)]
    assert found("") == newest_first[:2]
    assert found("alice") == newest_first[:2]
    assert found(f"room:{team.pk}") == newest_first[:3]
    assert found(str(rows[0].pk)) == [rows[0].pk]


def test_the_list_takes_a_fixed_number_of_queries(admin_client, team, alice, bob, django_assert_num_queries):
    for sender in (alice, bob, alice):
        send_message(sender, team.pk, "hello")
    with django_assert_num_queries(5):  # session, who, newest id, count, page
        assert admin_client.get(MESSAGES).context["cl"].result_count == 3
