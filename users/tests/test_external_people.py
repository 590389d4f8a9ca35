"""People by issuer and subject: who is made for them, and how they are named."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chatserver.tests.harness.answers import emitted
from users.actions.external_people import ExternalPerson, KnownPerson, find_or_make_people
from users.actions.people import ban_user, create_user, delete_user
from users.models import ExternalIdentity, User, erased_subject, is_subject

ISSUER = "https://shop.example.com"


def find_or_make(subject: str, issuer: str = ISSUER, **profile: Any) -> KnownPerson:
    return find_or_make_people(issuer, [ExternalPerson(subject, **profile)])[subject]


def test_somebody_new_is_made_once_and_announced_as_everybody_sees_them(db: None) -> None:
    profile = {"display_name": "Zoë", "avatar_url": "https://example.com/z.png", "email": "Zoe@EXAMPLE.com"}
    first, second = find_or_make("zoe-1", **profile), find_or_make("zoe-1", display_name="another")
    assert (first.is_new, second.is_new) == (True, False)
    assert first.identity == second.identity
    user = first.identity.user
    user.refresh_from_db()
    assert (user.username, user.display_name, user.email) == ("zoe-1", "Zoë", "Zoe@example.com")
    assert not user.has_usable_password()
    assert [(body["id"], body["display_name"]) for body in emitted("user.created")] == [(user.pk, "Zoë")]


def test_one_subject_of_two_issuers_is_two_people(db: None) -> None:
    first, second = find_or_make("zoe"), find_or_make("zoe", issuer="https://other.example.com")
    assert first.identity.user_id != second.identity.user_id
    assert second.identity.user.username == f"user-{second.identity.user_id}"


def test_subjects_are_told_apart_as_they_are_spelled(db: None) -> None:
    subjects = ["zoe", "Zoe", "ZOE", "\uff5aoe"]
    people = find_or_make_people(ISSUER, [ExternalPerson(subject) for subject in subjects])
    assert len({known.identity.user_id for known in people.values()}) == 4
    assert len({known.identity.user.username for known in people.values()}) == 4


@pytest.mark.parametrize(
    "subject",
    [
        "alice",
        "ALICE",
        "\u0430lice",
        "admin",
        "\u0430dmin",
        "auth0|5f7c8e",
        "a b",
        "user-1",
        "USER-77",
        "x" * 151,
        "\ufdfa" * 20,
        "a" + "\u0301" * 9,
    ],
)
def test_who_cannot_be_named_by_the_subject_is_named_by_the_id(alice: User, subject: str) -> None:
    user = find_or_make(subject).identity.user
    assert user != alice
    assert user.username == f"user-{user.pk}"


def test_nobody_is_linked_by_an_email_address(alice: User) -> None:
    assert find_or_make("al", email=alice.email).identity.user != alice


def test_the_name_of_a_deleted_person_is_held(alice: User) -> None:
    delete_user(alice)
    assert find_or_make("alice").identity.user.username.startswith("user-")


def test_a_name_by_id_that_somebody_has_is_left_to_them(db: None) -> None:
    newest = find_or_make("a first one").identity.user_id
    names = [f"user-{newest + 2}", f"us\u0435r-{newest + 4}"]
    people = [create_user(names[0]), find_or_make("x y").identity.user, create_user(names[1])]
    people.append(find_or_make("z z").identity.user)
    assert people[1].pk == newest + 2
    assert [people[at].username.rpartition("-")[0] for at in (1, 3)] == [f"user-{people[at].pk}" for at in (1, 3)]


@pytest.mark.parametrize("end", [ban_user, delete_user])
def test_a_banned_and_a_deleted_person_keep_their_subject(db: None, end: Any) -> None:
    known = find_or_make("zoe")
    end(known.identity.user)
    again = find_or_make("zoe")
    assert (again.is_new, again.identity) == (False, known.identity)
    assert not again.identity.user.is_active
    # What a hash of a deleted subject names is nobody but that person.
    assert not find_or_make(again.identity.subject).identity.user.is_active


def test_of_the_subject_of_a_deleted_person_a_hash_is_kept(db: None) -> None:
    known, other = find_or_make("zoe@example.com"), find_or_make("zoe@example.com", issuer="https://other.example.com")
    delete_user(known.identity.user)
    subjects = {identity.pk: identity.subject for identity in ExternalIdentity.objects.all()}
    assert "zoe" not in subjects[known.identity.pk]
    assert subjects[other.identity.pk] == "zoe@example.com"


def test_nobody_signs_in_by_the_name_of_a_person_of_a_host_product(db: None, settings: Any, browser: Client) -> None:
    settings.CHAT_PASSWORDLESS_LOGIN = True
    find_or_make("zoe")
    create_user("yan")
    for name, status in (("zoe", 401), ("yan", 201)):
        headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
        answer = browser.post("/api/v1/session/", {"username": name}, content_type="application/json", headers=headers)
        assert answer.status_code == status, answer.content


def test_a_thousand_take_as_many_statements_as_ten(db: None) -> None:
    counts = []
    for size in (10, 1_000):
        people = [ExternalPerson(f"p{size}-{number}", display_name="P") for number in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            made = find_or_make_people(ISSUER, people)
        assert all(known.is_new for known in made.values())
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14
    assert len(emitted("user.created")) == 1_010
    with CaptureQueriesContext(connection) as queries:
        assert not any(known.is_new for known in find_or_make_people(ISSUER, people).values())
    assert len(queries) == 3  # a savepoint around one statement


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " a",
        "a ",
        "a\n",
        "\0",
        "a\0",
        "\u200b",
        "a\u202eb",
        "\ud800",
        "x" * 256,
        "x" * 1_000_000,
        erased_subject("", "a"),
        7,
        None,
        True,
        ["a"],
    ],
)
def test_what_does_not_show_or_is_too_long_names_nobody(text: object) -> None:
    assert not is_subject(text)


@pytest.mark.parametrize("text", ["a", "7", "auth0|5f7c8e", "zoë@example.com", "x" * 255, "Ω 1", "{}", "'; --"])
def test_what_shows_may_name_somebody(db: None, text: str) -> None:
    assert is_subject(text)
    find_or_make(text)
    assert ExternalIdentity.objects.get().subject == text
