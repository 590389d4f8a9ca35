"""A store that follows what happens holds what a fresh one holds. (All actions: chats/tests/agreement.)"""

from collections.abc import Iterator
from typing import Any

import pytest
from chatserver_client import ChatClient, Event
from chatserver_client.store import Store

from chatserver.tests.harness.service import Service


@pytest.fixture
def chats(granian: Service) -> Iterator[tuple[ChatClient, ChatClient]]:
    anna, ben = granian.people(2)
    with ChatClient(granian.url, anna.token) as first, ChatClient(granian.url, ben.token) as second:
        yield first, second


def shown(store: Store, room_id: int) -> Any:
    timeline = store.timelines[room_id]
    return store.rooms[room_id], timeline.messages, timeline.has_older, store.threads and store.threads.list()


def follow_until(chat: ChatClient, store: Store, text: str) -> list[str]:
    heard = []
    for event in chat.follow(store):
        heard.append(event.type)
        if event.data.get("message") == text:
            return heard
    raise AssertionError


def test_a_store_that_follows_is_a_fresh_one(chats: tuple[ChatClient, ChatClient]) -> None:
    anna, ben = chats
    store = Store()
    me = ben.session()["user"]
    assert me is not None
    room_id = anna.create_room("Launch", members=[me["id"]])["id"]
    root = anna.send_message("Who is in?", room_id=room_id)
    ben.load_store(store)
    ben.load_messages(store, room_id)
    ben.load_threads(store)
    anna.send_message(f"@{me['username']}, you?", room_id=room_id)
    ben.send_message("I am", room_id=room_id, parent_id=root["id"])
    anna.send_message("Great", room_id=room_id, parent_id=root["id"])
    anna.edit_message(root["id"], "Who comes?")
    ben.react(root["id"], "👍")
    anna.update_room(room_id, name="Launch day")
    later = anna.create_room("Later", members=[me["id"]])["id"]
    anna.send_message("the end", room_id=later)
    heard = follow_until(ben, store, "the end")
    assert {"message.created", "message.updated", "reaction.added", "room.updated"} <= set(heard)
    room, messages, _, threads = shown(store, room_id)
    assert (room["name"], room["unread"], room["mentions"], store.rooms[later]["unread"]) == ("Launch day", 2, 1, 1)
    assert (messages[0]["message"], messages[0]["reactions"][0]["mine"]) == ("Who comes?", True)
    assert [(thread["root_id"], thread["unread"]) for thread in threads] == [(root["id"], 1)]
    fresh = Store()
    ben.load_store(fresh)
    ben.load_messages(fresh, room_id)
    ben.load_threads(fresh)
    assert shown(store, room_id) == shown(fresh, room_id)
    assert [each["id"] for each in store.room_list()] == [each["id"] for each in fresh.room_list()]
    anna.remove_member(room_id, me["id"])
    anna.send_message("no longer in", room_id=later)
    assert "room.left" in follow_until(ben, store, "no longer in")
    assert room_id not in store.rooms
    assert room_id not in store.timelines


def test_after_a_reset_everything_is_fetched_anew(chats: tuple[ChatClient, ChatClient]) -> None:
    anna, ben = chats
    store = Store()
    ben.load_store(store)
    room_id = ben.create_room("Launch")["id"]
    store.position = 2**40  # of a log that was lost
    stream = ben.follow(store)
    assert next(event for event in stream).type == "reset"
    assert store.rooms[room_id]["name"] == "Launch"
    stream.close()  # type: ignore[attr-defined]  # it is a generator


def test_older_messages_are_loaded_page_by_page(chats: tuple[ChatClient, ChatClient]) -> None:
    anna, _ = chats
    room_id = anna.create_room("Launch")["id"]
    sent = [anna.send_message(f"message {number}", room_id=room_id)["id"] for number in range(105)]
    store = Store()
    anna.load_store(store)
    for is_last in (False, True):
        anna.load_messages(store, room_id)
        assert store.timelines[room_id].has_older is not is_last
    assert [message["id"] for message in store.timelines[room_id].messages] == sent


def test_what_happens_while_an_answer_is_on_its_way_is_applied_to_the_answer(
    chats: tuple[ChatClient, ChatClient],
) -> None:
    anna, _ = chats
    room_id = anna.create_room("Launch")["id"]
    store = Store()
    anna.load_store(store)
    with store.fetching():
        page = anna.request("GET", "rooms", room_id, "messages")
        message = anna.send_message("meanwhile", room_id=room_id)
        store.apply(Event("message.created", dict(message), 1, room_id))
        store.put_newest(room_id, page["results"], has_older=False)
    assert [each["id"] for each in store.timelines[room_id].messages] == [message["id"]]
