"""What every page of the admin promises."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chats.actions.messages import send_message
from chats.models import Message
from chatserver.audit.models import AuditEntry
from chatserver.events.models import Event, ReaderCursor, RowPutAside
from chatserver.events.sequencer import sequence
from chatserver.http.bounded_admin import BoundedAdmin
from chatserver.webhooks.models import Delivery, Endpoint
from rooms.models import Membership, Room
from users.actions.credentials import issue_token
from users.actions.service_keys import find_or_make_service, issue_key
from users.models import HeldName, ServiceKey, Token, User

OURS = [
    User,
    Token,
    ServiceKey,
    HeldName,
    Room,
    Membership,
    Message,
    Event,
    ReaderCursor,
    RowPutAside,
    AuditEntry,
    Endpoint,
    Delivery,
    LogEntry,
]
INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)[^>]*>|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


def page_of(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


@pytest.fixture
def a_row_of_each(alice, admin_user):
    send_message(alice, Room.objects.get(pk=0).pk, "hello")
    issue_token(alice)
    HeldName.objects.hold("somebody")
    secret, _ = issue_key(find_or_make_service("shop"), "shop", ["users:read"])
    Client().get("/api/v1/users/me/", headers={"Authorization": f"Bearer {secret}"})
    sequence()
    ReaderCursor.objects.create(name="search", position=0)
    RowPutAside.objects.create(reader="search", position=1, error="ValueError", attempts=5)
    endpoint = Endpoint.objects.create(owner=admin_user, url="https://example.com/", types=["*"], begins_after=0)
    Delivery.objects.create(endpoint=endpoint, type="message.created", lane="", position=1)
    LogEntry.objects.log_actions(admin_user.pk, [alice], 2, "Banned", single_object=True)
    return {model: model.objects.order_by("pk").last() for model in OURS}


def test_only_these_tables_are_shown():
    assert set(admin.site._registry) == {*OURS, Group}


@pytest.mark.parametrize("model", OURS)
def test_lists_are_bounded(model):
    page = admin.site._registry[model]
    assert isinstance(page, BoundedAdmin)
    assert page.ordering == (f"-{model._meta.pk.name}",) or page.ordering == ("-pk",)


@pytest.mark.parametrize("model", OURS)
def test_no_list_counts_a_table(admin_client, a_row_of_each, model):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert admin_client.get(page_of(model)).status_code == 200
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"].upper()]
    assert len(counts) == 1
    assert re.search(r"LIMIT 10000\) subquery$", counts[0])


@pytest.mark.parametrize("model", OURS)
def test_no_address_makes_a_list_count_or_sort_a_table(admin_client, a_row_of_each, model):
    for parameters in ({"_facets": "True"}, {"o": "2"}, {"o": "-3.4"}, {"all": "1"}):
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(page_of(model), parameters).status_code == 200
        asked = [query["sql"] for query in queries]
        assert all("LIMIT 10000" in sql for sql in asked if "COUNT(" in sql.upper())
        key = f'"{model._meta.db_table}"."{model._meta.pk.column}" DESC'
        sorts = [sql.split(" ORDER BY ")[1].split(" LIMIT ")[0] for sql in asked if " ORDER BY " in sql]
        assert set(sorts) - {"1 DESC"} == {key}  # 1: the newest id


def test_a_list_says_where_it_ends(admin_client, alice, bob, charlie, monkeypatch):
    monkeypatch.setattr("chatserver.http.bounded_admin.MAX_COUNTED", 2)
    answer = admin_client.get(page_of(User))
    assert answer.context["cl"].result_count == 2
    assert "(the first 2; search to see others)" in answer.text
    assert "search to see others" not in admin_client.get(page_of(User), {"q": "alice"}).text


@pytest.mark.parametrize("model", OURS)
@pytest.mark.parametrize("words", ["\0", "9" * 30, "9" * 5000, "²", "%", "room:", "room:x 1:1 'x' \\", ":", "1:2:3"])
def test_any_search_is_answered(admin_client, a_row_of_each, model, words):
    assert admin_client.get(page_of(model), {"q": words}).status_code == 200


@pytest.mark.parametrize("words", ["alice", "\0", "9" * 5000])
def test_the_search_that_django_offers_to_forms_is_answered_too(admin_client, alice, words):
    field = {"app_label": "rooms", "model_name": "membership", "field_name": "user"}
    answer = admin_client.get("/admin/autocomplete/", {**field, "term": words})
    assert answer.status_code == 200
    assert "password" not in answer.text


@pytest.mark.parametrize("model", OURS)
def test_pages_keep_to_the_content_security_policy(admin_client, a_row_of_each, model):
    for page in ("", f"{a_row_of_each[model].pk}/change/", f"{a_row_of_each[model].pk}/history/", "add/"):
        answer = admin_client.get(page_of(model) + page)
        assert answer.status_code in (200, 403)
        assert INLINE.findall(answer.text) == []
        assert "script-src 'self'; style-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["", "login/", "password_change/", "users/user/", "users/"])
def test_other_pages_keep_to_the_content_security_policy_too(admin_client, client, page):
    for visitor in (admin_client, client):
        assert INLINE.findall(visitor.get(f"/admin/{page}", follow=True).text) == []


@pytest.mark.parametrize(
    "model", [User, ServiceKey, Room, Membership, Message, Event, ReaderCursor, RowPutAside, AuditEntry, LogEntry]
)
def test_no_row_can_be_deleted(admin_client, a_row_of_each, model):
    row = a_row_of_each[model]
    assert admin_client.post(f"{page_of(model)}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in admin_client.get(page_of(model)).text
    assert "deletelink" not in admin_client.get(f"{page_of(model)}{row.pk}/change/").text
    assert model.objects.filter(pk=row.pk).exists()


def test_the_audit_is_shown_and_stays(admin_client, a_row_of_each, django_assert_num_queries):
    entry = a_row_of_each[LogEntry]
    with django_assert_num_queries(5):  # session, who, newest id, count, page
        html = admin_client.get(page_of(LogEntry)).text
    assert "Banned" in html
    assert "alice" in html
    assert admin_client.post(f"{page_of(LogEntry)}{entry.pk}/change/", {"object_repr": "x"}).status_code == 403


def test_the_pages_bear_our_name(db):
    html = Client().get("/admin/login/").text
    assert "ChatServer" in html
    assert "Django administration" not in html
