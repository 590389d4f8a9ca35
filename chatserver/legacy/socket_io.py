"""The old /socket.io/: it takes what a client emits. What happens, clients hear from /stream.

Only Engine.IO's long polling is served, with which every client begins. Each request shows whose session it is of, and
no event is sent this way: so no answer depends on an earlier request, a client may come to another process each time,
and what holds for the other old routes (rights, limits, origins) holds here.
"""

import json
import secrets
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chats.models import MAX_TEXT
from chatserver.errors import ChatError, Invalid
from chatserver.http.body_limits import accepts_texts
from chatserver.http.throttling import BURST_OF_WRITES, RequestThrottle
from chatserver.legacy.base import LegacyView
from chatserver.legacy.rooms import post_or_open
from chatserver.legacy.socket_ids import SocketAuthentication, new_socket_id
from chatserver.legacy.socket_packets import SEPARATOR, emitted_in
from users.access.people import caller
from users.models import User

# Engine.IO's own defaults. A poll is answered with a ping after the one; a client gives up after both.
PING_SECONDS = 25
PING_TIMEOUT_SECONDS = 20
PING = "2"
# Whose poll an answer is of, for held_polls.py, which takes it off.
POLLER_HEADER = "X-Poller"


class SocketView(LegacyView):
    """GET opens a connection, or polls for a ping (see held_polls.py); POST has what the client emits."""

    authentication_classes = [SocketAuthentication]

    def get(self, request: Request) -> HttpResponse:
        check_protocol(request)
        if "sid" not in request.query_params:
            return _text(handshake(request))
        ping = _text(PING)
        ping[POLLER_HEADER] = str(caller(request).pk)
        return ping

    @accepts_texts(MAX_TEXT)
    def post(self, request: Request) -> HttpResponse:
        """Post all messages, then answer with the first refusal, if there was any.

        Nothing follows from other events: people hear all of their rooms, also without "room.join".
        """
        check_protocol(request)
        me = caller(request)
        messages = [event.data for event in emitted_in(request._request.body) if event.name == "message"]
        if len(messages) > BURST_OF_WRITES:
            raise Invalid(f"At most {BURST_OF_WRITES} messages may come at once.")
        # One write has been counted for the request itself.
        RequestThrottle.writes.spend(request._request, me.pk, max(0, len(messages) - 1))
        refusals: list[Exception] = []
        for message in messages:
            try:
                post(me, message)
            except (ChatError, ValidationError) as refusal:
                refusals.append(refusal)
        if refusals:
            raise refusals[0]
        return _text("ok")


def check_protocol(request: Request) -> None:
    """Invalid for other transports than polling, and for clients older than Socket.IO 3."""
    query = request.query_params
    if (query.get("EIO"), query.get("transport")) != ("4", "polling"):
        raise Invalid("Only polling of Engine.IO 4 is served here (EIO=4&transport=polling).")


def handshake(request: Request) -> str:
    """Two packets: the connection is open, and one is connected to the default namespace.

    Other servers confirm the namespace when the client has asked for it. Here that request may come to another process
    than the poll that would have to tell the client.
    """
    opened = {
        "sid": new_socket_id(request),
        "upgrades": [],
        "pingInterval": PING_SECONDS * 1000,
        "pingTimeout": PING_TIMEOUT_SECONDS * 1000,
    }
    connected = {"sid": secrets.token_urlsafe(15)}
    return f"0{json.dumps(opened)}{SEPARATOR}40{json.dumps(connected)}"


def post(sender: User, message: Any) -> None:
    """Post what a client emitted as `message`: {"roomId":"1:3","message":"hai"}. Whom it says it is from is ignored."""
    match message:
        case {"roomId": str() | int() as room_name, "message": text}:
            post_or_open(sender, str(room_name), text)
        case _:
            raise Invalid("A message needs a roomId and a message.")


def _text(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/plain; charset=UTF-8")
