"""What outsiders get from an operation. `x-outsiders` in the OpenAPI schema says it, and a test sends each request.

A view declares, beside its scope, what is answered to those who share nothing with the people whom a request is about:
`outsiders = Outsiders("not_found")`. outsiders_get() declares another answer for a method. The rest follows from the
view: whether it reads credentials, needs them, and which scope it needs.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework.permissions import AllowAny

from chatserver.error_codes import CODES
from chatserver.http.scopes import ANY_KEY, NO_KEY, Need

View = TypeVar("View", bound=Callable[..., Any])
# A code, or several where the bodies that the operation takes get different ones; or one of the two below.
Outcome = str | tuple[str, ...]

# It succeeds, and shows and changes the caller's own things alone.
OWN = "own"
# It succeeds: services see and change everybody's.
ALL = "all"

OUTSIDE_PEOPLE = ("nobody", "stranger", "other_customer", "removed_member")
# Credentials that are no longer valid, or never were, of those who may.
ENDED_CREDENTIALS = ("expired_jwt", "jwt_of_wrong_issuer", "jwt_for_wrong_audience", "revoked_key")
# The two last are keys that name a person to act for: a stranger; somebody who may, without the scope act_as.
OUTSIDE_KEYS = ("key_without_scope", "key_of_other_account", "key_for_stranger", "key_without_act_as")
STATUSES = {code: status for status, codes in CODES.items() for code in codes}


class Outsiders:
    """What people get, and service accounts where it is not the same; `others` by their kinds."""

    def __init__(self, people: Outcome, services: Outcome | None = None, **others: Outcome) -> None:
        self.people = people
        self.services = people if services is None else services
        self.others = others

    def row(self, need: Need | None, *, reads_credentials: bool, needs_credentials: bool) -> dict[str, list[str]]:
        """The answers by kind of outsider: statuses with codes, such as "404 not_found", or OWN, or ALL."""
        people: Outcome = "scope_missing" if need is not None and need.only_keys else self.people
        outcomes = dict.fromkeys((*OUTSIDE_PEOPLE, *ENDED_CREDENTIALS, *OUTSIDE_KEYS), people)
        if needs_credentials:
            outcomes["nobody"] = "not_authenticated"
        if reads_credentials:
            outcomes |= {
                **dict.fromkeys(ENDED_CREDENTIALS, "invalid_token"),
                **dict.fromkeys(OUTSIDE_KEYS, "scope_missing"),
            }
            if need is not None and need.scope != NO_KEY:
                outcomes |= {"key_of_other_account": self.services, "key_for_stranger": people}
                if need.scope == ANY_KEY:
                    outcomes["key_without_scope"] = self.services
        assert set(self.others) <= set(outcomes)
        return {kind: _described(outcome) for kind, outcome in {**outcomes, **self.others}.items()}


def outsiders_get(people: Outcome, services: Outcome | None = None, **others: Outcome) -> Callable[[View], View]:
    """Marks a method that answers: outsiders get this, whatever the view declares."""

    def mark(view: View) -> View:
        view.outsiders = Outsiders(people, services, **others)  # type: ignore[attr-defined]  # read by outsiders_of()
        return view

    return mark


def outsiders_of(view: Any, method: str, need: Need | None) -> dict[str, list[str]] | None:
    """Outsiders.row() of an operation; None where the view declares nothing."""
    handler = getattr(view, getattr(view, "action", None) or method.lower(), None)
    declared: Outsiders | None = getattr(handler, "outsiders", getattr(view, "outsiders", None))
    if declared is None:
        return None
    reads = bool(view.get_authenticators())
    is_open = any(isinstance(permission, AllowAny) for permission in view.get_permissions())
    return declared.row(need, reads_credentials=reads, needs_credentials=reads and not is_open)


def _described(outcome: Outcome) -> list[str]:
    texts = (outcome,) if isinstance(outcome, str) else outcome
    return [text if text in {OWN, ALL} else f"{STATUSES[text]} {text}" for text in texts]
