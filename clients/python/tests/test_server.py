"""The client against a real ChatServer, which is killed in the middle."""

import threading
from collections.abc import Callable, Iterator

import pytest
from chatserver_client import ChatClient, ChatError

from chatserver.tests.harness.service import Service

MESSAGES = 60


@pytest.fixture
def chats(granian: Service) -> Iterator[tuple[ChatClient, ChatClient]]:
    anna, ben = granian.people(2)
    with ChatClient(granian.url, anna.token) as first, ChatClient(granian.url, ben.token) as second:
        yield first, second


def test_people_rooms_and_messages(chats: tuple[ChatClient, ChatClient]) -> None:
    anna, ben = chats
    annas, bens = anna.session()["user"], ben.session()["user"]
    assert annas and bens
    room = anna.create_room("Launch", members=[bens["id"]])
    sent = [anna.send_message(f"message {number}", room_id=room["id"]) for number in range(MESSAGES)]
    assert [each["id"] for each in ben.messages(room["id"])] == [each["id"] for each in reversed(sent)]
    assert ben.mark_read(room["id"], sent[-1]["seq"])["unread"] == 0
    assert {each["user"]["id"] for each in anna.members(room["id"])} == {annas["id"], bens["id"]}
    assert room["id"] in [each["id"] for each in ben.rooms()]
    direct = anna.send_message("hello", user_id=bens["id"], client_message_id="once")
    assert anna.send_message("hello", user_id=bens["id"], client_message_id="once")["id"] == direct["id"]
    assert direct["id"] in [each.data["id"] for each in ben.past_events() if each.type == "message.created"]
    assert [each.type for each in ben.past_events(2**40)] == ["reset"]
    anna.remove_member(room["id"], bens["id"])
    with pytest.raises(ChatError) as caught:
        ben.room(room["id"])
    assert (caught.value.status, caught.value.code) == (404, "not_found")


def test_a_killed_server_loses_no_event_and_repeats_none(start_service: Callable[..., Service]) -> None:
    service = start_service()
    anna, ben = service.people(2)
    room_id = anna.make_room(ben)
    heard: list[int] = []

    def listen() -> None:
        with ChatClient(service.url, ben.token) as chat:
            for event in chat.events(after=0):
                if event.type == "message.created" and event.room_id == room_id:
                    heard.append(event.data["seq"])
                    if event.data["message"] == "the last":
                        return

    listener = threading.Thread(target=listen)
    listener.start()
    with ChatClient(service.url, anna.token) as chat:
        for number in range(MESSAGES):
            chat.send_message(f"message {number}", room_id=room_id)
            if number == MESSAGES // 2:
                service.kill()
                service.start()
        chat.send_message("the last", room_id=room_id)
    listener.join(60)
    assert heard == list(range(1, MESSAGES + 2))
