"""One password, and one e-mail address, in whatever form of Unicode it is typed."""

import base64
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from users.actions.people import create_user, update_profile
from users.models import MAX_PASSWORD, User

Api = Callable[[User | None], APIClient]
PASSWORD = "pässwörd ḗ für alle"
NFC, NFD = unicodedata.normalize("NFC", PASSWORD), unicodedata.normalize("NFD", PASSWORD)
ADDRESS = "Zoe.Q@EXAMPLE.Com"


def log_in(api_of: Api, password: str, path: str = "/api/v1/tokens/") -> int:
    return api_of(None).post(path, {"username": "zoe", "password": password}, format="json").status_code


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", [NFC, NFD])
def test_a_password_is_right_in_every_form_of_unicode(chosen: str, api_of: Api) -> None:
    new = {"username": "zoe", "password": chosen}
    assert api_of(None).post("/api/v1/users/", new, format="json").status_code == 201
    for path, status in (("/api/v1/tokens/", 201), ("/login", 200)):
        assert [log_in(api_of, form, path) for form in (NFC, NFD)] == [status, status]
        assert log_in(api_of, PASSWORD.replace("ḗ", "e"), path) == 401
    zoe = User.objects.get(username="zoe")
    change = {"current_password": NFD, "new_password": NFD + "2"}
    assert api_of(zoe).put("/api/v1/users/me/password/", change, format="json").status_code == 204
    assert log_in(api_of, NFC + "2") == 201


@pytest.mark.django_db
def test_a_password_that_was_hashed_as_it_was_sent_stays_valid(api_of: Api) -> None:
    zoe = create_user("zoe")
    User.objects.filter(pk=zoe.pk).update(password=make_password(NFD))
    assert log_in(api_of, NFD) == 201
    assert User.objects.get(pk=zoe.pk).check_password(NFD)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["zoe", "nobody-of-this-name"])
def test_a_password_that_is_too_long_is_not_hashed(name: str, api_of: Api, monkeypatch: Any) -> None:
    create_user("zoe", password=PASSWORD)
    hashed: list[str] = []
    for function in ("check_password", "make_password"):
        monkeypatch.setattr(f"users.credentials.passwords.{function}", lambda text, *_: hashed.append(text))
    body = {"username": name, "password": "x" * (MAX_PASSWORD + 1)}
    for path in ("/api/v1/tokens/", "/api/v1/session/", "/login"):
        assert api_of(None).post(path, body, format="json").status_code in (400, 401)
    client = api_of(None)
    client.credentials(HTTP_AUTHORIZATION="Basic " + base64.b64encode(f"{name}:{body['password']}".encode()).decode())
    assert client.get("/api/v1/users/me/").status_code == 401
    assert hashed == []


@pytest.mark.django_db
def test_an_address_is_stored_in_one_form_on_every_path(alice: User, bob: User, api_of: Api) -> None:
    new = {"username": "zoe", "password": PASSWORD, "email": ADDRESS}
    registered = api_of(None).post("/api/v1/users/", new, format="json").json()["email"]
    changed = api_of(alice).patch("/api/v1/users/me/", {"email": ADDRESS}, format="json").json()["email"]
    by_staff = update_profile(bob, {"email": ADDRESS}).email
    superuser = User.objects.create_superuser("root", ADDRESS, PASSWORD).email
    assert {registered, changed, by_staff, superuser} == {"Zoe.Q@example.com"}
