"""Rooms and who is in them."""

from rooms.models.block import Block
from rooms.models.invitation import Invitation
from rooms.models.join_request import MAX_REQUEST_TEXT, JoinRequest
from rooms.models.membership import Leaver, Membership, Role
from rooms.models.room import GENERAL_ID, MAX_DESCRIPTION, MAX_NAME, Kind, Room
from rooms.models.room_request import MAX_CLIENT_ROOM_ID, RoomRequest
from rooms.models.unfinished import Announcement, Exclusion

__all__ = [
    "Announcement",
    "Block",
    "Exclusion",
    "GENERAL_ID",
    "Invitation",
    "JoinRequest",
    "Kind",
    "Leaver",
    "MAX_CLIENT_ROOM_ID",
    "MAX_DESCRIPTION",
    "MAX_NAME",
    "MAX_REQUEST_TEXT",
    "Membership",
    "Role",
    "Room",
    "RoomRequest",
]
