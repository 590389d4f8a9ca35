"""The old /socket.io/, packet by packet: what it takes, from whom, and what it refuses."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chats.models import Message
from chatserver.config.rates import Rate
from chatserver.http.throttling import RequestThrottle, Throttle
from chatserver.legacy import socket_ids
from chatserver.tests.harness.answers import assert_old_error, emitted
from rooms.actions.rooms import open_direct_room
from rooms.models import Room
from users.actions.credentials import log_out_everywhere
from users.actions.people import ban_user, delete_user
from users.models import User

PATH = "/socket.io/?EIO=4&transport=polling"
TEXT = "text/plain;charset=UTF-8"


@pytest.fixture
def browser(alice: User, browser_client: Client) -> Client:
    return signed_in(browser_client, alice)


def signed_in(client: Client, user: User) -> Client:
    body = {"username": user.username, "password": "correct horse battery"}
    assert client.post("/login", body, "application/json").status_code == 200
    return client


def connect(client: Client) -> str:
    """The id of a new connection."""
    answer = client.get(PATH)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=UTF-8")
    opened, connected = answer.content.decode().split("\x1e")
    assert (opened[0], connected[:2]) == ("0", "40")
    assert json.loads(connected[2:])["sid"]
    found = json.loads(opened[1:])
    assert (found["upgrades"], found["pingInterval"], found["pingTimeout"]) == ([], 25_000, 20_000)
    return found["sid"]


def send(client: Client, *packets: str | bytes, sid: str = "any", **more: Any) -> Any:
    payload = b"\x1e".join(packet if isinstance(packet, bytes) else packet.encode() for packet in packets)
    return client.generic("POST", f"{PATH}&sid={sid}", payload, TEXT, **more)


def message(room: str | int, text: Any, **more: Any) -> str:
    return "42" + json.dumps(["message", {"roomId": room, "message": text, **more}])


def texts() -> list[tuple[int, str]]:
    return list(Message.objects.order_by("id").values_list("room_id", "text"))


@pytest.mark.parametrize("path", [PATH, PATH.replace("io/", "io"), f"{PATH}&t=Nabc&b64=1"])
def test_a_client_connects_emits_and_leaves(alice: User, browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 200
    answer = send(browser, "40", '42["room.join","0"]', message("0", "hai", date=1, **{"from": "999"}), "3")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert [(each.sender_id, each.room_id, each.text) for each in Message.objects.all()] == [(alice.pk, 0, "hai")]
    assert send(browser, "41", "1").status_code == 200


def test_a_first_message_opens_the_direct_room(alice: User, bob: User, charlie: User, browser: Client) -> None:
    low, high = sorted((alice.pk, bob.pk))
    assert send(browser, message(f"{low}:{high}", "just us")).status_code == 200
    assert send(browser, message(f"{high}:{low}", "again")).status_code == 200
    room = Room.objects.get(direct_low=low, direct_high=high)
    assert texts() == [(room.pk, "just us"), (room.pk, "again")]
    assert [each["id"] for each in emitted("room.created")] == [room.pk]


def test_rooms_of_others_and_of_nobody_are_refused(alice: User, bob: User, charlie: User, browser: Client) -> None:
    open_direct_room(bob, charlie)
    delete_user(charlie)
    outside = [
        f"{bob.pk}:{charlie.pk}",
        f"{alice.pk}:{charlie.pk}",
        f"{alice.pk}:{alice.pk}",
        "999",
        "x",
        "1:2:3",
        "-1",
    ]
    for room in (*outside, f"{alice.pk}:0", ""):
        assert send(browser, message(room, "hai")).status_code in {400, 404}, room
    assert texts() == []
    assert Room.objects.filter(direct_low=alice.pk).count() == 0


def test_what_is_refused_does_not_stop_the_rest(browser: Client) -> None:
    answer = send(browser, message("0", "one"), message("0", "  "), message("999", "no"), message("0", "two"))
    assert_old_error(answer, 400)
    assert texts() == [(0, "one"), (0, "two")]


@pytest.mark.parametrize(
    "packet",
    [
        "",
        "x",
        "0{}",
        "2probe",
        "5",
        "42",
        "42[",
        "42{}",
        "42[]",
        "42[1]",
        "42null",
        '42/admin,["message",{}]',
        "40/admin,",
        '451-["message",{"_placeholder":true,"num":0}]',
        "bAAAA",
        b"\xff\xfe",
        "42" + "[" * 10_000,
        '42["message"]',
        '42["message",null]',
        '42["message",[]]',
        '42["message",{"roomId":"0"}]',
        '42["message",{"message":"hai"}]',
        '42["message",{"roomId":["0"],"message":"hai"}]',
        '42["message",{"roomId":true,"message":"hai"}]',
        '42["message",{"roomId":"0","message":null}]',
        '42["message",{"roomId":"0","message":{"a":1}}]',
        '42["message",{"roomId":"0","message":"a\\u0000b"}]',
        '42["message",{"roomId":"0\\u0000","message":"ab"}]',
        '42["message",{"roomId":"0","message":"\\ud800"}]',
        message("0", "x" * 4_001),
    ],
)
def test_hostile_packets_are_refused(browser: Client, packet: str | bytes) -> None:
    answer = send(browser, packet)
    assert answer.status_code in {400, 404}
    assert list(answer.json()) == ["message"]
    assert texts() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("query", ["", "EIO=3&transport=polling", "EIO=4", "EIO=4&transport=websocket"])
def test_other_protocols_and_transports_are_refused(browser: Client, method: str, query: str) -> None:
    assert_old_error(browser.generic(method, f"/socket.io/?{query}", message("0", "hai"), TEXT), 400)
    assert texts() == []


def test_pages_of_other_sites_are_refused(browser: Client) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert_old_error(send(browser, message("0", "hai"), headers=headers), 403)
        assert_old_error(browser.get(PATH, headers=headers), 403)
    assert texts() == []


def test_the_id_of_a_connection_stands_for_its_session_until_that_ends(alice: User, browser: Client) -> None:
    sid = connect(browser)
    assert send(Client(), message("0", "without a cookie"), sid=sid).status_code == 200
    assert Client().get(f"{PATH}&sid={sid}").content == b"2"
    assert_old_error(Client().get(f"/rooms/{alice.pk}?sid={sid}"), 401)
    browser.post("/logout")
    assert_old_error(send(Client(), message("0", "too late"), sid=sid), 401)
    assert_old_error(Client().get(f"{PATH}&sid={sid}"), 401)
    assert texts() == [(0, "without a cookie")]


@pytest.mark.parametrize("end", [ban_user, delete_user, log_out_everywhere])
def test_whoever_is_cut_off_emits_no_more(alice: User, browser: Client, end: Callable[[User], Any]) -> None:
    sid = connect(browser)
    end(alice)
    for client in (browser, Client()):
        assert_old_error(send(client, message("0", "hai"), sid=sid), 401)
        assert_old_error(client.get(f"{PATH}&sid={sid}"), 401)
        assert_old_error(client.get(PATH), 401)
    assert texts() == []


def test_ids_are_not_made_up_and_grow_old(alice: User, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sid = connect(browser)
    for other in ("", "any", sid[:-1], sid.replace(":", "", 1)):
        assert_old_error(send(Client(), message("0", "hai"), sid=other), 401)
    monkeypatch.setattr(socket_ids, "SOCKET_ID_SECONDS", -1)
    assert_old_error(send(Client(), message("0", "hai"), sid=sid), 401)
    assert texts() == []


def test_each_message_counts_against_the_limit_on_writes(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RequestThrottle, "writes", Throttle(f"test-{uuid.uuid4().hex}", Rate(5, 86400)))
    assert_old_error(send(browser, *[message("0", str(number)) for number in range(6)]), 429)
    assert texts() == []
    assert_old_error(send(browser, *[message("0", "a")] * 101), 400)
