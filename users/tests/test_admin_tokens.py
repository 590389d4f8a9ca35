"""Tokens in the admin: nobody sees or makes one there, and who ends one ends its streams."""

import msgspec
import pytest

from chatserver.events.models import Kind
from chatserver.tests.harness.moderation import TOKENS, act, audited, emitted
from users.actions.credentials import issue_token
from users.models import Token, hash_secret


def test_a_token_never_shows_its_value_or_its_hash(admin_client, alice):
    secret, token = issue_token(alice)
    digest = hash_secret(secret)
    for page in (TOKENS, f"{TOKENS}{token.pk}/change/", f"{TOKENS}{token.pk}/delete/", f"{TOKENS}?q=alice"):
        html = admin_client.get(page).text
        assert f"/admin/users/token/{token.pk}/" in html
        for secret_text in (secret, digest.hex(), repr(digest), "secret_hash", "memory at"):
            assert secret_text not in html
    assert admin_client.get(TOKENS, {"secret_hash__gt": "a"}).status_code == 400


def test_tokens_are_not_made_or_changed_by_hand(admin_client, alice):
    _, token = issue_token(alice)
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
    _, token = issue_token(alice)
    _, other = issue_token(alice)
    end(admin_client, token)
    assert list(Token.objects.all()) == [other]
    (row,) = emitted("logged_out")
    assert (row.kind, row.user_ids) == (Kind.REVOKE, [alice.pk])
    assert msgspec.json.decode(row.body) == {"credential": f"token:{token.pk}"}
    assert [who for who, _ in audited(token.pk)] == ["admin"]


@pytest.mark.parametrize("end", [by_action, by_bulk_delete, by_button])
def test_a_moderator_does_not_end_the_token_of_those_above_them(moderator_client, admin_user, end):
    _, token = issue_token(admin_user)
    end(moderator_client, token)
    assert Token.objects.filter(pk=token.pk).exists()
    assert emitted("logged_out") == []
