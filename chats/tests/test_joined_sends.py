"""Messages that come at the same time share a transaction, and none of them harms another or delays it for long."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
from django.utils import timezone

from chats.actions.messages import insert_messages
from chats.models import Message
from chatserver.tests.harness.service import Service
from rooms.actions.members import remove_member
from rooms.actions.rooms import archive_room, open_direct_room
from rooms.models import Membership, Room
from users.models import User

CHATS = "/api/v1/chats/"


def message(sender: User, room: Room, text: str, client_message_id: str | None = None) -> Message:
    return Message(
        room_id=room.pk, sender=sender, text=text, sent_at=timezone.now(), client_message_id=client_message_id
    )


def test_each_gets_its_seq_in_the_order_of_its_room(
    recorder: Any, alice: User, bob: User, closed: Room, open_room: Room, django_assert_num_queries: Any
) -> None:
    batch = [
        message(sender, room, f"{room.name} {number}")
        for number in range(3)
        for sender, room in ((alice, open_room), (bob, closed), (bob, open_room))
    ]
    record = recorder()
    with django_assert_num_queries(1):
        insert_messages(batch, lock_milliseconds=0)
    for room, count in ((closed, 3), (open_room, 6)):
        mine = [sent for sent in batch if sent.room_id == room.pk]
        assert [sent.seq for sent in mine] == list(range(1, count + 1))
        assert [sent.pk for sent in mine] == sorted(sent.pk for sent in mine)
        room.refresh_from_db()
        assert (room.last_seq, room.last_active_at) == (count, mine[-1].sent_at)
    told = record.events()
    assert [event for _, event, _ in told] == ["message.created"] * 9
    assert {(body["id"], body["seq"], body["message"]) for _, _, body in told} == {
        (sent.pk, sent.seq, sent.text) for sent in batch
    }
    for topic in (closed.topic, open_room.topic):
        seqs = [body["seq"] for of_topic, _, body in told if of_topic == topic]
        assert seqs == sorted(seqs)
    assert Membership.objects.get(room=open_room, user=alice).read_seq == 5


def test_what_may_not_be_sent_is_left_out_and_takes_no_seq(
    recorder: Any, alice: User, bob: User, charlie: User, closed: Room, open_room: Room
) -> None:
    direct, _ = open_direct_room(alice, bob)
    archive_room(Membership.objects.select_related("room").get(room=open_room, user=alice))
    insert_messages([message(alice, closed, "the first", "once")], lock_milliseconds=0)
    record = recorder()
    batch = [
        message(alice, closed, "good"),
        message(charlie, closed, "not a member"),
        message(alice, open_room, "archived"),
        message(alice, Room(pk=10**15), "nowhere"),
        message(alice, closed, "repeated", "once"),
        message(charlie, direct, "not theirs"),
        message(bob, direct, "good too"),
    ]
    insert_messages(batch, lock_milliseconds=0)
    good = [sent for sent in batch if sent.pk is not None]
    assert [(sent.text, sent.seq, sent.recipient_id) for sent in good] == [("good", 2, None), ("good too", 1, alice.pk)]
    assert set(Message.objects.values_list("text", flat=True)) == {"the first", "good", "good too"}
    told = [body for _, _, body in record.events()]
    assert [(body["message"], body["received_by"]) for body in told] == [("good", None), ("good too", alice.pk)]


def test_many_senders_at_once_get_what_they_deserve(granian: Service) -> None:
    """Real requests at the same moment: members, an outsider, and one message that is sent by two at once."""
    *members, outsider = granian.people(6)
    room = members[0].make_room(*members[1:])
    barrier = threading.Barrier(12)

    def send(number: int) -> tuple[int, Any]:
        person = outsider if number == 11 else members[number % 5]
        body = {"room_id": room, "message": f"text {number}"}
        if number % 5 == 0 and number < 11:
            body = {"room_id": room, "message": "the same", "client_message_id": "twice"}
        barrier.wait(10)
        answer = person.post(CHATS, json=body)
        return answer.status_code, answer.json()

    for round_number in range(1, 6):
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(send, range(12)))
        assert answers[11][0] == 404
        repeated = [answers[number] for number in (0, 5, 10)]
        assert len({body["id"] for _, body in repeated}) == 1
        assert sorted(status for status, _ in repeated) == ([200, 200, 201] if round_number == 1 else [200] * 3)
        assert all(status == 201 for number, (status, _) in enumerate(answers[:11]) if number % 5)
    kept = granian.sql("SELECT seq FROM chats_message WHERE room_id = %s ORDER BY seq", room)
    assert [seq for (seq,) in kept] == list(range(1, 5 * 8 + 2))


def test_a_room_whose_lock_is_not_had_in_time_is_busy_and_the_others_go_on(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    stuck, free = alice.make_room(bob), alice.make_room(bob, charlie)
    holder = psycopg2.connect(granian.env["DATABASE_URL"])
    with ThreadPoolExecutor(8) as pool, closing(holder):
        holder.cursor().execute("SELECT 1 FROM rooms_room WHERE id = %s FOR UPDATE", [stuck])
        body = {"room_id": stuck, "message": "stuck", "client_message_id": "once"}
        waiting = [pool.submit(alice.post, CHATS, json=body | {"client_message_id": str(n)}) for n in range(2)]
        going = [pool.submit(bob.send_text, f"free {number}", free) for number in range(20)]
        assert sorted(sent.result(20)["seq"] for sent in going) == list(range(1, 21))
        for refused in waiting:
            answer = refused.result(20)
            assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "busy", "2")
        holder.rollback()
    # Nothing of the refused ones was kept: they can be sent again, and take the first places.
    sent = [alice.post(CHATS, json=body | {"client_message_id": str(number)}) for number in range(2)]
    assert [(answer.status_code, answer.json()["seq"]) for answer in sent] == [(201, 1), (201, 2)]


def test_a_client_id_that_another_room_gets_at_the_same_moment_is_a_conflict_once_that_is_committed(
    granian: Service,
) -> None:
    """Nobody has committed it yet when both are looked for; only the index sees the other one."""
    (alice,) = granian.people()
    first, second = alice.make_room(), alice.make_room()
    holder = psycopg2.connect(granian.env["DATABASE_URL"])
    again = {"room_id": second, "message": "second", "client_message_id": "once"}
    with closing(holder):
        sending = "SELECT chats_send_plain(ARRAY[%s], ARRAY[%s], '{first}', '{once}', ARRAY[now()], %s, 0)"
        body = f'"room_id":{first},"sent_by":{alice.id},"message":"first"}}'
        holder.cursor().execute(sending, [first, alice.id, [body]])
        answer = alice.post(CHATS, json=again)
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        holder.commit()
    answer = alice.post(CHATS, json=again)
    assert (answer.status_code, answer.json()["code"]) == (409, "client_message_id_used")
    assert granian.sql("SELECT last_seq FROM rooms_room WHERE id = %s", second) == [(0,)]
    assert alice.send_text("next", second)["seq"] == 1


def test_an_outsider_does_not_wait_for_a_locked_room(granian: Service) -> None:
    alice, outsider = granian.people(2)
    room = alice.make_room()
    holder = psycopg2.connect(granian.env["DATABASE_URL"])
    with closing(holder):
        holder.cursor().execute("SELECT 1 FROM rooms_room WHERE id = %s FOR UPDATE", [room])
        assert outsider.post(CHATS, json={"room_id": room, "message": "let me in"}, timeout=10).status_code == 404


def test_a_removed_member_gets_nothing_for_a_repeated_message(
    api_of: Any, alice: User, bob: User, closed: Room
) -> None:
    body = {"room_id": closed.pk, "message": "hello", "client_message_id": "once"}
    assert [api_of(bob).post(CHATS, body, "json").status_code for _ in range(2)] == [201, 200]
    members = Membership.objects.select_related("room", "user").filter(room=closed)
    remove_member(members.get(user=alice), members.get(user=bob))
    assert api_of(bob).post(CHATS, body, "json").status_code == 404
