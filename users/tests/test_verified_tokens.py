"""A process remembers for a while which tokens it has verified."""

import time

import pytest

from users.credentials import verified_tokens


def test_a_token_is_remembered_for_seconds_and_not_beyond_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    known = verified_tokens.VerifiedTokens()
    now = time.time()
    monkeypatch.setattr(verified_tokens.time, "time", lambda: now)
    known.remember("long", 1, None, now + 600)
    known.remember("short", 2, None, now + 5)
    assert (known.find("long").identity_id, known.find("short").identity_id) == (1, 2)
    now += 5
    assert (known.find("long").identity_id, known.find("short")) == (1, None)
    now += 25
    assert known.find("long") is None


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified_tokens, "MAX_VERIFIED_TOKENS", 2)
    known = verified_tokens.VerifiedTokens()
    for number in range(3):
        known.remember(f"token {number}", number, None, time.time() + 600)
    assert [known.find(f"token {number}") is not None for number in range(3)] == [False, True, True]
