"""The users of the run: their tokens, and how they log in again."""

import asyncio
import base64
import hashlib
import json
import re
from contextlib import closing, suppress
from dataclasses import dataclass, field

import psycopg2

from benchmarks.client.http import Connection
from benchmarks.processes.server import Account
from benchmarks.torture.engines import Engines

PASSWORD = "a password that only the checker knows"  # noqa: S105 - of users who exist for some minutes
# One round: what hashing costs is no part of what is checked.
ROUNDS = 1
LOGIN_SECONDS = 10.0
# What users are called who will delete their accounts.
MORTAL_NAME = re.compile(rb"Mortal \d+")


@dataclass(eq=False)
class User:
    """`credential` is what the log calls the token when it ends it."""

    user_id: int
    name: str
    token: str
    credential: str
    name_shown: str = ""
    logging_in: asyncio.Lock = field(default_factory=asyncio.Lock)


def prepare_users(accounts: list[Account], engines: Engines) -> list[User]:
    """Gives everybody a password, and makes the first one a service account."""
    salt = "torture"
    digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), ROUNDS)).decode()
    engines.sql("UPDATE users_user SET password = %s", f"pbkdf2_sha256${ROUNDS}${salt}${digest}")
    engines.sql("UPDATE users_user SET is_service = true WHERE id = %s", accounts[0].user_id)
    return [
        User(account.user_id, account.name, account.token, credential_of(engines, account.token))
        for account in accounts
    ]


def make_mortal(users: list[User], engines: Engines) -> None:
    """Gives users names by which they are found again. Before they do anything."""
    for user in users:
        user.name_shown = f"Mortal {user.user_id}"
        engines.sql("UPDATE users_user SET display_name = %s WHERE id = %s", user.name_shown, user.user_id)


def is_deleted(user: User, engines: Engines) -> bool:
    """Whether the database says so; False where it can't be asked now."""
    with suppress(psycopg2.Error):
        return bool(engines.sql("SELECT 1 FROM users_user WHERE id = %s AND deleted_at IS NOT NULL", user.user_id))
    return False


def credential_of(engines: Engines, token: str) -> str:
    """ "" where there is no such token (any more)."""
    found = engines.sql("SELECT id FROM users_token WHERE secret_hash = %s", hashlib.sha256(token.encode()).digest())
    return f"token:{found[0][0]}" if found else ""


async def log_in_again(user: User, stale: str, port: int, engines: Engines) -> None:
    """A new token in place of this one, unless somebody got one meanwhile. OSError where it can't be had now."""
    async with user.logging_in:
        if user.token != stale:
            return
        body = json.dumps({"username": user.name, "password": PASSWORD}).encode()
        with closing(Connection(port)) as connection:
            answer = await connection.request("POST", "/api/v1/tokens/", body, seconds=LOGIN_SECONDS)
        if answer.status != 201:
            raise ConnectionError(f"logging in was answered {answer.status}")
        token = answer.json()["token"]
        try:
            credential = await asyncio.to_thread(credential_of, engines, token)
        except psycopg2.Error as error:
            raise ConnectionError(repr(error)) from error
        user.token, user.credential = token, credential
