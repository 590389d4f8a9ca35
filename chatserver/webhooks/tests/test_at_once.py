"""Two requests at once for one endpoint or delivery, on a real PostgreSQL. Each ends with an answer that is no error.

A lock that the test holds makes both wait where they would change something. They go on one after the other.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import psycopg2
import pytest

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.service_keys import key_of, service_account
from chatserver.tests.harness.waiting import wait_for

# The address is refused, so the service connects to nothing.
ADD_ENDPOINT = """
INSERT INTO webhooks_endpoint (owner_id, url, types, is_enabled, is_ordered, begins_after, disabled_reason, secret_salt,
    previous_salt)
VALUES (%s, 'https://127.0.0.1/', '{room.deleted}', true, true, 0, '', 'first', '') RETURNING id
"""
ADD_DELIVERY = """
INSERT INTO webhooks_delivery (endpoint_id, type, lane, state) VALUES (%s, 'webhook.test', 'test:0', 2) RETURNING id
"""
LOCK = "SELECT 1 FROM webhooks_endpoint WHERE id = %(endpoint)s FOR UPDATE"
DELETE_DELIVERY = "DELETE FROM webhooks_delivery WHERE id = %(delivery)s"
DELETE_ENDPOINT = f"{DELETE_DELIVERY}; DELETE FROM webhooks_endpoint WHERE id = %(endpoint)s"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
# What each answers when it comes first.
VERBS = {"change": 200, "rotate": 200, "test": 201, "replay": 200, "delete": 204}


class Hook:
    """An endpoint with a delivery that failed, and requests about them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        (owner,) = service.people()
        secret = key_of(service_account(owner), "webhooks:write")
        self.client = Client(service, owner.name, owner.id, secret)
        ((self.endpoint,),) = service.sql(ADD_ENDPOINT, owner.id)
        ((self.delivery,),) = service.sql(ADD_DELIVERY, self.endpoint)
        self.url = f"/api/v1/webhooks/{self.endpoint}/"

    def __enter__(self) -> "Hook":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def request(self, verb: str) -> Any:
        match verb:
            case "change":
                return self.client.patch(self.url, json={"ordered": False})
            case "rotate":
                return self.client.post(f"{self.url}rotate-secret/")
            case "test":
                return self.client.post(f"{self.url}test/")
            case "replay":
                return self.client.post(f"{self.url}deliveries/{self.delivery}/replay/")
            case _:
                return self.client.delete(self.url)

    def behind(self, statement: str, *verbs: str) -> list[Any]:
        """What these answer, which all have begun, in this order, before the statement is committed."""
        holder = psycopg2.connect(self.service.env["DATABASE_URL"])
        with ThreadPoolExecutor(len(verbs)) as pool, closing(holder):
            holder.cursor().execute(statement, {"endpoint": self.endpoint, "delivery": self.delivery})
            answers = []
            for count, verb in enumerate(verbs, start=1):
                answers.append(pool.submit(self.request, verb))
                wait_for(lambda count=count: self.service.sql(WAITING)[0][0] >= count, 10, f"{verb} to wait")
            holder.commit()
            return [answer.result() for answer in answers]


@pytest.fixture
def make_hook(granian: Service) -> Iterator[Callable[[], Hook]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Hook(granian))


@pytest.fixture
def hook(make_hook: Callable[[], Hook]) -> Hook:
    return make_hook()


def statuses(answers: list[Any]) -> list[int]:
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("verb", VERBS)
def test_what_comes_before_a_deletion_is_done_and_what_comes_after_it_finds_nothing(
    make_hook: Callable[[], Hook], verb: str
) -> None:
    if verb != "delete":
        assert statuses(make_hook().behind(LOCK, verb, "delete")) == [VERBS[verb], 204]
    hook = make_hook()
    assert statuses(hook.behind(LOCK, "delete", verb)) == [204, 404]
    assert hook.client.get(hook.url).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_the_last_row_of_an_endpoint_may_be_deleted_meanwhile(hook: Hook, verb: str) -> None:
    assert statuses(hook.behind(DELETE_ENDPOINT, verb)) == [404]


def test_a_delivery_that_is_deleted_meanwhile_is_not_found(hook: Hook) -> None:
    assert statuses(hook.behind(DELETE_DELIVERY, "replay")) == [404]


def test_two_replays_are_one(hook: Hook) -> None:
    answers = hook.behind(LOCK, "replay", "replay")
    assert statuses(answers) == [200, 200]
    assert [answer.json()["state"] for answer in answers] == ["waiting", "waiting"]


def test_two_rotations_are_one_after_the_other(hook: Hook) -> None:
    first, second = hook.behind(LOCK, "rotate", "rotate")
    assert first.json()["secret"] != second.json()["secret"]
    salts = "SELECT previous_salt <> 'first', secret_salt <> previous_salt FROM webhooks_endpoint WHERE id = %s"
    assert hook.service.sql(salts, hook.endpoint) == [(True, True)]
