"""A cast of rooms: alice owns them, bob is a member, dana moderates, charlie is not in."""

from collections.abc import Callable
from typing import Any

import pytest

from chatserver.tests.harness.invitations import of_room
from chatserver.tests.harness.outbox import Recorder
from rooms.actions.rooms import create_room
from rooms.models import Kind, Membership, Role, Room
from users.actions.people import create_user
from users.models import User


@pytest.fixture
def dana(db: Any) -> User:
    return create_user("dana")


@pytest.fixture
def closed(alice: User, bob: User, dana: User) -> Room:
    return with_moderator(create_room(alice, [bob, dana], name="The closed room", kind=Kind.CLOSED), dana)


@pytest.fixture
def open_room(alice: User, bob: User, dana: User) -> Room:
    return with_moderator(create_room(alice, [bob, dana], name="The open room", kind=Kind.OPEN), dana)


def with_moderator(room: Room, moderator: User) -> Room:
    Membership.objects.filter(room=room, user=moderator).update(role=Role.MODERATOR)
    return room


@pytest.fixture
def role_of() -> Callable[[Room, User], str | None]:
    """What somebody is in a room; None if they are not in it."""

    def look(room: Room, user: User) -> str | None:
        return Membership.objects.filter(room=room, user=user).values_list("role", flat=True).first()

    return look


@pytest.fixture
def recorder(db: Any) -> Callable[[], Recorder]:
    """Make one just before the request whose events are of interest."""
    return Recorder


@pytest.fixture
def invited(api_of: Any, dana: User, charlie: User, closed: Room) -> Any:
    """What charlie is invited by, to the closed room."""
    return api_of(dana).post(of_room(closed), {"user_id": charlie.pk}, "json").json()


@pytest.fixture
def link(api_of: Any, dana: User, closed: Room) -> Any:
    return api_of(dana).post(of_room(closed), {"uses": 2}, "json").json()
