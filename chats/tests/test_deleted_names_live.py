"""Nobody finds the name of a deleted person in a service that runs: not in answers, streams and the database (I9)."""

import json
import threading
from collections.abc import Callable
from contextlib import closing

import psycopg2

from chatserver.tests.harness.dumps import pg_dump
from chatserver.tests.harness.messages import SEND_MANY
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.service_keys import key_of, service_account
from chatserver.tests.harness.sse import Stream
from chatserver.tests.harness.waiting import wait_for


def rename(person: Client) -> str:
    """A name and a picture that nothing else has."""
    name = f"Liddell{person.id}"
    answer = person.patch("/api/v1/users/me/", json={"display_name": name, "avatar_url": f"https://{name}.example/a"})
    assert answer.status_code == 200
    return name.casefold()


def database_of(service: Service) -> str:
    return pg_dump(service.env["DATABASE_URL"], "--data-only").casefold()


IDENTIFY = (
    "INSERT INTO users_externalidentity (user_id, issuer, subject, created_at) "
    "VALUES (%(user)s, '', 'subject' || %(user)s, now()) RETURNING subject"
)
DUE = "SELECT body FROM events_event WHERE type = 'notification.due'"


def known_to_a_host(person: Client) -> str:
    """What the host product calls them: nothing else is called so."""
    ((subject,),) = person.service.sql(IDENTIFY.replace("%(user)s", str(person.id)))
    return f'"{subject}"'


def let_notifications_be_due(service: Service) -> None:
    """As if 15 s were over."""
    wait_for(lambda: not service.sql("SELECT 1 FROM events_outbox"), what="all to be numbered")
    service.sql("UPDATE events_event SET at = at - interval '1 minute'")


def told_by(stream: Stream) -> str:
    return json.dumps([event.data for event in list(stream.events)], ensure_ascii=False)


def test_nobody_finds_the_name_of_a_deleted_person_anywhere(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2)
    alice, bob, shop = service.people(3)
    feed = {"Authorization": f"Bearer {key_of(service_account(shop), 'events:read')}"}
    listening = bob.listen()
    begin = listening.named("hello")[0].id
    secrets = (rename(alice), f'"{alice.name}"'.casefold(), f"\t{alice.name}\t".casefold(), known_to_a_host(alice))
    bob.send_text("to be told of", alice.make_room(bob))
    let_notifications_be_due(service)
    wait_for(lambda: service.sql(DUE), what="alice to be told")
    assert secrets[-1] in service.sql(DUE)[0][0]
    alice.send_text("kept")
    alice.post("/api/v1/chats/", json={"user_id": bob.id, "message": "to bob"})
    assert secrets[0] in database_of(service)
    assert alice.delete("/api/v1/users/").status_code == 204
    listening.wait("member.removed")
    wait_for(lambda: not service.sql("SELECT 1 FROM rooms_exclusion"), what="all rooms to be left")
    resumed, old = bob.listen(begin), bob.listen(begin, path="/stream")
    whole = Stream(f"{service.url}/api/v1/stream?all=true", feed, begin)
    wait_for(lambda: whole.named("notification.due"), what="the replay of what backends hear")
    for stream in (resumed, old):
        wait_for(lambda stream=stream: "to bob" in told_by(stream), what="the replay")
    told = [
        *(bob.get(path).text for path in ("/api/v1/events/?after=0&limit=1000", "/api/v1/rooms/", "/api/v1/users/")),
        bob.get("/api/v1/users/", params={"q": alice.name}).text,
        bob.get("/api/v1/rooms/0/messages/").text,
        bob.get("/api/v1/events/?all=true&after=0&limit=1000", headers=feed).text,
        told_by(whole),
        told_by(resumed),
        told_by(old),
        database_of(service),
    ]
    for answer in told:
        for secret in secrets:
            assert secret not in answer.casefold(), secret


def test_after_a_crash_others_take_out_what_is_left(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, bob = service.people(2)
    name = rename(alice)
    for _ in range(10):
        service.sql(SEND_MANY, 0, alice.id, "many", 2_000)
    wait_for(lambda: not service.sql("SELECT 1 FROM events_outbox"), what="all to be numbered")
    assert alice.delete("/api/v1/users/").status_code == 204
    service.kill()
    assert service.sql("SELECT count(*) FROM events_redaction") == [(1,)], "the crash came too late to prove anything"
    assert name in database_of(service)
    service.start()
    wait_for(lambda: not service.sql("SELECT 1 FROM events_redaction"), 60, "the end of it")
    assert name not in database_of(service)


def test_a_message_at_the_moment_of_the_deletion_shows_no_name(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, _ = service.people(2)
    name = rename(alice)
    with closing(psycopg2.connect(service.env["DATABASE_URL"])) as sender, sender.cursor() as sending:
        sending.execute(SEND_MANY, [0, alice.id, "just now", 1])
        deleting = threading.Thread(target=alice.delete, args=("/api/v1/users/",))
        deleting.start()
        wait_for(lambda: service.waits_for_lock("users_user"), what="the deletion to wait for the message")
        sender.commit()
        deleting.join(10)
    wait_for(lambda: not service.sql("SELECT 1 FROM events_outbox"), what="all to be numbered")
    assert service.sql("SELECT count(*) FROM chats_message WHERE text = 'just now'") == [(1,)]
    assert name not in database_of(service)


def test_who_is_deleted_while_they_are_about_to_be_told_is_not_named(start_service: Callable[..., Service]) -> None:
    service = start_service()
    alice, bob, charlie, shop = service.people(4)
    key_of(service_account(shop), "events:read")
    subject, other = known_to_a_host(alice), known_to_a_host(charlie)
    bob.send_text("to be told of", bob.make_room(alice, charlie))
    with closing(psycopg2.connect(service.env["DATABASE_URL"])) as deleting, deleting.cursor() as cursor:
        cursor.execute("SELECT FROM users_user WHERE id = %s FOR UPDATE", [alice.id])
        let_notifications_be_due(service)
        wait_for(lambda: service.waits_for_lock("users_user"), what="the reader to wait for the deletion")
        cursor.execute("UPDATE users_user SET is_active = false WHERE id = %s", [alice.id])
        deleting.commit()
    wait_for(lambda: service.sql(DUE), what="charlie to be told")
    (body,) = service.sql(DUE)[0]
    assert other in body
    assert subject not in body
