"""The people of the run: their tokens, and how they log in again."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.torture.engines import Engines
from benchmarks.torture.http import Broken, Connection

PASSWORD = "a password that only the checker knows"  # noqa: S105 - of people who exist for some minutes
# One round: what hashing costs is no part of what is checked.
ROUNDS = 1


@dataclass
class Person:
    """`credential` is what the log calls the token when it ends it."""

    user_id: int
    name: str
    token: str
    credential: str = ""
    logging_in: asyncio.Lock = field(default_factory=asyncio.Lock)


def read_people(tokens: Path, engines: Engines) -> list[Person]:
    """Those that `seed --tokens` made. Gives everybody a password, and makes the first one a service account."""
    rows = [line.split("\t") for line in tokens.read_text().splitlines()]
    people = [Person(int(user_id), name, token) for name, user_id, token in rows]
    salt = "torture"
    digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), ROUNDS)).decode()
    engines.ask("UPDATE users_user SET password = %s", f"pbkdf2_sha256${ROUNDS}${salt}${digest}")
    engines.ask("UPDATE users_user SET is_service = true WHERE id = %s", people[0].user_id)
    for person in people:
        person.credential = credential_of(engines, person.token)
    return people


def credential_of(engines: Engines, token: str) -> str:
    """ "" where there is no such token (any more)."""
    found = engines.ask("SELECT id FROM users_token WHERE secret_hash = %s", hashlib.sha256(token.encode()).digest())
    return f"token:{found[0][0]}" if found else ""


async def log_in_again(person: Person, stale: str, port: int, engines: Engines) -> None:
    """A new token in place of this one, unless somebody got one meanwhile. Broken where it can't be had now."""
    async with person.logging_in:
        if person.token != stale:
            return
        connection = Connection(port)
        try:
            answer = await connection.ask(
                "POST", "/api/v1/tokens/", "", {"username": person.name, "password": PASSWORD}
            )
        finally:
            connection.close()
        if answer.status != 201:
            raise Broken(f"logging in was answered {answer.status}")
        try:
            credential = await asyncio.to_thread(credential_of, engines, answer.body["token"])
        except Exception as error:
            raise Broken(repr(error)) from error
        person.token, person.credential = answer.body["token"], credential
