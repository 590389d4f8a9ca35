"""Things of some people, everybody who shares nothing with these, and the requests of an operation that name them."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from django.apps import apps
from django.db import connection
from django.test import Client

from chats.actions.messages import send_message
from chatserver.events.sequencer import sequence
from chatserver.http.scopes import SCOPES, grants
from chatserver.tests.harness.jwts import jwt_settings, mint
from chatserver.webhooks.actions import create_endpoint, send_test
from rooms.actions import general
from rooms.actions.invitations import invite_person
from rooms.actions.members import remove_member
from rooms.actions.rooms import create_room
from rooms.models import Kind, Membership, Room
from users import presence
from users.actions.credentials import issue_token
from users.actions.people import create_user, update_profile
from users.actions.service_keys import find_or_make_service, issue_key, revoke_key
from users.models import ExternalIdentity, User

ISSUER, AUDIENCE = "https://shop.example.com", "chat"
# It is in every text of theirs, and in no other.
MARK = "zanzibar"
PASSWORD = f"{MARK} horse battery"
NOBODYS_ID = 777_000_222
# What a parameter or a field names, where its own name does not say it.
NAMED = {
    "around": "message",
    "unread_from": "message",
    "parent_id": "message",
    "members": "user",
    "rooms": "room",
    "user_ids": "user",
}
# Every request of a service key writes into the audit, and sequences may rise.
UNCOMPARED = {"audit_auditentry", "django_migrations"}

Ids = dict[str, Any]


class Sent(NamedTuple):
    """A request without credentials. `body` is JSON or empty."""

    method: str
    url: str
    body: str


def keep_apart(settings: Any) -> None:
    """Have strangers not see each other, and JWTs of a host product accepted."""
    settings.CHAT_JWT_KEYS = jwt_settings("HS256", issuer=ISSUER, audience=AUDIENCE)
    settings.CHAT_GENERAL = False
    settings.CHAT_DIRECTORY = settings.CHAT_DIRECT_MESSAGES = "rooms"
    for _ in general.switch():
        pass


class Theirs:
    """What is alice's, bob's and their host's.

    `ids` is what a request names them by ("user" or "external room" -> id), `rows` what tables have of them.
    """

    def __init__(self) -> None:
        self.removed = create_user("departed")
        others = rows()
        self.alice = create_user(f"{MARK}-alice", email=f"{MARK}@example.com", password=PASSWORD)
        self.bob = create_user(f"{MARK}-bob")
        update_profile(self.bob, {"display_name": MARK, "avatar_url": f"https://{MARK}.example/bob.png"})
        self.shop = find_or_make_service("shop")
        self.room = create_room(self.alice, [self.bob, self.removed], name=MARK, description=MARK, kind=Kind.CLOSED)
        remove_member(*(Membership.objects.get(room=self.room, user=one) for one in (self.alice, self.removed)))
        Room.objects.filter(pk=self.room.pk).update(external_id="order-551")
        for person in (self.alice, self.bob):
            ExternalIdentity.objects.create(user=person, issuer=ISSUER, subject=f"customer-{person.pk}")
        while sequence():
            pass
        presence.open_streams([(self.bob.pk, uuid.uuid4().hex)])
        guest = create_user(f"{MARK}-guest")
        create_room(self.alice, [guest], name=MARK, kind=Kind.CLOSED)
        other_room = create_room(self.bob, [], name=MARK, description=MARK, kind=Kind.CLOSED)
        invitation, _ = invite_person(Membership.objects.get(room=other_room), self.alice)
        messages = [send_message(self.alice, self.room.pk, MARK)[0] for _ in range(2)]
        send_message(self.alice, self.room.pk, MARK, parent_id=messages[0].pk)
        endpoint = create_endpoint(self.shop.pk, url=f"https://{MARK}.example/", types=["message.*"])
        self.ids: Ids = {
            "user": self.bob.pk,
            "guest": guest.pk,
            "room": self.room.pk,
            "message": messages[0].pk,
            "invitation": invitation.pk,
            "seq": 1,
            "webhook": endpoint.pk,
            "delivery": send_test(endpoint).pk,
            "token": issue_token(self.alice)[1].pk,
            "external user": f"customer-{self.bob.pk}",
            "external room": "order-551",
        }
        # But for what tells of the person whom they removed, who may delete themselves.
        self.rows = {row for row in rows() - others if "departed" not in row[1]}

    def insiders(self) -> list[dict[str, str]]:
        """The headers of those who may: alice, their service, alice's browser, and nobody, who knows a password."""
        browser = Client()
        browser.force_login(self.alice)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
        return [*(bearer(secret) for secret in (issue_token(self.alice)[0], self.key())), {"Cookie": cookies}, {}]

    def key(self) -> str:
        return issue_key(self.shop, MARK, SCOPES)[0]


NOBODYS: Ids = {
    "seq": 1,
    **dict.fromkeys(("user", "guest", "room", "message", "invitation", "webhook", "delivery", "token"), NOBODYS_ID),
    **dict.fromkeys(("external user", "external room"), "of-nobody"),
}


def bearer(secret: str, **headers: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", **{name.replace("_", "-"): str(headers[name]) for name in headers}}


def outsiders(theirs: Theirs, scope: str) -> dict[str, dict[str, str]]:
    """The headers of each kind of outsider, for an operation that needs this scope."""
    stranger, other = create_user("stranger"), find_or_make_service("other-shop")
    customer, now = theirs.ids["external user"], int(time.time())
    ended, ended_key = issue_key(theirs.shop, MARK, SCOPES)
    revoke_key(ended_key)

    def key(service: User, *scopes: str, **headers: object) -> dict[str, str]:
        return bearer(issue_key(service, "a key", scopes)[0], **headers)

    return {
        "nobody": {},
        "stranger": bearer(issue_token(stranger)[0]),
        "other_customer": bearer(mint("another", iss=ISSUER, aud=AUDIENCE)),
        "removed_member": bearer(issue_token(theirs.removed)[0]),
        "expired_jwt": bearer(mint(customer, iss=ISSUER, aud=AUDIENCE, iat=now - 900, exp=now - 300)),
        "jwt_of_wrong_issuer": bearer(mint(customer, iss="https://evil.example.com", aud=AUDIENCE)),
        "jwt_for_wrong_audience": bearer(mint(customer, iss=ISSUER, aud="shop")),
        "revoked_key": bearer(ended),
        "key_without_scope": key(theirs.shop, *(one for one in SCOPES if not grants([one], scope))),
        "key_of_other_account": key(other, scope if scope in SCOPES else "act_as"),
        "key_for_stranger": key(other, "act_as", Chat_On_Behalf_Of=stranger.pk),
        "key_without_act_as": key(
            theirs.shop, *(one for one in SCOPES if one != "act_as"), Chat_On_Behalf_Of=theirs.bob.pk
        ),
    }


def requests_of(name: str, operation: dict[str, Any], ids: Ids, **fields: Any) -> list[Sent]:
    """The requests of an operation that name these: one for each example of its body, whose `fields` are replaced."""
    method, _, path = name.partition(" ")
    parameters = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "path"}

    def in_path(match: re.Match[str]) -> str:
        value = named(match[1], path, ids)
        if value is None:  # it is no id, or of a thing that Theirs should have
            value = parameters[match[1]]["schema"].get("examples", [None])[0]
        assert value is not None, f"{match[0]}: Theirs.ids has none, nor has its schema `examples`"
        return quote(str(value), safe="")

    url = re.sub(r"{(\w+)}", in_path, path)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [example["value"] for example in content.get("examples", {}).values()]
    bodies = [json.dumps({**filled(one, path, ids), **{k: fields[k] for k in fields.keys() & one}}) for one in examples]
    return [Sent(method, url, body) for body in bodies or [""]]


def queries_of(name: str, operation: dict[str, Any], ids: Ids, words: str) -> Iterator[Sent]:
    """The same with each parameter of the query that names something; `words` are what is searched for."""
    path = name.partition(" ")[2]
    for parameter in operation.get("parameters", ()):
        value = words if parameter["name"] == "q" else named(parameter["name"], path, ids)
        if parameter["in"] == "query" and value is not None:
            for sent in requests_of(name, operation, ids):
                yield sent._replace(url=f"{sent.url}?{parameter['name']}={value}")


def named(name: str, path: str, ids: Ids) -> Any:
    """What a parameter or a field names: room of room_id; of id, what the path begins with. None where it is no id."""
    first = path.split("/")[3].removesuffix("s")
    if name == "user_id" and path.endswith("/invitations/"):  # who is not in the room
        return ids.get("guest")
    if name in {"id", "ids", "external_id"}:
        return ids.get(f"external {first}" if name == "external_id" else first)
    if name in NAMED or name == "seq" or name.endswith("_id"):
        return ids.get(NAMED.get(name, name.removesuffix("_id")))
    return None


def filled(body: dict[str, Any], path: str, ids: Ids) -> dict[str, Any]:
    """An example of a body that names these."""
    made = {}
    for name, value in body.items():
        found = named(name, path, ids)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            made[name] = [filled(one, path, ids) for one in value]
        elif found is not None:
            made[name] = [found] if isinstance(value, list) else found
        else:
            made[name] = value
    return made


def rows() -> set[tuple[str, str]]:
    """Every row of every table, as text."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - UNCOMPARED)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', t::text FROM \"{table}\" t" for table in tables))  # noqa: S608 - our own tables
        return set(cursor.fetchall())
