"""People are made and changed by the forms of the admin as by the API: events are emitted, and what has to end ends."""

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chatserver.tests.harness.moderation import PEOPLE, audited, emitted, form_of, revoked
from rooms.models import Membership
from users.actions.credentials import issue_token
from users.actions.people import ban_user
from users.models import User

PASSWORD = "another horse battery"


def test_a_moderator_gives_no_rights(moderator_client, admin_client, alice):
    change = f"{PEOPLE}{alice.pk}/change/"
    rights = {"is_staff": "on", "is_superuser": "on", "is_service": "on"}
    assert moderator_client.post(change, form_of(alice, **rights)).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.is_service) == (False, False, False)
    assert admin_client.post(change, form_of(alice, is_staff="on")).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.is_service) == (True, False, False)


def test_somebody_without_a_password_gets_rights_and_loses_them(admin_client, alice):
    User.objects.filter(pk=alice.pk).update(password="!")
    alice.refresh_from_db()
    for rights, is_staff in (({"is_staff": "on"}, True), ({}, False)):
        assert admin_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, **rights)).status_code == 302
        alice.refresh_from_db()
        assert alice.is_staff == is_staff


def test_the_form_can_not_ban_or_unban(admin_client, alice, bob):
    ban_user(bob)
    assert 'name="is_active"' not in admin_client.get(f"{PEOPLE}{alice.pk}/change/").text
    admin_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice))
    admin_client.post(f"{PEOPLE}{bob.pk}/change/", form_of(bob, is_active="on", banned_at_0="", banned_at_1=""))
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert alice.is_active
    assert not bob.is_active


def test_everybody_gets_the_event_of_a_changed_profile(moderator_client, alice):
    answer = moderator_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, username="ally", display_name="Ally"))
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert (alice.username, alice.display_name) == ("ally", "Ally")
    (row,) = emitted("user.updated")
    assert row.topic == "room:0"
    assert msgspec.json.decode(row.body)["username"] == "ally"
    assert audited(alice.pk) == [("mod", "Changed Username and Display name.")]


def test_a_form_that_changes_nothing_emits_nothing(moderator_client, alice):
    moderator_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice))
    assert emitted("user.updated") == []


def test_a_name_that_is_taken_is_refused_in_any_case(moderator_client, alice, bob):
    answer = moderator_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, username="BOB"))
    assert answer.status_code == 200
    assert emitted("user.updated") == []
    alice.refresh_from_db()
    assert alice.username == "alice"


def test_a_new_user_is_announced_and_in_general(moderator_client):
    new = {"username": "dora", "email": "dora@example.com", "usable_password": "true"}
    answer = moderator_client.post(f"{PEOPLE}add/", {**new, "password1": PASSWORD, "password2": PASSWORD})
    dora = User.objects.get(username="dora")
    assert answer["Location"] == f"{PEOPLE}{dora.pk}/change/"
    assert dora.check_password(PASSWORD)
    assert dora.email == "dora@example.com"
    assert Membership.objects.filter(user=dora, room_id=0).exists()
    assert msgspec.json.decode(emitted("user.created")[-1].body)["id"] == dora.pk
    assert audited(dora.pk) == [("mod", "Added.")]


def test_a_new_user_may_have_no_password(moderator_client):
    moderator_client.post(f"{PEOPLE}add/", {"username": "dora", "usable_password": "false"})
    assert not User.objects.get(username="dora").has_usable_password()


def test_a_new_user_needs_a_name_that_is_free(moderator_client, alice):
    answer = moderator_client.post(f"{PEOPLE}add/", {"username": "ALICE", "usable_password": "false"})
    assert answer.status_code == 200
    assert User.objects.filter(username="ALICE").count() == 0
    assert len(emitted("user.created")) == 2  # mod and alice


def test_a_name_that_was_taken_meanwhile_is_refused_with_a_sentence(moderator_client, alice, monkeypatch):
    for module in ("users.admin.people", "users.actions.people"):
        monkeypatch.setattr(f"{module}.check_name_is_free", lambda *_: None)
    answer = moderator_client.post(f"{PEOPLE}add/", {"username": "ALICE", "usable_password": "false"}, follow=True)
    assert "This username is taken." in answer.text
    assert User.objects.named("alice").count() == 1


@pytest.mark.parametrize("usable", ["true", "false"])
def test_a_new_password_ends_tokens_sessions_and_streams(moderator_client, alice, usable):
    browser = Client()
    browser.force_login(alice)
    issue_token(alice)
    new = {"usable_password": usable, "password1": PASSWORD, "password2": PASSWORD, "set-password": "1"}
    page = f"{PEOPLE}{alice.pk}/password/"
    answer = moderator_client.post(
        page, new if usable == "true" else {"usable_password": "false", "unset-password": "1"}
    )
    assert answer.status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD) == (usable == "true")
    assert alice.has_usable_password() == (usable == "true")
    assert not browser.get("/").wsgi_request.user.is_authenticated
    assert not alice.tokens.exists()
    assert revoked(alice) == ["password_changed"]
    assert [who for who, _ in audited(alice.pk)] == ["mod"]


def test_a_password_that_is_refused_ends_nothing(moderator_client, alice):
    issue_token(alice)
    new = {"usable_password": "true", "password1": "123", "password2": "123", "set-password": "1"}
    assert moderator_client.post(f"{PEOPLE}{alice.pk}/password/", new).status_code == 200
    assert alice.tokens.exists()
    assert revoked(alice) == []


def test_whoever_may_change_and_ban_people_may_not_set_a_password(moderator_client, alice):
    mod = User.objects.get(username="mod")
    mod.user_permissions.remove(Permission.objects.get(codename="set_password"))
    new = {"usable_password": "true", "password1": PASSWORD + "2", "password2": PASSWORD + "2", "set-password": "1"}
    assert moderator_client.post(f"{PEOPLE}{alice.pk}/password/", new).status_code == 403
    assert User.objects.get(pk=alice.pk).password == alice.password
    assert moderator_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, display_name="A")).status_code == 302
