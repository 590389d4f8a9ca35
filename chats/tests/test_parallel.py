"""Many at once: one message for one client_message_id, and no gap in a room's seq."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

CHATS = "/api/v1/chats/"


def created(service: Service, room: int) -> list[tuple[int, str]]:
    """(position, body) of the room's messages in the log."""
    return service.sql(
        "SELECT position, body FROM events_event WHERE room_id = %s AND type = 'message.created' ORDER BY position",
        room,
    )


def test_the_same_send_fifty_times_at_once_is_one_message_and_one_event(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    hears = bob.listen()
    body = {"room_id": room, "message": "only once", "client_message_id": "the-same"}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: alice.post(CHATS, json=body), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.text for answer in answers}) == 1
    last = alice.send_text("the next", room)
    assert last["seq"] == 2
    hears.wait("message.created", lambda data: data["data"]["id"] == last["id"])
    assert [text for text in hears.texts() if text == "only once"] == ["only once"]
    assert len(created(granian, room)) == 2
    assert granian.sql("SELECT count(*) FROM chats_message WHERE room_id = %s", room) == [(2,)]


def test_eight_people_fill_a_room_without_a_gap(granian: Service) -> None:
    people = granian.people(8)
    room = people[0].make_room(*people[1:])

    def talk(person: Client) -> list[dict[str, Any]]:
        return [person.send_text(f"{person.name} {number}", room) for number in range(10)]

    with ThreadPoolExecutor(8) as pool:
        sent = [message for said in pool.map(talk, people) for message in said]
    assert sorted(message["seq"] for message in sent) == list(range(1, 81))
    by_seq = [message["id"] for message in sorted(sent, key=lambda message: message["seq"])]
    assert by_seq == sorted(by_seq)
    assert granian.sql("SELECT last_seq FROM rooms_room WHERE id = %s", room) == [(80,)]
    log = wait_for(lambda: (rows := created(granian, room)) and len(rows) == 80 and rows)
    assert [f'"seq":{seq},' in body for seq, (_, body) in enumerate(log, 1)] == [True] * 80


def test_a_repeat_with_other_content_is_refused_and_changes_nothing(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    room, other = alice.make_room(bob), alice.make_room(bob)
    body = {"room_id": room, "message": "one", "client_message_id": "a"}
    first = alice.post(CHATS, json=body)
    rooms = granian.sql("SELECT count(*) FROM rooms_room")
    for changed in (
        body | {"message": "two"},
        body | {"room_id": other},
        {"user_id": charlie.id, "message": "one", "client_message_id": "a"},
    ):
        refused = alice.post(CHATS, json=changed)
        assert (refused.status_code, refused.json()["code"]) == (409, "client_message_id_used")
    again = alice.post(CHATS, json=body | {"message": " one "})
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert granian.sql("SELECT last_seq FROM rooms_room WHERE id IN (%s, %s) ORDER BY id", room, other) == [(1,), (0,)]
    assert granian.sql("SELECT count(*) FROM rooms_room") == rooms
    assert len(granian.sql("SELECT 1 FROM chats_message WHERE sender_id = %s", alice.id)) == 1


def test_different_texts_with_one_id_at_once_are_one_message(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)

    def send(number: int) -> Any:
        return alice.post(CHATS, json={"room_id": room, "message": str(number), "client_message_id": "a"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


def test_the_first_direct_message_sent_many_times_at_once_is_one(granian: Service) -> None:
    alice, bob = granian.people(2)
    body = {"user_id": bob.id, "message": "hai", "client_message_id": "a"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: alice.post(CHATS, json=body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [*[200] * 7, 201]
    assert len({answer.text for answer in answers}) == 1


def test_the_same_id_of_another_person_is_another_message(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    body = {"room_id": room, "message": "hai", "client_message_id": "a"}
    assert [person.post(CHATS, json=body).status_code for person in (alice, bob)] == [201, 201]


def test_an_id_that_was_used_in_another_room_is_a_conflict(granian: Service) -> None:
    alice, bob = granian.people(2)
    rooms = [alice.make_room(bob), alice.make_room(bob)]
    answers = [alice.post(CHATS, json={"room_id": room, "message": "hai", "client_message_id": "a"}) for room in rooms]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "client_message_id_used"
    assert granian.sql("SELECT last_seq FROM rooms_room WHERE id = %s", rooms[1]) == [(0,)]


def test_a_repeat_by_a_member_removed_meanwhile_shows_nothing(granian: Service) -> None:
    alice, bob = granian.people(2)
    room = alice.make_room(bob)
    body = {"room_id": room, "message": "hai", "client_message_id": "a"}
    assert bob.post(CHATS, json=body).status_code == 201
    assert alice.delete(f"/api/v1/rooms/{room}/members/{bob.id}/").status_code == 204
    assert bob.post(CHATS, json=body).status_code == 404
    assert granian.sql("SELECT last_seq - system_count FROM rooms_room WHERE id = %s", room) == [(1,)]


def test_joins_and_leaves_at_once_keep_the_count_true(granian: Service) -> None:
    """And posts, replies and new names beside them: every message has its place."""
    alice, *others = granian.people(6)
    room = alice.make_room(kind="open")
    path = f"/api/v1/rooms/{room}/members/"

    def come_and_go(person: Client) -> set[int]:
        found = set()
        for _ in range(4):
            found.add(person.post(path, json={"user_id": person.id}).status_code)
            found.add(person.delete(f"{path}{person.id}/").status_code)
        found.add(person.post(path, json={"user_id": person.id}).status_code)
        return found

    def talk() -> None:
        root = alice.send_text("root", room)["id"]
        for number in range(9):
            alice.send_text(f"text {number}", room)
            alice.post(CHATS, json={"room_id": room, "message": "reply", "parent_id": root})
            assert alice.patch(f"/api/v1/rooms/{room}/", json={"name": f"name {number}"}).status_code == 200

    with ThreadPoolExecutor(6) as pool:
        talking = pool.submit(talk)
        statuses = set().union(*pool.map(come_and_go, others))
        talking.result()
    assert statuses == {201, 204}
    counts = "SELECT last_seq, replies_count, system_count FROM rooms_room WHERE id = %s"
    assert granian.sql(counts, room) == [(5 * 9 + 28, 5 * 9 + 18, 5 * 9 + 9)]
    rows = granian.sql(
        "SELECT seq, parent_id, replies_so_far, system_so_far FROM chats_message WHERE room_id = %s", room
    )
    rows.sort()
    assert [seq for seq, *_ in rows] == list(range(1, 74))
    places = [seq - off + system for seq, parent, off, system in rows if parent is None]
    assert places == list(range(1, 5 * 9 + 20))
    assert granian.sql("SELECT members_count FROM rooms_room WHERE id = %s", room) == [(6,)]
    assert granian.sql("SELECT count(*) FROM rooms_membership WHERE room_id = %s", room) == [(6,)]
