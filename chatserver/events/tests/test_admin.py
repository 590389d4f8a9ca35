"""The log in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from chatserver.events import log
from chatserver.events.models import Event, RowPutAside
from chatserver.events.sequencer import sequence
from users.actions.credentials import issue_token, revoke_credential

EVENTS = "/admin/events/event/"
ROWS_PUT_ASIDE = "/admin/events/rowputaside/"


@pytest.fixture
def events(alice):
    """What alice's coming wrote, what she said, and a token of hers that ended."""
    log.emit("test:1", "test.happened", {"message": "hi"}, actor_id=alice.pk, room_id=0)
    revoke_credential(issue_token(alice)[1])
    sequence()
    return list(Event.objects.order_by("-pk"))


def found(client, words=""):
    return list(client.get(EVENTS, {"q": words}).context["cl"].result_list)


def test_users_without_staff_status_are_sent_to_the_login(alice):
    client = Client()
    client.force_login(alice)
    assert client.get(EVENTS).status_code == 302


def test_the_log_is_shown_newest_first(admin_client, events):
    shown = found(admin_client)
    assert [event.type for event in shown[:2]] == ["logged_out", "test.happened"]
    assert shown == sorted(shown, key=lambda event: -event.pk)


def test_the_log_is_found_by_position_topic_and_type(admin_client, events, alice):
    revoke, message = events[:2]
    assert found(admin_client, str(message.pk)) == [message]
    assert found(admin_client, f"user:{alice.pk}") == [revoke]
    assert found(admin_client, "test.happened") == [message]
    assert found(admin_client, "test:1 test.happened") == [message]
    assert found(admin_client, f"user:{alice.pk} test.happened") == []


def test_nobody_writes_into_the_log_or_deletes_from_it(admin_client, events):
    event = events[0]
    before = Event.objects.count()
    assert admin_client.get(f"{EVENTS}add/").status_code == 403
    assert admin_client.post(f"{EVENTS}{event.pk}/change/", {"type": "user.created"}).status_code == 403
    assert admin_client.post(f"{EVENTS}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert 'name="action"' not in admin_client.get(EVENTS).text
    assert Event.objects.count() == before


def test_the_body_of_an_event_is_shown_but_no_credential(admin_client, events):
    revoke, message = events[:2]
    assert "hi" in admin_client.get(f"{EVENTS}{message.pk}/change/").context["adminform"].form.instance.body
    assert "&quot;message&quot;:&quot;hi&quot;" in admin_client.get(f"{EVENTS}{message.pk}/change/").text
    assert "credential" in revoke.body
    html = admin_client.get(f"{EVENTS}{revoke.pk}/change/").text
    assert "credential" not in html
    assert "token:" not in html


def test_the_list_takes_a_fixed_number_of_queries(admin_client, events, django_assert_num_queries):
    with django_assert_num_queries(5):  # session, who, newest position, count, page
        assert admin_client.get(EVENTS).status_code == 200


def test_rows_put_aside_are_found_by_position_and_reader(admin_client):
    first, second = [RowPutAside(reader=name, position=7, error="ValueError", attempts=5) for name in ("one", "two")]
    RowPutAside.objects.bulk_create([first, second])
    listed = admin_client.get(ROWS_PUT_ASIDE, {"q": "7 one"}).context["cl"].result_list
    assert list(listed) == [first]


def test_staff_asks_a_reader_to_try_a_row_again(admin_client, django_assert_num_queries):
    asked, other = [RowPutAside(reader="one", position=number, error="", attempts=5) for number in (7, 8)]
    RowPutAside.objects.bulk_create([asked, other])
    with django_assert_num_queries(4):  # session, who, count, page
        admin_client.get(ROWS_PUT_ASIDE)
    answer = admin_client.post(ROWS_PUT_ASIDE, {"action": "try_again", "_selected_action": [asked.pk]}, follow=True)
    assert "Asked to try again: 1 row put aside." in answer.text
    assert list(RowPutAside.objects.filter(is_to_be_retried=True)) == [asked]
    assert LogEntry.objects.get().object_repr == "7 of one"
    assert admin_client.post(f"{ROWS_PUT_ASIDE}{asked.pk}/change/", {"attempts": 0}).status_code == 403


def test_staff_who_may_only_look_at_rows_put_aside_cannot_retry_them(alice):
    row = RowPutAside.objects.create(reader="one", position=7, error="", attempts=5)
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="view_rowputaside"))
    client = Client()
    client.force_login(alice)
    assert client.get(ROWS_PUT_ASIDE).status_code == 200
    client.post(ROWS_PUT_ASIDE, {"action": "try_again", "_selected_action": [row.pk]})
    assert not RowPutAside.objects.get().is_to_be_retried
