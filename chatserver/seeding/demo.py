"""Demo data: the people and rooms of the old systems' documentation, and commands to try with them."""

import os
import shlex

from django.conf import settings

from chats.actions.messages import send_message
from chats.views.page import DEMO_PEOPLE
from chatserver.errors import Conflict
from rooms.actions.rooms import open_direct_room
from rooms.models import GENERAL_ID, Room
from users.actions.credentials import issue_token
from users.actions.people import create_user
from users.models import User

GENERAL_TALK = (
    ("Adam", "Hey everybody, welcome to General."),
    ("Kyle", "Hello! Is this thing live?"),
    ("Taylor", "It is. Open a second window and watch."),
    ("Bob", "Neat. No reload needed?"),
    ("Ed", "None. Pull the plug on the server if you like: the page comes back by itself and misses nothing."),
)
DIRECT_TALK = (
    ("Adam", "Kyle", (("Kyle", "hai"), ("Adam", "Hi Kyle, how is the migration going?"), ("Kyle", "Nearly done."))),
    ("Adam", "Taylor", (("Taylor", "What's up?"), ("Adam", "Hey"), ("Taylor", "Lunch at noon?"))),
)
PYTHON = ".venv/bin/python"
TRY_IT = """
  ChatServer runs. Try it; in another terminal, paste these two lines first:

URL={url}
TOKEN={token}

    the page           {url}/
    a live stream      curl -N -H "Authorization: Bearer $TOKEN" $URL/api/v1/stream
{message}    the API            {url}/api/v1/docs/
    moderation         {url}/admin/   (make an account: {python} manage.py createsuperuser)

"""
# To General.
MESSAGE = """\
    and a message      curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
                            -d '{"room_id":0,"message":"hello"}' $URL/api/v1/chats/
"""


def seed_demo() -> None:
    """Create five people, two direct rooms and some messages, as the settings allow. What exists is not changed."""
    people = {name: person for name in DEMO_PEOPLE if (person := _find_or_create(name)) is not None}
    general = Room.objects.get(pk=GENERAL_ID)
    if general.last_seq == 0 and settings.CHAT_GENERAL:
        for name, text in GENERAL_TALK:
            if name in people:
                send_message(people[name], general.pk, text)
    for one, other, talk in DIRECT_TALK if settings.CHAT_DIRECT_MESSAGES == "anybody" else ():
        if one not in people or other not in people:
            continue
        room, is_new = open_direct_room(people[one], people[other])
        for name, text in talk if is_new else ():
            send_message(people[name], room.pk, text)


def _find_or_create(name: str) -> User | None:
    """None where the name is that of somebody who has deleted their account, so that nobody may have it for a while."""
    try:
        return User.objects.named(name).first() or create_user(name)
    except Conflict:
        return None


def try_it(url: str) -> str:
    """Commands to try against a server, with a valid token; empty if there is no Adam."""
    adam = User.objects.named("Adam").first()
    folder = os.environ.get("CHAT_DATA_DIR")
    python = f"CHAT_DATA_DIR={shlex.quote(folder)} {PYTHON}" if folder else PYTHON
    message = MESSAGE if settings.CHAT_GENERAL else ""
    return "" if adam is None else TRY_IT.format(url=url, token=issue_token(adam)[0], python=python, message=message)
