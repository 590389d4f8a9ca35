"""Which usernames can be registered, and when two of them are one."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from chatserver.tests.harness.answers import assert_problem
from users.actions.people import create_user
from users.models import User
from users.usernames import MAX_MARKS_IN_A_ROW, fold_username

PASSWORD = "correct horse battery"
Api = Callable[[User | None], APIClient]


def register(api_of: Api, name: str) -> Any:
    return api_of(None).post("/api/v1/users/", {"username": name, "password": PASSWORD}, format="json")


def log_in(api_of: Api, name: str) -> Any:
    return api_of(None).post("/api/v1/tokens/", {"username": name, "password": PASSWORD}, format="json")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["राम", "กิตติ", "Ọ̀ṣun", "مُحَمَّد", "Νίκος", "日本語", "d'Arc".replace("'", "."), "a_b-c+d@e.f"]
)
def test_a_name_of_any_script_is_accepted(name: str, api_of: Api) -> None:
    answer = register(api_of, name)
    assert answer.status_code == 201, answer.content
    assert answer.json()["username"] == unicodedata.normalize("NFKC", name)
    assert log_in(api_of, unicodedata.normalize("NFD", name)).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    "strange",
    [
        *("\u3164", "\uffa0", "\u115f", "\u1160", "\u2800", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"),
        *("\u034f", "\u180e", "\ufe0f", "\U000e0100", "\u202e", "\u2066", "\u0007", "\u0000", "\ue000", "\u0378"),
        *(" ", "\u2028", "\u00a0", "/", "'", "\u0323" * (MAX_MARKS_IN_A_ROW + 2), "\U0001f600"),
    ],
)
def test_what_is_not_seen_is_in_no_name(strange: str, api_of: Api) -> None:
    assert_problem(register(api_of, f"adam{strange}x"), 400, field="username")


@pytest.mark.django_db
def test_a_name_begins_with_something_to_hold_its_marks(api_of: Api) -> None:
    assert_problem(register(api_of, "\u0301adam"), 400, field="username")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "again"), [("ΝΙΚΟΣ", "νικος"), ("Straße", "STRASSE"), ("ｆｕｌｌ", "FULL"), ("ﬁona", "FIONA")]
)
def test_a_name_and_what_it_folds_to_are_one(name: str, again: str, alice: User, api_of: Api) -> None:
    assert register(api_of, name).status_code == 201
    assert_problem(register(api_of, again), 409, "username_taken", field="username")
    assert log_in(api_of, again).status_code == 201
    found = api_of(alice).get("/api/v1/users/", {"q": again[:3]}).json()["results"]
    assert [person["username"] for person in found] == [unicodedata.normalize("NFKC", name)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("adam", "\u0430dam"),  # Cyrillic a
        ("Bob", "\u0412ob"),  # a capital that looks like B, though its small letter does not look like b
        ("coco", "\u0441\u043e\u0441\u043e"),  # Cyrillic throughout
        ("adam", "\u0251dam"),  # a Latin letter
        ("paul", "pau\u04cf"),
        ("ΝΙΚΟΣ", "\u039dIΚΟΣ"),
    ],
)
def test_a_name_that_looks_like_anothers_is_refused(name: str, other: str, api_of: Api) -> None:
    assert register(api_of, name).status_code == 201
    assert fold_username(name) != fold_username(other)
    assert_problem(register(api_of, other), 409, "username_taken", field="username")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "other"), [("bob", "b0b"), ("user1", "userl"), ("mia", "rnia"), ("josé1", "josél")])
def test_names_that_differ_in_ascii_are_two(name: str, other: str, api_of: Api) -> None:
    assert register(api_of, name).status_code == 201
    assert register(api_of, other).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["admin", "Support", "ＲＯＯＴ", "\u0430dmin", "he1p", "moderator"])
def test_a_reserved_name_cannot_be_registered(name: str, api_of: Api) -> None:
    assert_problem(register(api_of, name), 409, "username_reserved", field="username")


@pytest.mark.django_db
def test_a_reserved_name_is_not_made_by_a_login(settings: Any, api_of: Api) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True
    assert api_of(None).post("/login", {"username": "admin"}, format="json").status_code == 401
    assert not User.objects.named("admin").exists()


@pytest.mark.django_db
def test_a_reserved_name_can_be_given_by_staff() -> None:
    support = create_user("support")
    assert User.objects.named("SUPPORT").get() == support


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/users/", "/api/v1/tokens/", "/api/v1/session/", "/login"])
def test_a_name_is_measured_in_its_normal_form(path: str, api_of: Api) -> None:
    name = "\u1112\u1161\u11ab" * 100  # 100 syllables of Hangul in 300 code points
    create_user(unicodedata.normalize("NFKC", name), password=PASSWORD)
    answer = api_of(None).post(path, {"username": name, "password": PASSWORD}, format="json")
    assert answer.status_code in (200, 201, 409), answer.content
    too_long = "\ufdfa" * 10  # 18 code points each
    answer = api_of(None).post(path, {"username": too_long, "password": PASSWORD}, format="json")
    assert answer.status_code in (400, 401), answer.content
