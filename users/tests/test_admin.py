"""Moderation of people and tokens in the admin."""

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chatserver.events.models import Kind
from chatserver.tests.harness.moderation import act, audited, confirm, emitted
from rooms.models import Membership
from users import actions
from users.models import Token, User, hash_secret

PEOPLE = "/admin/users/user/"
TOKENS = "/admin/users/token/"
PASSWORD = "another horse battery"


@pytest.fixture
def moderator_client(db):
    """Staff with the permissions of this app, but no superuser."""
    mod = actions.create_user("mod", password=PASSWORD)
    User.objects.filter(pk=mod.pk).update(is_staff=True)
    mod.user_permissions.set(Permission.objects.filter(content_type__app_label="users"))
    client = Client()
    client.force_login(mod)
    return client


def form_of(user, **changes):
    fields = ("username", "email", "display_name", "avatar_url")
    return {name: getattr(user, name) for name in fields} | changes


def revoked(user):
    """Why streams of this user end, by the outbox."""
    return [
        row.type for row in emitted("banned", "deleted", "logged_out", "password_changed") if row.user_ids == [user.pk]
    ]


@pytest.mark.parametrize("page", [PEOPLE, TOKENS, f"{PEOPLE}add/"])
def test_who_is_no_staff_is_sent_to_the_login(alice, page):
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


def test_who_may_only_look_is_offered_no_action(alice, bob):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client = Client()
    client.force_login(alice)
    assert 'name="action"' not in client.get(PEOPLE).text
    act(client, PEOPLE, "ban", bob)
    bob.refresh_from_db()
    assert bob.is_active


def test_a_ban_shuts_out_and_ends_the_streams_and_is_audited(moderator_client, alice, bob):
    actions.issue_token(alice)
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
    actions.ban_user(alice)
    act(moderator_client, PEOPLE, "unban", alice)
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.banned_at is None
    assert audited(alice.pk) == [("mod", "Unbanned")]


def test_logging_somebody_out_everywhere_ends_his_sessions_tokens_and_streams(moderator_client, alice):
    browser = Client()
    browser.force_login(alice)
    actions.issue_token(alice)
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
    actions.delete_user(alice)
    answer = act(moderator_client, PEOPLE, "unban", alice)
    assert "This account is deleted." in answer.text
    assert moderator_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, username="back")).status_code == 403
    alice.refresh_from_db()
    assert not alice.is_active
    assert alice.username != "back"
    assert audited(alice.pk) == []


def test_nobody_bans_or_deletes_himself(admin_client, admin_user):
    assert "This is you." in act(admin_client, PEOPLE, "ban", admin_user).text
    assert "This is you." in confirm(admin_client, PEOPLE, "delete_account", admin_user).text
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert not admin_user.is_deleted


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_service"])
def test_a_moderator_can_do_nothing_to_those_above_him(moderator_client, admin_client, alice, right):
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


def test_a_moderator_gives_no_rights(moderator_client, admin_client, alice):
    change = f"{PEOPLE}{alice.pk}/change/"
    rights = {"is_staff": "on", "is_superuser": "on", "is_service": "on"}
    assert moderator_client.post(change, form_of(alice, **rights)).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.is_service) == (False, False, False)
    assert admin_client.post(change, form_of(alice, is_staff="on")).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.is_service) == (True, False, False)


def test_the_form_can_not_ban_or_unban(admin_client, alice, bob):
    actions.ban_user(bob)
    assert 'name="is_active"' not in admin_client.get(f"{PEOPLE}{alice.pk}/change/").text
    admin_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice))
    admin_client.post(f"{PEOPLE}{bob.pk}/change/", form_of(bob, is_active="on", banned_at_0="", banned_at_1=""))
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert alice.is_active
    assert not bob.is_active


def test_a_changed_profile_is_told_to_everybody(moderator_client, alice):
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
    monkeypatch.setattr(User, "full_clean", lambda self, **_: None)
    answer = moderator_client.post(f"{PEOPLE}add/", {"username": "ALICE", "usable_password": "false"}, follow=True)
    assert "This username is taken." in answer.text
    assert User.objects.named("alice").count() == 1


@pytest.mark.parametrize("usable", ["true", "false"])
def test_a_new_password_ends_tokens_sessions_and_streams(moderator_client, alice, usable):
    browser = Client()
    browser.force_login(alice)
    actions.issue_token(alice)
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
    actions.issue_token(alice)
    new = {"usable_password": "true", "password1": "123", "password2": "123", "set-password": "1"}
    assert moderator_client.post(f"{PEOPLE}{alice.pk}/password/", new).status_code == 200
    assert alice.tokens.exists()
    assert revoked(alice) == []


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


def test_a_token_never_shows_its_value_or_its_hash(admin_client, alice):
    secret, token = actions.issue_token(alice)
    digest = hash_secret(secret)
    for page in (TOKENS, f"{TOKENS}{token.pk}/change/", f"{TOKENS}{token.pk}/delete/", f"{TOKENS}?q=alice"):
        html = admin_client.get(page).text
        assert f"/admin/users/token/{token.pk}/" in html
        for secret_text in (secret, digest.hex(), repr(digest), "secret_hash", "memory at"):
            assert secret_text not in html
    assert admin_client.get(TOKENS, {"secret_hash__gt": "a"}).status_code == 400


def test_tokens_are_not_made_or_changed_by_hand(admin_client, alice):
    _, token = actions.issue_token(alice)
    assert admin_client.get(f"{TOKENS}add/").status_code == 403
    later = {"expires_at_0": "2099-01-01", "expires_at_1": "00:00:00"}
    assert admin_client.post(f"{TOKENS}{token.pk}/change/", later).status_code == 403
    token.refresh_from_db()
    assert token.expires_at.year < 2099


def by_action(client, token):
    act(client, TOKENS, "revoke", token)


def by_bulk_delete(client, token):
    act(client, TOKENS, "delete_selected", token, post="yes")


def by_button(client, token):
    client.post(f"{TOKENS}{token.pk}/delete/", {"post": "yes"})


@pytest.mark.parametrize("end", [by_action, by_bulk_delete, by_button])
def test_a_token_that_is_ended_ends_the_streams_it_opened(admin_client, alice, end):
    _, token = actions.issue_token(alice)
    _, other = actions.issue_token(alice)
    end(admin_client, token)
    assert list(Token.objects.all()) == [other]
    (row,) = emitted("logged_out")
    assert (row.kind, row.user_ids) == (Kind.REVOKE, [alice.pk])
    assert msgspec.json.decode(row.body) == {"credential": f"token:{token.pk}"}
    assert [who for who, _ in audited(token.pk)] == ["admin"]


@pytest.mark.parametrize("end", [by_action, by_bulk_delete, by_button])
def test_a_moderator_does_not_end_the_token_of_those_above_him(moderator_client, admin_user, end):
    _, token = actions.issue_token(admin_user)
    end(moderator_client, token)
    assert Token.objects.filter(pk=token.pk).exists()
    assert emitted("logged_out") == []


def test_lists_take_a_fixed_number_of_queries(admin_client, alice, bob, charlie, django_assert_num_queries):
    for user in (alice, bob, charlie):
        actions.issue_token(user)
    with django_assert_num_queries(4):  # session, who, count, page
        assert admin_client.get(PEOPLE).context["cl"].result_count == 4
    with django_assert_num_queries(4):
        assert admin_client.get(TOKENS).context["cl"].result_count == 3


def log_in(client):
    return client.post("/admin/login/", {"username": "alice", "password": "correct horse battery"})


def test_passwords_can_not_be_guessed_without_end_at_the_login(alice, monkeypatch):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    monkeypatch.setattr("chatserver.throttles.Throttle._count", lambda throttle, who, window: 10**9)
    answer = log_in(Client())
    assert answer.status_code == 200
    assert "Too many requests" in answer.text
    monkeypatch.undo()
    assert log_in(Client()).status_code == 302


def test_logging_out_ends_the_streams_of_that_session(alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = Client()
    log_in(client)
    client.post("/admin/logout/")
    (row,) = emitted("logged_out")
    assert row.user_ids == [alice.pk]
    assert msgspec.json.decode(row.body)["credential"].startswith("session:")
    assert client.get("/admin/").status_code == 302


def test_changing_ones_own_password_ends_ones_other_sessions_tokens_and_streams(alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client, other = Client(), Client()
    log_in(client)
    log_in(other)
    actions.issue_token(alice)
    new = {"old_password": "correct horse battery", "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post("/admin/password_change/", {**new, "old_password": "wrong"}).status_code == 200
    assert revoked(alice) == []
    assert client.post("/admin/password_change/", new)["Location"] == "/admin/password_change/done/"
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert not alice.tokens.exists()
    assert revoked(alice) == ["password_changed"]
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
