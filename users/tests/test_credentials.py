"""REST and the stream know a caller alike, whatever the credential. On a real service."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from chatserver.tests.harness.service import Service
from users.tests.test_streams_of_people import PASSWORD, Person

# The status, and the id of who was known or the code of the refusal.
Answer = tuple[int, int | str]
Headers = list[Any]  # pairs, as httpx takes them


@pytest.fixture
def person(granian: Service) -> Iterator[Person]:
    made = Person(granian)
    yield made
    made.browser.close()


def ask_rest(service: Service, headers: Headers) -> Answer:
    answer = httpx.get(f"{service.url}/api/v1/users/me/", headers=headers)
    return answer.status_code, answer.json()["id" if answer.status_code == 200 else "code"]


def ask_stream(service: Service, headers: Headers) -> Answer:
    with httpx.stream("GET", f"{service.url}/api/v1/stream", headers=headers, timeout=10) as answer:
        if answer.status_code != 200:
            return answer.status_code, json.loads(answer.read())["code"]
        hello = next(line for line in answer.iter_lines() if line.startswith("data:"))
        return 200, json.loads(hello.removeprefix("data:"))["user_id"]


def assert_both(person: Person, headers: Headers, expected: Answer) -> None:
    service = person.service
    assert (ask_rest(service, headers), ask_stream(service, headers)) == (expected, expected)


def only(headers: dict[str, str]) -> Headers:
    return list(headers.items())


def sql(text: str) -> Callable[[Person], None]:
    """An end that a credential may come to, as a statement about person %s."""

    def end(person: Person) -> None:
        person.service.sql(text, person.id)

    return end


BAN = sql("UPDATE users_user SET is_active = false WHERE id = %s")
EXPIRE_TOKENS = sql("UPDATE users_token SET expires_at = now() - interval '1 second' WHERE user_id = %s")
REVOKE_TOKENS = sql("DELETE FROM users_token WHERE user_id = %s")
CHANGE_PASSWORD = sql("UPDATE users_user SET password = '!' WHERE id = %s")
RENEW_SALT = sql("UPDATE users_user SET session_salt = 'another' WHERE id = %s")


def expire_sessions(person: Person) -> None:
    key = person.browser.cookies["sessionid"]
    person.service.sql(
        "UPDATE django_session SET expire_date = now() - interval '1 second' WHERE session_key = %s", key
    )


def delete_sessions(person: Person) -> None:
    key = person.browser.cookies["sessionid"]
    person.service.sql("DELETE FROM django_session WHERE session_key = %s", key)


@pytest.mark.parametrize(
    ("way", "end", "code"),
    [
        ("token", EXPIRE_TOKENS, "invalid_token"),
        ("token", REVOKE_TOKENS, "invalid_token"),
        ("token", BAN, "invalid_token"),
        ("basic", CHANGE_PASSWORD, "invalid_credentials"),
        ("basic", BAN, "invalid_credentials"),
        ("sign_in", expire_sessions, "not_authenticated"),
        ("sign_in", delete_sessions, "not_authenticated"),
        ("sign_in", RENEW_SALT, "not_authenticated"),
        ("sign_in", BAN, "not_authenticated"),
    ],
)
def test_a_credential_is_good_for_both_until_it_ends_for_both(
    person: Person, way: str, end: Callable[[Person], None], code: str
) -> None:
    headers = only(getattr(person, way)())
    assert_both(person, headers, (200, person.id))
    end(person)
    assert_both(person, headers, (401, code))


def basic(pair: str | bytes) -> str:
    return "Basic " + base64.b64encode(pair.encode() if isinstance(pair, str) else pair).decode()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Bearer", "invalid_token"),
        ("bearer ct_nonsense", "invalid_token"),
        ("Bearer \xff\xfe", "invalid_token"),
        ("Bearer " + "x" * 4000, "invalid_token"),
        ("Basic", "authentication_failed"),
        ("Basic !!!", "authentication_failed"),
        ("Basic \xff", "authentication_failed"),
        ("Basic YTpi YTpi", "authentication_failed"),
        (basic("no colon"), "authentication_failed"),
        (basic("nobody:wrong"), "invalid_credentials"),
        (basic("al\0ice:x"), "invalid_credentials"),
        (basic(b"\xff\xfe:\xff"), "invalid_credentials"),
        ("Digest username=x", "not_authenticated"),
        ("ct_nonsense", "not_authenticated"),
        ("", "not_authenticated"),
    ],
)
def test_what_is_malformed_is_refused_by_both_alike(person: Person, value: str, code: str) -> None:
    assert_both(person, [(b"Authorization", value.encode("latin-1"))], (401, code))


def test_nothing_is_nobody(person: Person) -> None:
    assert_both(person, [], (401, "not_authenticated"))


@pytest.mark.parametrize("key", ["", "x" * 40, '"\\000"', "x" * 4000])
def test_a_cookie_that_names_no_session_is_nobody(person: Person, key: str) -> None:
    assert_both(person, [("Cookie", f"sessionid={key}")], (401, "not_authenticated"))


@pytest.mark.parametrize(
    ("ways", "code"),
    [
        (("token", "token"), "invalid_token"),
        (("token", "basic"), "invalid_token"),
        (("basic", "basic"), "authentication_failed"),
        (("basic", "token"), "authentication_failed"),
    ],
)
def test_two_headers_are_no_credential_for_either(person: Person, ways: tuple[str, str], code: str) -> None:
    assert_both(person, [header for way in ways for header in only(getattr(person, way)())], (401, code))


def test_a_bad_header_is_refused_by_both_though_the_cookie_is_good(person: Person) -> None:
    cookie = only(person.sign_in())
    assert_both(person, cookie, (200, person.id))
    assert_both(person, [*cookie, ("Authorization", "Bearer gone")], (401, "invalid_token"))
    assert_both(person, [*cookie, ("Authorization", basic(f"{person.name}:wrong"))], (401, "invalid_credentials"))
    assert_both(person, [*cookie, ("Authorization", "Digest x")], (200, person.id))


def test_a_name_in_any_case_and_a_scheme_in_any_case_are_good_for_both(person: Person) -> None:
    (token,) = person.token().values()
    assert_both(person, [("authorization", token.replace("Bearer", "bEARER  "))], (200, person.id))
    upper = basic(f"{person.name.upper()}:{PASSWORD}").replace("Basic", "BASIC")
    assert_both(person, [("Authorization", upper)], (200, person.id))
