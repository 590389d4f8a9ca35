"""Nobody takes the name of a deleted person for 30 days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from chatserver.seeding.demo import seed_demo
from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.moderation import PEOPLE, act, audited, form_of
from users.actions.credentials import forget_expired
from users.actions.people import create_user, delete_user
from users.models import HELD_TIME, HeldName, User

PASSWORD = "correct horse battery"
HELD = "/admin/users/heldname/"
Api = Callable[[User | None], APIClient]


def register(api_of: Api, name: str) -> Any:
    return api_of(None).post("/api/v1/users/", {"username": name, "password": PASSWORD}, format="json")


def problem_of(answer: Any) -> dict[str, Any]:
    """Without what differs in every answer."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def age_names(by: timedelta) -> None:
    for held in HeldName.objects.all():
        HeldName.objects.filter(pk=held.pk).update(expires_at=held.expires_at - by)


@pytest.fixture
def passwordless(settings: Any) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True


@pytest.mark.parametrize("name", ["alice", "ALICE", "ａｌｉｃｅ", "\u0430lice", "a\u217cice"])
def test_a_held_name_is_refused_as_a_taken_one_is(alice: User, api_of: Api, name: str) -> None:
    taken = assert_problem(register(api_of, name), 409, "username_taken", field="username")
    delete_user(alice)
    refused = register(api_of, name)
    assert_problem(refused, 409, "username_taken", field="username")
    assert {**taken, "request_id": ""} == {**problem_of(refused), "request_id": ""}
    assert not User.objects.named("alice").exists()


@pytest.mark.parametrize(("name", "other"), [("bob1", "bobl"), ("anna", "hanna"), ("Ζoe", "zara")])
def test_other_names_are_free(db: Any, api_of: Api, name: str, other: str) -> None:
    delete_user(create_user(name))
    assert register(api_of, other).status_code == 201


def test_it_is_free_after_30_days_and_then_held_anew(alice: User, api_of: Api) -> None:
    delete_user(alice)
    age_names(HELD_TIME - timedelta(seconds=30))
    assert register(api_of, "alice").status_code == 409
    assert forget_expired() == 0
    age_names(timedelta(seconds=31))
    second = register(api_of, "alice")
    assert second.status_code == 201
    delete_user(User.objects.get(pk=second.json()["id"]))
    assert register(api_of, "alice").status_code == 409


def test_what_has_expired_is_deleted(alice: User) -> None:
    delete_user(alice)
    age_names(HELD_TIME + timedelta(seconds=1))
    assert forget_expired() == 1
    assert not HeldName.objects.exists()


def test_two_who_shared_a_folded_name_can_both_be_deleted(alice: User, bob: User, api_of: Api) -> None:
    User.objects.filter(pk=bob.pk).update(username="Alice", folded_username="alice", shares_folded_name=True)
    bob.refresh_from_db()
    delete_user(alice)
    delete_user(bob)
    assert HeldName.objects.count() == 1
    assert register(api_of, "alice").status_code == 409


@pytest.mark.parametrize("path", ["/login", "/api/v1/session/"])
def test_a_login_without_a_password_makes_nobody_of_that_name(passwordless: None, db: Any, path: str) -> None:
    dora = create_user("dora")
    delete_user(dora)
    for name in ("dora", "DORA"):
        answer = Client().post(path, {"username": name}, content_type="application/json")
        other = Client().post(path, {"username": "admin"}, content_type="application/json")  # reserved
        assert answer.status_code == other.status_code == 401
        assert answer.json().keys() == other.json().keys()
    assert User.objects.count() == 1


def test_staff_neither_give_it_to_somebody_nor_make_a_person_of_it(
    moderator_client: Client, alice: User, bob: User
) -> None:
    delete_user(alice)
    new = {"username": "alice", "usable_password": "false"}
    assert "This username is taken." in moderator_client.post(f"{PEOPLE}add/", new).text
    renamed = form_of(bob, username="Alice")
    assert "This username is taken." in moderator_client.post(f"{PEOPLE}{bob.pk}/change/", renamed).text
    assert not User.objects.named("alice").exists()


def test_who_has_a_name_by_now_keeps_it(moderator_client: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(username="Alice", folded_username="alice", shares_folded_name=True)
    bob.refresh_from_db()
    delete_user(alice)
    assert moderator_client.post(f"{PEOPLE}{bob.pk}/change/", form_of(bob, display_name="B")).status_code == 302
    bob.refresh_from_db()
    assert (bob.username, bob.display_name) == ("Alice", "B")


def test_staff_free_a_name_which_no_page_shows(moderator_client: Client, alice: User, api_of: Api) -> None:
    delete_user(alice)
    held = HeldName.objects.get()
    for page in (HELD, f"{HELD}{held.pk}/change/"):
        html = moderator_client.get(page).text
        assert f"{HELD}{held.pk}/" in html
        assert "alice" not in html
        assert held.name_hash not in html
    found = moderator_client.get(HELD, {"q": "ALICE"}).context["cl"].result_list
    assert list(found) == [held]
    assert list(moderator_client.get(HELD, {"q": "bob"}).context["cl"].result_list) == []
    act(moderator_client, HELD, "free", held)
    assert ("mod", "Freed") in audited(held.pk)
    assert register(api_of, "alice").status_code == 201


def test_staff_without_the_permission_free_none(moderator_client: Client, alice: User) -> None:
    delete_user(alice)
    User.objects.get(username="mod").user_permissions.remove(Permission.objects.get(codename="delete_heldname"))
    act(moderator_client, HELD, "free", HeldName.objects.get())
    assert HeldName.objects.count() == 1


def test_the_table_says_no_name(alice: User, settings: Any) -> None:
    delete_user(alice)
    (row,) = HeldName.objects.values()
    assert "alice" not in str(row)
    settings.SECRET_KEY = "another key"
    assert not HeldName.objects.named("alice").exists()
    settings.SECRET_KEY_FALLBACKS = [""]
    assert not HeldName.objects.named("alice").exists()


def test_a_new_secret_key_frees_no_name_while_the_old_one_is_known(alice: User, settings: Any, api_of: Api) -> None:
    delete_user(alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"
    for name in ("alice", "\u0430lice"):
        assert register(api_of, name).status_code == 409


def test_the_demo_starts_without_somebody_who_deleted_their_account(db: Any) -> None:
    seed_demo()
    delete_user(User.objects.named("Adam").get())
    seed_demo()
    assert not User.objects.named("Adam").exists()
    assert HeldName.objects.get().expires_at < timezone.now() + HELD_TIME
