"""Endpoints and deliveries in the admin."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chatserver.tests.harness.receiver import Receiver, answers
from chatserver.tests.harness.webhooks import Work
from chatserver.webhooks.models import Delivery, Endpoint, State
from users.models import User

Add = Callable[..., Endpoint]


@pytest.fixture
def staff(alice: User) -> Client:
    """A superuser's client."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = Client()
    client.force_login(alice)
    return client


def act(staff: Client, model: str, name: str, *ids: int) -> Any:
    body = {"action": name, "_selected_action": list(ids)}
    return staff.post(f"/admin/webhooks/{model}/", body, follow=True)


def test_an_endpoint_that_is_gone_is_noticed_and_can_be_enabled(
    work: Work, add: Add, receiver: Receiver, happen: Callable[..., int], staff: Client
) -> None:
    receiver.behave(answers(410))
    endpoint = add(receiver)
    happen(1)
    work.settle()
    page = staff.get("/admin/webhooks/endpoint/")
    assert f"Endpoint {endpoint.pk} gets nothing since" in page.content.decode()
    assert act(staff, "endpoint", "enable", endpoint.pk).status_code == 200
    endpoint.refresh_from_db()
    assert endpoint.is_enabled
    assert "gets nothing since" not in staff.get("/admin/webhooks/endpoint/").content.decode()


def test_staff_disable_test_and_replay(
    work: Work, add: Add, receiver: Receiver, happen: Callable[..., int], staff: Client
) -> None:
    endpoint = add(receiver)
    happen(1)
    work.settle()
    act(staff, "delivery", "replay", Delivery.objects.get().pk)
    act(staff, "endpoint", "send_test", endpoint.pk)
    work.settle()
    # The last two in any order: each has a lane of its own.
    assert sorted(event["type"] for event in receiver.events) == ["test.happened", "test.happened", "webhook.test"]
    act(staff, "endpoint", "disable", endpoint.pk)
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.disabled_reason) == (False, "Staff disabled it.")


def test_no_page_shows_what_a_secret_is_made_of(
    work: Work, add: Add, receiver: Receiver, happen: Callable[..., int], staff: Client
) -> None:
    receiver.behave(answers(500, b"<script>alert(1)</script>"))
    endpoint = add(receiver)
    happen(1)
    work.settle()
    delivery = Delivery.objects.get(state=State.WAITING)
    paths = ("endpoint/", f"endpoint/{endpoint.pk}/change/", "delivery/", f"delivery/{delivery.pk}/change/")
    for path in (*paths, f"delivery/?q=endpoint:{endpoint.pk}"):
        page = staff.get(f"/admin/webhooks/{path}")
        assert page.status_code == 200
        assert endpoint.secret_salt not in page.content.decode()
        assert "<script>alert" not in page.content.decode()
