"""To ban, to edit a profile and to set a password are three permissions in the admin: each one allows one thing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from chatserver.tests.harness.moderation import PEOPLE, act, confirm, form_of, revoked
from users.actions.people import ban_user, create_user, unban_user
from users.models import User

PASSWORD = "another horse battery"
SET = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "set-password": "1"}
APART = ("ban_user", "change_user", "set_password")


@pytest.fixture
def staff_who_may(db: Any) -> Callable[..., Client]:
    """Staff with these permissions and no other."""

    def make(*codenames: str) -> Client:
        mod = create_user("mod", password=PASSWORD)
        User.objects.filter(pk=mod.pk).update(is_staff=True)
        mod.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="users"))
        assert mod.user_permissions.count() == len(codenames)
        client = Client()
        client.force_login(mod)
        return client

    return make


def try_all(client: Client, user: User) -> set[str]:
    """What somebody can do to a person, of all that staff may be allowed."""
    done = set()
    act(client, PEOPLE, "ban", user)
    done |= {"ban_user"} if not User.objects.get(pk=user.pk).is_active else set()
    ban_user(user)
    act(client, PEOPLE, "unban", user)
    done |= {"ban_user: unban"} if User.objects.get(pk=user.pk).is_active else set()
    unban_user(user)
    client.post(f"{PEOPLE}{user.pk}/password/", SET)
    done |= {"set_password"} if User.objects.get(pk=user.pk).password != user.password else set()
    rights = {"is_staff": "on", "is_superuser": "on", "is_service": "on", "is_active": ""}
    client.post(f"{PEOPLE}{user.pk}/change/", form_of(user, display_name="Renamed", email="new@example.com", **rights))
    found = User.objects.get(pk=user.pk)
    done |= {"change_user"} if found.display_name == "Renamed" else set()
    done |= {"an address"} if found.email != user.email else set()
    done |= {"rights"} if found.is_staff or found.is_superuser or found.is_service else set()
    before = len(revoked(user))
    act(client, PEOPLE, "log_out_everywhere", user)
    done |= {"log out"} if len(revoked(user)) > before else set()
    confirm(client, PEOPLE, "delete_account", user)
    done |= {"delete_user"} if User.objects.get(pk=user.pk).is_deleted else set()
    return done


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        (["ban_user"], {"ban_user", "ban_user: unban"}),
        (["change_user"], {"change_user", "log out"}),
        (["change_user", "view_user"], {"change_user", "an address", "log out"}),
        (["set_password"], {"set_password"}),
        (["delete_user"], set()),
        (["delete_user", "view_user"], {"delete_user"}),
        (["view_user"], set()),
        ([], set()),
    ],
)
def test_a_permission_allows_one_thing(
    staff_who_may: Callable[..., Client], alice: User, permissions: list[str], allowed: set[str]
) -> None:
    assert try_all(staff_who_may(*permissions), alice) == allowed


@pytest.mark.parametrize("permission", APART)
def test_who_may_not_see_addresses_finds_none_on_the_pages(
    staff_who_may: Callable[..., Client], alice: User, permission: str
) -> None:
    client = staff_who_may(permission)
    for page in (PEOPLE, f"{PEOPLE}?q=alice", f"{PEOPLE}{alice.pk}/change/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "alice" in answer.text
        assert "example.com" not in answer.text
    assert ("Reset password" in client.get(f"{PEOPLE}{alice.pk}/change/").text) == (permission == "set_password")


@pytest.mark.parametrize("right", ["is_staff", "is_superuser", "is_service"])
def test_all_of_them_together_do_nothing_to_those_above(
    staff_who_may: Callable[..., Client], alice: User, right: str
) -> None:
    client = staff_who_may(*APART, "view_user", "delete_user")
    User.objects.filter(pk=alice.pk).update(**{right: True})
    act(client, PEOPLE, "ban", alice)
    act(client, PEOPLE, "log_out_everywhere", alice)
    confirm(client, PEOPLE, "delete_account", alice)
    assert client.post(f"{PEOPLE}{alice.pk}/password/", SET).status_code == 403
    assert client.post(f"{PEOPLE}{alice.pk}/change/", form_of(alice, display_name="x")).status_code == 403
    found = User.objects.get(pk=alice.pk)
    assert (found.is_active, found.is_deleted, found.display_name) == (True, False, "")
    assert found.password == alice.password
    assert revoked(alice) == []


@pytest.mark.parametrize("permission", APART)
def test_a_permission_without_staff_status_is_none(db: Any, alice: User, bob: User, permission: str) -> None:
    bob.user_permissions.set(Permission.objects.filter(codename=permission))
    client = Client()
    client.force_login(bob)
    assert client.get(PEOPLE).status_code == 302
    assert try_all(client, alice) == set()
