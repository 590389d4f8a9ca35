"""Moderation of people in the admin: who may, what is done to them, and how they are found."""

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chatserver.tests.harness.moderation import PEOPLE, TOKENS, act, audited, confirm, emitted, form_of, revoked
from users.actions.credentials import issue_token
from users.actions.people import ban_user, delete_user
from users.models import User

PASSWORD = "another horse battery"


@pytest.mark.parametrize("page", [PEOPLE, TOKENS, f"{PEOPLE}add/"])
def test_users_without_staff_status_are_sent_to_the_login(alice, page):
    client = Client()
    assert client.get(page).status_code == 302
    client.force_login(alice)
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_staff_without_permissions_sees_and_does_nothing(alice, bob):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = Client()
    client.force_login(alice)
    assert client.get(PEOPLE).status_code == 403
    assert act(client, PEOPLE, "ban", bob).status_code == 403
    bob.refresh_from_db()
    assert bob.is_active


def test_staff_who_may_only_look_are_offered_no_action(alice, bob):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client = Client()
    client.force_login(alice)
    assert 'name="action"' not in client.get(PEOPLE).text
    act(client, PEOPLE, "ban", bob)
    bob.refresh_from_db()
    assert bob.is_active


def test_a_ban_shuts_out_and_ends_the_streams_and_is_audited(moderator_client, alice, bob):
    issue_token(alice)
    act(moderator_client, PEOPLE, "ban", alice)
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert not alice.is_active
    assert alice.banned_at is not None
    assert bob.is_active
    assert not alice.tokens.exists()
    assert revoked(alice) == ["banned"]
    assert audited(alice.pk) == [("mod", "Banned")]


def test_an_unban_lets_in_again(moderator_client, alice):
    ban_user(alice)
    act(moderator_client, PEOPLE, "unban", alice)
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.banned_at is None
    assert audited(alice.pk) == [("mod", "Unbanned")]


def test_logging_a_user_out_everywhere_ends_their_sessions_tokens_and_streams(moderator_client, alice):
    browser = Client()
    browser.force_login(alice)
    issue_token(alice)
    act(moderator_client, PEOPLE, "log_out_everywhere", alice)
    assert not browser.get("/").wsgi_request.user.is_authenticated
    assert not alice.tokens.exists()
    assert revoked(alice) == ["logged_out"]
    assert audited(alice.pk) == [("mod", "Logged out everywhere")]


def test_deleting_an_account_asks_first(moderator_client, alice):
    answer = act(moderator_client, PEOPLE, "delete_account", alice)
    assert "Are you sure?" in answer.text
    assert "alice" in answer.text
    alice.refresh_from_db()
    assert not alice.is_deleted
    assert audited(alice.pk) == []


def test_a_deleted_account_is_emptied_and_its_streams_end(moderator_client, alice):
    confirm(moderator_client, PEOPLE, "delete_account", alice)
    alice.refresh_from_db()
    assert alice.is_deleted
    assert "alice" not in alice.username + alice.email
    assert [msgspec.json.decode(row.body)["is_deleted"] for row in emitted("user.updated")] == [True]
    assert revoked(alice) == ["deleted"]
    assert audited(alice.pk) == [("mod", "Deleted account")]


def test_a_deleted_account_stays_as_it_is(moderator_client, alice):
    delete_user(alice)
    answer = act(moderator_client, PEOPLE, "unban", alice)
    assert "This account is deleted." in answer.text
    assert moderator_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, username="back")).status_code == 403
    alice.refresh_from_db()
    assert not alice.is_active
    assert alice.username != "back"
    assert audited(alice.pk) == []


def test_nobody_bans_or_deletes_themselves(admin_client, admin_user):
    assert "This is you." in act(admin_client, PEOPLE, "ban", admin_user).text
    assert "This is you." in confirm(admin_client, PEOPLE, "delete_account", admin_user).text
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert not admin_user.is_deleted


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_service"])
def test_a_moderator_can_do_nothing_to_those_above_them(moderator_client, admin_client, alice, right):
    User.objects.filter(pk=alice.pk).update(**{right: True})
    change, password = f"{PEOPLE}{alice.pk}/change/", f"{PEOPLE}{alice.pk}/password/"
    new = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    for action in ("ban", "unban", "log_out_everywhere"):
        assert "Only superusers may do this" in act(moderator_client, PEOPLE, action, alice).text
    assert "Only superusers may do this" in confirm(moderator_client, PEOPLE, "delete_account", alice).text
    assert moderator_client.post(password, new).status_code == 403
    assert moderator_client.post(change, form_of(alice, username="x")).status_code == 403
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.username == "alice"
    assert not alice.check_password(PASSWORD)
    assert revoked(alice) == []
    act(admin_client, PEOPLE, "ban", alice)
    alice.refresh_from_db()
    assert not alice.is_active


def test_accounts_can_not_be_deleted_as_rows(admin_client, alice):
    assert "delete_selected" not in admin_client.get(PEOPLE).text
    assert "deletelink" not in admin_client.get(f"{PEOPLE}{alice.pk}/change/").text
    assert admin_client.post(f"{PEOPLE}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    act(admin_client, PEOPLE, "delete_selected", alice, post="yes")
    assert User.objects.filter(pk=alice.pk).exists()


def test_people_are_found_by_id_and_by_the_beginning_of_the_name(admin_client, alice, bob):
    def found(words):
        return {user.username for user in admin_client.get(PEOPLE, {"q": words}).context["cl"].result_list}

    assert found("AL") == {"alice"}
    assert found("lice") == set()
    assert found(str(bob.pk)) == {"bob"}
    assert found("alice bob") == set()


@pytest.mark.parametrize(
    "lookup", ["password__startswith", "session_salt__gt", "tokens__secret_hash__gt", "email__contains"]
)
def test_no_secret_is_guessed_letter_by_letter_through_the_address(admin_client, alice, lookup):
    assert admin_client.get(PEOPLE, {lookup: "p"}).status_code == 400


def test_lists_take_a_fixed_number_of_queries(admin_client, alice, bob, charlie, django_assert_num_queries):
    for user in (alice, bob, charlie):
        issue_token(user)
    with django_assert_num_queries(4):  # session, who, count, page
        assert admin_client.get(PEOPLE).context["cl"].result_count == 4
    with django_assert_num_queries(4):
        assert admin_client.get(TOKENS).context["cl"].result_count == 3
