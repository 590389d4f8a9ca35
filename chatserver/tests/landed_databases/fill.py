"""Fills a migrated database by the actions of the commit that is checked out. `manage.py shell` runs it, see make.py.

Something is in every table, and an event of every type is in the log. Secrets are fixed, so that tests know them:
"ct_" and the name is a token, "ck_alice" a ticket, SESSION_KEY a session of alice's.
"""

from datetime import UTC, datetime
from importlib import import_module

from chats.changes import remove_message
from chats.read_markers import mark_read
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth import SESSION_KEY as USER_SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from users.ticket_actions import issue_ticket

from chats.actions import send_message
from chatserver.events import sequencer
from rooms import actions as rooms
from rooms.models import GENERAL_ID, Membership, Room
from users import actions as users
from users.models import Ticket, Token, User, hash_secret

PASSWORD = "correct horse battery"
SESSION_KEY = "landed0session0of0alice000000000"
FAR = datetime(2100, 1, 1, tzinfo=UTC)
TRIMMED = 4


def membership(room: Room, user: User) -> Membership:
    return Membership.objects.select_related("room", "user").get(room=room, user=user)


def give_token(user: User) -> Token:
    return Token.objects.create(user=user, secret_hash=hash_secret(f"ct_{user.username}"), expires_at=FAR)


alice, bob, charlie, mallory, leaver, staff = (
    users.create_user(name, email=f"{name}@example.com", password=PASSWORD if name in {"alice", "mallory"} else None)
    for name in ("alice", "bob", "charlie", "mallory", "leaver", "staff")
)
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM events_event WHERE position <= %s", [TRIMMED])
    cursor.execute("UPDATE events_head SET trimmed = %s", [TRIMMED])

# Rooms of every kind, and all that can happen to them.
general = Room.objects.get(pk=GENERAL_ID)
opened = rooms.create_room(alice, [bob], name="Open", kind="open", description="Everybody may join.")
closed = rooms.create_room(alice, [bob, leaver], name="Closed", kind="closed")
archived = rooms.create_room(alice, [bob], name="Archived", kind="open")
direct, _ = rooms.open_direct_room(alice, bob)
left_direct, _ = rooms.open_direct_room(leaver, alice)
rooms.join_room(charlie, opened)
rooms.add_members(membership(closed, alice), [charlie, mallory])
rooms.change_role(membership(closed, alice), membership(closed, bob), "moderator")
rooms.remove_member(membership(closed, bob), membership(closed, charlie))
rooms.change_room(membership(opened, alice), {"name": "Wide open"})

# Messages, and how far they were read.
for author, room, text in (
    (bob, general, "Hello, General."),
    (charlie, opened, 'It\'s "quoted" and has a \\ and a\nsecond line.'),
    (bob, closed, "Grüße 👋 in the closed room"),
    (mallory, closed, "Mallory was here."),
    (leaver, left_direct, "I shall leave."),
    (bob, archived, "The last word."),
    (bob, direct, "Hi alice."),
    (alice, direct, "Hi bob."),
):
    send_message(author, room, text)
send_message(alice, opened, "sent with an id", client_message_id="known-id")
removed, _ = send_message(mallory, general, "to be removed")
remove_message(removed, actor=staff)
mark_read(membership(opened, bob), 1)
mark_read(membership(direct, bob), 2)
rooms.archive_room(membership(archived, alice))

# Credentials: those that stay, and those that end.
users.update_profile(alice, {"display_name": "Älice", "avatar_url": "https://example.com/alice.png"})
token = give_token(alice)
issue_ticket(alice, token_id=token.pk)
Ticket.objects.update(secret_hash=hash_secret("ck_alice"), expires_at=FAR)
alice.refresh_from_db()
session = import_module(settings.SESSION_ENGINE).SessionStore()
Session.objects.create(
    session_key=SESSION_KEY,
    session_data=session.encode(
        {
            USER_SESSION_KEY: str(alice.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: alice.get_session_auth_hash(),
        }
    ),
    expire_date=FAR,
)
users.end_session(charlie.pk, "anothersession0of0charlie0000000")
users.revoke_token(give_token(charlie))
users.change_password(charlie, PASSWORD)
users.log_out_everywhere(bob)
for person in (bob, mallory, leaver):
    give_token(person)
users.ban_user(mallory)
users.delete_user(leaver)

# What staff does in the admin.
group = Group.objects.create(name="Moderators")
group.permissions.add(Permission.objects.get(codename="view_user"))
User.objects.filter(pk=staff.pk).update(is_staff=True)
staff.groups.add(group)
staff.user_permissions.add(Permission.objects.get(codename="view_room"))
LogEntry.objects.create(
    user=staff,
    content_type=ContentType.objects.get_for_model(User),
    object_id=str(mallory.pk),
    object_repr="mallory",
    action_flag=CHANGE,
    change_message='[{"changed": {"fields": ["banned"]}}]',
)

# From here on nothing is sequenced: these wait in the outbox, a new subscription among them.
sequencer.wake = lambda: None
users.create_user("newcomer")
send_message(bob, general, "waits in the outbox")
send_message(bob, direct, "waits there too", client_message_id="waiting-id")
rooms.change_room(membership(closed, alice), {"description": "still closed"})
