"""Users, rooms and messages in bulk, for load tests. They are not in the log: nobody could have heard them."""

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from chatserver.events import log
from rooms.models import GENERAL_ID, Kind, Membership, Role, Room
from users.models import Token, User, hash_secret
from users.usernames import columns_of

BATCH = 5_000
MEMBERS_PER_ROOM = 50


class BulkLoad:
    """This many users (all in General), group rooms with up to 50 of them each, and messages spread over all rooms."""

    def __init__(self, *, users: int, rooms: int, messages: int) -> None:
        self._users = users
        self._rooms = rooms
        self._messages = messages

    def run(self, tokens: Path | None) -> None:
        """Create all of it, with a progress bar. With `tokens`, write `username<TAB>user id<TAB>token` lines."""
        total = self._users + self._rooms + self._messages
        progress: tqdm[Any]
        with tqdm(total=total, unit=" rows", mininterval=0.5) as progress:
            people = self._make_people(progress)
            if tokens is not None:
                tokens.touch(mode=0o600)  # it has valid tokens
            with tokens.open("w") if tokens else nullcontext() as file:
                if file is not None:
                    self._write_tokens(people, file)
            rooms = self._make_rooms(people, progress)
            self._make_messages(rooms, progress)

    def _make_people(self, progress: "tqdm[Any]") -> list[User]:
        first = User.objects.count() + 1
        people: list[User] = []
        for start in range(0, self._users, BATCH):
            batch = [
                User(username=name, password="!", **columns_of(name))  # noqa: S106 - "!" is Django's: none is right
                for name in (f"load-{first + number}" for number in range(start, min(start + BATCH, self._users)))
            ]
            with transaction.atomic():
                people += User.objects.bulk_create(batch)
                log.wake_after_commit()
            progress.update(len(batch))
        return people

    def _write_tokens(self, people: list[User], file: IO[str]) -> None:
        expires_at = timezone.now() + timedelta(days=settings.CHAT_TOKEN_DAYS)
        for start in range(0, len(people), BATCH):
            batch = [(person, Token.new_secret()) for person in people[start : start + BATCH]]
            Token.objects.bulk_create(
                Token(user=person, secret_hash=hash_secret(secret), expires_at=expires_at) for person, secret in batch
            )
            file.writelines(f"{person.username}\t{person.pk}\t{secret}\n" for person, secret in batch)

    def _make_rooms(self, people: list[User], progress: "tqdm[Any]") -> list[Room]:
        rooms: list[Room] = []
        for number in range(self._rooms):
            size = min(MEMBERS_PER_ROOM, len(people))
            members = [people[(number * size + offset) % len(people)] for offset in range(size)]
            with transaction.atomic():
                room = Room.objects.create(name=f"Load {number + 1}", kind=Kind.OPEN, members_count=size)
                Membership.objects.bulk_create(
                    Membership(room=room, user=person, role=Role.MEMBER if index else Role.OWNER)
                    for index, person in enumerate(members)
                )
                log.subscribe(room.topic, [person.pk for person in members])
            rooms.append(room)
            progress.update(1)
        return rooms

    def _make_messages(self, rooms: list[Room], progress: "tqdm[Any]") -> None:
        targets = [*rooms, *Room.objects.filter(pk=GENERAL_ID, archived_at=None)]
        share, rest = divmod(self._messages, len(targets))
        for index, room in enumerate(targets):
            left = share + (index < rest)
            while left:
                size = min(left, BATCH)
                self._insert_messages(room, size)
                progress.update(size)
                left -= size

    @transaction.atomic
    def _insert_messages(self, room: Room, size: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rooms_room SET last_seq = last_seq + %s, last_active_at = now() WHERE id = %s "
                "RETURNING last_seq",
                [size, room.pk],
            )
            last = cursor.fetchone()[0]
            cursor.execute(
                "WITH member AS (SELECT array_agg(user_id ORDER BY user_id) AS ids FROM rooms_membership "
                "WHERE room_id = %s) "
                "INSERT INTO chats_message (room_id, seq, sender_id, text, sent_at) "
                "SELECT %s, seq, ids[1 + seq %% cardinality(ids)], 'load message ' || seq, now() "
                "FROM member, generate_series(%s::bigint, %s::bigint) AS seq",
                [room.pk, room.pk, last - size + 1, last],
            )
