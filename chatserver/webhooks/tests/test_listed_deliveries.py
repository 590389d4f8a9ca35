"""Deliveries over HTTP: one by one, in pages, by state; and those of a test."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chatserver.tests.harness.answers import assert_problem
from chatserver.tests.harness.receiver import Receiver, answers
from chatserver.tests.harness.webhook_calls import PUBLIC, Call
from chatserver.tests.harness.webhooks import Work


def test_a_delivery_of_another_endpoint_is_not_found(call: Call, work: Work, receiver: Receiver) -> None:
    endpoint, other = (call("POST", "", {"url": url}).json()["id"] for url in (receiver.url, PUBLIC))
    delivery = call("POST", f"{endpoint}/test/").json()["id"]
    assert_problem(call("GET", f"{other}/deliveries/{delivery}/"), 404)
    assert_problem(call("POST", f"{other}/deliveries/{delivery}/replay/"), 404)


def test_a_test_is_delivered_and_told(call: Call, work: Work, receiver: Receiver) -> None:
    receiver.behave(answers(200, b"thanks"))
    endpoint = call("POST", "", {"url": receiver.url, "types": ["room.*"], "rooms": [4]}).json()["id"]
    asked = call("POST", f"{endpoint}/test/")
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    work.settle()
    told = call("GET", f"{endpoint}/deliveries/{asked.json()['id']}/").json()
    assert (told["state"], told["status"], told["answer"], told["position"]) == ("delivered", 200, "thanks", None)
    (received,) = receiver.received
    assert received.headers["webhook-id"] == told["webhook_id"]
    assert received.event["type"] == "webhook.test"
    assert received.event["data"] == {"endpoint_id": endpoint}


def test_deliveries_page_and_are_selected_by_state(
    call: Call, work: Work, receiver: Receiver, happen: Callable[..., int]
) -> None:
    receiver.behave(lambda handler, received: handler.answer(410 if received.event["room_id"] == 9 else 204))
    endpoint = call("POST", "", {"url": receiver.url, "types": ["test.*"]}).json()["id"]
    happen(*range(5))
    work.settle()
    happen(5, room=9)
    work.settle()
    path = f"{endpoint}/deliveries/"
    everything = call("GET", path).json()
    ids = [each["id"] for each in everything["results"]]
    assert ids == sorted(ids)
    assert len(ids) == 6
    newest = call("GET", f"{path}?limit=2").json()
    assert [each["id"] for each in newest["results"]] == ids[-2:]
    before = call("GET", f"{path}?limit=2&before={newest['previous']}").json()
    assert [each["id"] for each in before["results"]] == ids[2:4]
    after = call("GET", f"{path}?after={ids[3]}").json()
    assert [each["id"] for each in after["results"]] == ids[4:]
    failed = call("GET", f"{path}?state=failed").json()["results"]
    assert [(each["id"], each["status"]) for each in failed] == [(ids[-1], 410)]
    assert_problem(call("GET", f"{path}?state=lost"), 400)
    assert_problem(call("POST", f"{path}{ids[0]}/replay/"), 409, "webhook_disabled")
    assert_problem(call("POST", f"{endpoint}/test/"), 409, "webhook_disabled")
    assert call("GET", f"{endpoint}/").json()["disabled_reason"] == "The receiver answered 410 Gone."


def test_lists_cost_as_many_queries_however_long_they_are(
    call: Call, work: Work, receiver: Receiver, happen: Callable[..., int]
) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert call("GET", path).status_code == 200
        return len(queries)

    endpoint = call("POST", "", {"url": receiver.url, "types": ["test.*"]}).json()["id"]
    first = count(""), count(f"{endpoint}/deliveries/")
    for _ in range(3):
        call("POST", "", {"url": PUBLIC})
    happen(1, 2, 3)
    work.settle()
    assert (count(""), count(f"{endpoint}/deliveries/")) == first
