"""Many people sign in at once: they wait, and others do not."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from chatserver.tests.harness.service import Service

PEOPLE = 40
PASSWORD = "correct horse battery"
# Few for a password, but many for one moment: some 60 ms of a core.
ROUNDS = 200_000


def test_forty_people_sign_in_at_once_and_others_notice_nothing(start_service: Callable[..., Service]) -> None:
    service = start_service(CHAT_THROTTLE_LOGIN="100000/minute")
    service.sql(f"UPDATE users_user SET password = '{PBKDF2PasswordHasher().encode(PASSWORD, 'salt', ROUNDS)}'")
    names = [name for (name,) in service.sql(f"SELECT username FROM users_user ORDER BY id DESC LIMIT {PEOPLE}")]
    (reader,) = service.people()

    def sign_in(name: str) -> int:
        body = {"username": name, "password": PASSWORD}
        return httpx.post(f"{service.url}/api/v1/tokens/", json=body, timeout=30).status_code

    with ThreadPoolExecutor(PEOPLE) as threads:
        pending = [threads.submit(sign_in, name) for name in names]
        reads = []
        while not all(each.done() for each in pending):
            began = time.monotonic()
            assert reader.get("/api/v1/users/online/").status_code == 200
            reads.append(time.monotonic() - began)
    assert [each.result() for each in pending] == [201] * PEOPLE
    assert len(reads) > 1
    assert sorted(reads)[len(reads) // 2] < 0.5
