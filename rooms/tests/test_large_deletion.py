"""Somebody in hundreds of rooms deletes the account: nobody waits for that, and a crash does not end it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

# The owner is the first of the people; the others have written there.
MAKE_ROOMS = """
WITH made AS (
    INSERT INTO rooms_room (kind, name, description, created_at, last_seq, last_active_at, members_count)
    SELECT 'closed', 'one of many', '', now(), 0, now(), %(size)s FROM generate_series(1, %(count)s) RETURNING id
), members AS (
    INSERT INTO rooms_membership (room_id, user_id, role, joined_at, read_seq, has_written)
    SELECT id, person, CASE place WHEN 1 THEN 'owner' ELSE 'member' END, now(), 0, true
    FROM made, unnest(%(people)s::bigint[]) WITH ORDINALITY AS wanted(person, place)
)
INSERT INTO events_outbox (kind, topic, type, at, body, user_ids)
SELECT 1, 'room:' || id, 'subscribe', clock_timestamp(), '{}', %(people)s::bigint[] FROM made
"""
MEMBERSHIPS = "SELECT count(*) FROM rooms_membership WHERE user_id = %s"
WRONG_COUNTS = """
SELECT id FROM rooms_room r
WHERE members_count <> (SELECT count(*) FROM rooms_membership m WHERE m.room_id = r.id)
"""
OWNED = "SELECT count(*) FROM rooms_membership WHERE user_id = %s AND role = 'owner'"
# Far more than it takes, and far less than to leave all rooms in one transaction did.
SHORT_SECONDS = 3.0


def make_rooms(service: Service, count: int, *people: Client) -> None:
    ids = "{" + ",".join(str(person.id) for person in people) + "}"
    service.sql(
        MAKE_ROOMS.replace("%(size)s", str(len(people)))
        .replace("%(count)s", str(count))
        .replace("%(people)s", f"'{ids}'")
    )


def memberships(service: Service, person: Client) -> int:
    return service.sql(MEMBERSHIPS, person.id)[0][0]


def test_posting_goes_on_while_somebody_leaves_hundreds_of_rooms(granian: Service) -> None:
    alice, bob, charlie = granian.people(3)
    make_rooms(granian, 150, alice, bob)
    waits: list[float] = []

    def post_until_they_left() -> None:
        while memberships(granian, alice):
            began = time.monotonic()
            charlie.send_text("meanwhile")
            waits.append(time.monotonic() - began)

    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(post_until_they_left)
        began = time.monotonic()
        assert alice.delete("/api/v1/users/").status_code == 204
        assert time.monotonic() - began < SHORT_SECONDS
        assert alice.get("/api/v1/users/me/").status_code == 401
        posting.result(90)
    assert max(waits) < SHORT_SECONDS
    assert len(waits) > 1
    assert granian.sql(OWNED, bob.id) == [(150,)]
    assert granian.sql(WRONG_COUNTS) == []


def test_after_a_crash_others_leave_the_rooms_that_are_left(start_service: Callable[..., Service]) -> None:
    service = start_service(workers=2)
    alice, bob = service.people(2)
    make_rooms(service, 120, alice, bob)
    everything = memberships(service, alice)
    assert alice.delete("/api/v1/users/").status_code == 204
    wait_for(lambda: memberships(service, alice) < everything, what="the first room to be left")
    service.kill()
    assert memberships(service, alice) > 0, "the crash came too late to prove anything"
    service.start()
    wait_for(lambda: not service.sql("SELECT 1 FROM rooms_exclusion"), 60, "the end of the exclusion")
    assert memberships(service, alice) == 0
    assert service.sql(OWNED, bob.id) == [(120,)]
    assert service.sql(WRONG_COUNTS) == []
