"""Two actions at the same moment, on a real PostgreSQL, whatever they are.

A lock that the test holds makes both wait where they would change something, so that what they have read by then is
old when they go on. Afterwards a room has an active owner or is archived, nobody who was banned or deleted has gained
anything, no event shows the name of somebody who was deleted, and counts are exact.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from typing import NamedTuple

import httpx
import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatserver.tests.harness.processes import manage
from chatserver.tests.harness.service import Client, Service
from chatserver.tests.harness.waiting import wait_for

SUPERUSER = """
from django.test import Client
from users.models import User
client = Client()
client.force_login(User.objects.create_superuser("root"))
print(client.cookies["sessionid"].value)
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
WITHOUT_OWNER = """
SELECT id FROM rooms_room r WHERE kind <> 'direct' AND id <> 0 AND archived_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM rooms_membership m JOIN users_user u ON u.id = m.user_id
    WHERE m.room_id = r.id AND m.role = 'owner' AND u.is_active
)
"""
HAS_TOO_MUCH = """
SELECT m.id, m.room_id, m.role, u.id FROM rooms_membership m JOIN users_user u ON u.id = m.user_id
JOIN rooms_room r ON r.id = m.room_id WHERE r.kind <> 'direct' AND (u.deleted_at IS NOT NULL
    OR NOT u.is_active AND m.role = 'owner')
"""
WRONG_COUNTS = """
SELECT id FROM rooms_room r
WHERE members_count <> (SELECT count(*) FROM rooms_membership m WHERE m.room_id = r.id)
"""
NAMES_OF_DELETED = r"""
SELECT body FROM (SELECT body FROM events_event UNION ALL SELECT body FROM events_outbox) told, users_user u
WHERE u.deleted_at IS NOT NULL AND u.id = ANY(%s) AND body ~ ('"id":' || u.id || ',"username":"(?!deleted )')
"""
EXCLUDED = "SELECT id FROM users_user WHERE NOT is_active"
ROLES = "SELECT id, role FROM rooms_membership WHERE user_id = ANY(%s)"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
# Their numbers.
OWNER, MODERATOR, WRITER, OUTSIDER = PEOPLE = range(4)
LOCKS = {
    "the room": "SELECT 1 FROM rooms_room WHERE id = %(room)s FOR UPDATE",
    "the people": "SELECT 1 FROM users_user WHERE id = ANY(%(people)s) ORDER BY id FOR UPDATE",
    "nothing": "SELECT 1",
}


class Step(NamedTuple):
    """Who does what to whom, by their number in PEOPLE."""

    verb: str
    actor: int
    target: int


class Scene:
    """An open room, its owner, a moderator, a member who wrote there, and an outsider."""

    def __init__(self, service: Service, people: list[Client], root: httpx.Client) -> None:
        self.people, self._service, self._root = people, service, root
        owner, moderator, writer, _ = people
        self.room = owner.make_room(moderator, writer, kind="open")
        self.url = f"/api/v1/rooms/{self.room}/"
        owner.patch(f"{self.url}members/{moderator.id}/", json={"role": "moderator"})
        writer.send_text("hai", self.room)

    def act(self, step: Step) -> httpx.Response:
        actor, target = self.people[step.actor], self.people[step.target]
        return VERBS[step.verb](self, actor, target)

    def ban(self, target: Client) -> httpx.Response:
        form = {"action": "ban", "_selected_action": str(target.id), "index": "0"}
        return self._root.post("/admin/users/user/", data=form)

    def act_together(self, first: Step, second: Step, lock: str) -> None:
        """Do both, such that both wait for the lock first, where they want it; then check what must hold."""
        excluded = [user_id for (user_id,) in self._service.sql(EXCLUDED)]
        before = set(self._service.sql(ROLES, excluded))
        holder = psycopg2.connect(self._service.env["DATABASE_URL"])
        with ThreadPoolExecutor(2) as pool, closing(holder):
            holder.cursor().execute(LOCKS[lock], {"room": self.room, "people": [person.id for person in self.people]})
            answers = [pool.submit(self.act, step) for step in (first, second)]
            wait_for(lambda: self._have_come_to_the_lock(answers), what="both to wait or to be done")
            holder.rollback()
        for step, answer in zip((first, second), answers, strict=True):
            told = answer.result()
            # A message that shares its statement with others waits for a locked room for a short time only.
            assert told.status_code < 500 or told.json()["code"] == "busy", (step, told.text)
        about = f"{first} and {second} behind the lock of {lock}"
        wait_for(lambda: not self._service.sql("SELECT 1 FROM rooms_exclusion"), 30, f"the rooms after {about}")
        for query in (WITHOUT_OWNER, HAS_TOO_MUCH, WRONG_COUNTS):
            assert self._service.sql(query) == [], about
        assert set(self._service.sql(ROLES, excluded)) - before == set(), about
        assert self._service.sql(NAMES_OF_DELETED, [person.id for person in self.people]) == [], about
        assert self._service.sql(DEADLOCKS) == [(0,)], about

    def _have_come_to_the_lock(self, answers: list["Future[httpx.Response]"]) -> bool:
        return len(wait(answers, timeout=0).not_done) <= self._service.sql(WAITING)[0][0]


Act = Callable[[Scene, Client, Client], httpx.Response]
VERBS: dict[str, Act] = {
    "create": lambda scene, actor, target: actor.post("/api/v1/rooms/", json={"name": "a", "members": [target.id]}),
    "open direct": lambda scene, actor, target: actor.post(
        "/api/v1/chats/", json={"user_id": target.id, "message": "hai"}
    ),
    "join": lambda scene, actor, target: actor.post(f"{scene.url}members/", json={"user_id": actor.id}),
    "add": lambda scene, actor, target: actor.post(f"{scene.url}members/", json={"user_id": target.id}),
    "remove": lambda scene, actor, target: actor.delete(f"{scene.url}members/{target.id}/"),
    "leave": lambda scene, actor, target: actor.delete(f"{scene.url}members/{actor.id}/"),
    "make owner": lambda scene, actor, target: actor.patch(f"{scene.url}members/{target.id}/", json={"role": "owner"}),
    "make member": lambda scene, actor, target: actor.patch(
        f"{scene.url}members/{target.id}/", json={"role": "member"}
    ),
    "close": lambda scene, actor, target: actor.patch(scene.url, json={"kind": "closed"}),
    "archive": lambda scene, actor, target: actor.delete(scene.url),
    "send": lambda scene, actor, target: actor.post("/api/v1/chats/", json={"room_id": scene.room, "message": "hai"}),
    "ban": lambda scene, actor, target: scene.ban(target),
    "delete": lambda scene, actor, target: target.delete("/api/v1/users/"),
}


@pytest.fixture(scope="module")
def make_scene(
    start_shared_service: Callable[..., Service],
) -> Iterator[Callable[[], Scene]]:
    service = start_shared_service()
    session = manage(service.env, "shell", "--no-imports", "--command", SUPERUSER).strip()
    csrf = "c" * 32
    headers = {"X-CSRFToken": csrf}
    cookies = {"sessionid": session, "csrftoken": csrf}
    with httpx.Client(base_url=service.url, cookies=cookies, headers=headers, timeout=30) as root:
        yield lambda: Scene(service, service.people(4), root)


# With the one who is banned or deleted meanwhile.
RACES = [
    (Step("create", OWNER, OUTSIDER), OUTSIDER),
    (Step("create", OWNER, OUTSIDER), OWNER),
    (Step("open direct", OWNER, OUTSIDER), OUTSIDER),
    (Step("join", OUTSIDER, OUTSIDER), OUTSIDER),
    (Step("add", OWNER, OUTSIDER), OUTSIDER),
    (Step("add", OWNER, OUTSIDER), OWNER),
    (Step("remove", MODERATOR, WRITER), MODERATOR),
    (Step("remove", OWNER, WRITER), WRITER),
    (Step("leave", OWNER, OWNER), MODERATOR),
    (Step("leave", OWNER, OWNER), OWNER),
    (Step("make owner", OWNER, WRITER), WRITER),
    (Step("make member", OWNER, MODERATOR), OWNER),
    (Step("make member", OWNER, MODERATOR), MODERATOR),
    (Step("close", OWNER, OWNER), OWNER),
    (Step("archive", OWNER, OWNER), OWNER),
    (Step("send", WRITER, WRITER), WRITER),
]


@pytest.mark.parametrize(("end", "lock"), [("ban", "the people"), ("delete", "the room"), ("delete", "the people")])
def test_an_action_beside_a_ban_or_a_deletion(make_scene: Callable[[], Scene], end: str, lock: str) -> None:
    for step, victim in RACES:
        make_scene().act_together(step, Step(end, victim, victim), lock)


steps = st.builds(Step, st.sampled_from(sorted(VERBS)), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))


@settings(max_examples=5, deadline=None, derandomize=True)
@given(pairs=st.lists(st.tuples(steps, steps, st.sampled_from(sorted(LOCKS))), min_size=5, max_size=8))
def test_any_two_actions_again_and_again(make_scene: Callable[[], Scene], pairs: list[tuple[Step, Step, str]]) -> None:
    scene = make_scene()
    for first, second, lock in pairs:
        scene.act_together(first, second, lock)
