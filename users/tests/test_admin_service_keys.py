"""Service keys in the admin: superusers make and rotate them, and see each once."""

import re
from typing import Any

import pytest
from django.test import Client

from chatserver.tests.harness.answers import revoked
from chatserver.tests.harness.jwts import jwt_settings, mint
from chatserver.tests.harness.moderation import PEOPLE, act, audited, form_of
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import ServiceKey, User, hash_secret

KEYS = "/admin/users/servicekey/"
ME = "/api/v1/users/me/"
FORM = {"service": "shop", "name": "production", "scopes": ["users:read", "act_as"], "expires_days": "30"}


@pytest.fixture
def shop(db: Any) -> User:
    return find_or_make_service("shop")


def secrets_in(html: str) -> list[str]:
    return re.findall(r"csk_[\w-]+", html)


def test_a_superuser_makes_a_key_and_sees_it_once(admin_client: Client, shop: User) -> None:
    page = admin_client.post(f"{KEYS}add/", FORM)
    (secret,) = secrets_in(page.text)
    assert "no-store" in page["Cache-Control"]
    assert secret not in str(page.cookies)
    (key,) = ServiceKey.objects.all()
    assert (bytes(key.secret_hash), key.service, key.scopes) == (hash_secret(secret), shop, ["act_as", "users:read"])
    assert (key.expires_at - key.created_at).days == 30
    assert audited(key.pk) == [("admin", "Added.")]
    for again in (KEYS, f"{KEYS}{key.pk}/change/"):
        html = admin_client.get(again).text
        assert "production" in html
        assert secret not in html
        assert hash_secret(secret).hex() not in html


@pytest.mark.parametrize(
    "wrong", [{"service": "alice"}, {"service": "nobody"}, {"scopes": []}, {"scopes": ["all"]}, {"expires_days": "0"}]
)
def test_a_key_needs_a_service_account_and_scopes(
    admin_client: Client, shop: User, alice: User, wrong: dict[str, Any]
) -> None:
    page = admin_client.post(f"{KEYS}add/", FORM | wrong)
    assert (page.status_code, secrets_in(page.text), ServiceKey.objects.count()) == (200, [], 0)


def test_keys_are_rotated_and_revoked(admin_client: Client, shop: User) -> None:
    old, key = issue_key(shop, "production", ["users:read"])
    page = act(admin_client, KEYS, "rotate", key)
    (secret,) = secrets_in(page.text)
    successor = ServiceKey.objects.exclude(pk=key.pk).get()
    assert bytes(successor.secret_hash) == hash_secret(secret)
    act(admin_client, KEYS, "revoke", key)
    assert list(ServiceKey.objects.live()) == [successor]
    assert revoked(shop.pk) == [("logged_out", f"key:{key.pk}")]
    assert secrets_in(act(admin_client, KEYS, "rotate", key).text) == []


@pytest.mark.parametrize("right", ["is_staff", "is_service"])
def test_who_gets_rights_is_spoken_for_no_longer(admin_client: Client, alice: User, right: str) -> None:
    admin_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, display_name="Al"))
    assert revoked(alice.pk) == []
    admin_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, display_name="Al", **{right: "on"}))
    assert revoked(alice.pk) == [("logged_out", None)]
    admin_client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, display_name="Al"))
    assert revoked(alice.pk) == [("logged_out", None), ("logged_out", "key:")]


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_service"])
def test_what_a_service_made_for_a_person_is_worth_nothing_once_they_have_rights(
    admin_client: Client, alice: User, shop: User, right: str, settings: Any
) -> None:
    settings.CHAT_JWT_KEYS = jwt_settings("HS256")
    headers = {"Authorization": f"Bearer {issue_key(shop, 'production', ['users:write'])[0]}"}
    made = Client().post(f"/api/v1/users/{alice.pk}/tokens/", headers=headers).json()
    theirs = [{"Authorization": f"Bearer {token}"} for token in (made["token"], mint("zoe"))]
    zoe = User.objects.get(pk=Client().get(ME, headers=theirs[1]).json()["id"])
    for person, token in zip((alice, zoe), theirs, strict=True):
        change = f"{PEOPLE}{person.pk}/change/"
        admin_client.post(change, form_of(person, display_name="Al"))
        assert Client().get(ME, headers=token).status_code == 200
        assert admin_client.post(change, form_of(person, **{right: "on"})).status_code == 302
        answer = Client().get(ME, headers=token)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    admin_client.post(f"{PEOPLE}{shop.pk}/change/", form_of(shop, is_service="on", is_staff="on"))
    assert ServiceKey.objects.live().filter(service=shop).exists()


def test_staff_who_change_their_own_profile_stay_signed_in(moderator_client: Client) -> None:
    mod = User.objects.get(username="mod")
    before = mod.session_salt
    change = f"{PEOPLE}{mod.pk}/change/"
    assert moderator_client.post(change, form_of(mod, display_name="Mo")).status_code == 302
    mod.refresh_from_db()
    assert (mod.display_name, mod.session_salt, revoked(mod.pk)) == ("Mo", before, [])


def test_other_staff_see_keys_and_change_none(moderator_client: Client, shop: User) -> None:
    _, key = issue_key(shop, "production", ["users:read"])
    assert moderator_client.get(KEYS).status_code == 200
    assert moderator_client.get(f"{KEYS}add/").status_code == 403
    assert moderator_client.post(f"{KEYS}add/", FORM).status_code == 403
    for action in ("rotate", "revoke"):
        act(moderator_client, KEYS, action, key)
    assert list(ServiceKey.objects.live()) == [key]
