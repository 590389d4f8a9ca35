"""The types of events about rooms and members."""

from chatserver.events.catalogue import EXAMPLE_ROOM_ID, EventType, register
from rooms.examples import EXAMPLE_MEMBER, EXAMPLE_ROOM, EXAMPLE_SETTINGS
from rooms.serializers.blocks import EXAMPLE_BLOCK, BlockSerializer
from rooms.serializers.invitations import EXAMPLE_INVITATION, EndedInvitationSerializer, InvitationSerializer
from rooms.serializers.join_requests import EXAMPLE_ASKED, AskedToJoinSerializer, EndedJoinRequestSerializer
from rooms.serializers.members import MemberSerializer
from rooms.serializers.rooms import LeftRoomSerializer, RoomSerializer
from rooms.serializers.settings import MemberSettingsSerializer

ROOM_TOPIC = "room:<room_id>"

register(
    EventType(
        name="room.created",
        summary="A room was made.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=RoomSerializer,
        example=EXAMPLE_ROOM,
        since="1.0.0",
    ),
    EventType(
        name="room.updated",
        summary="A room has a new name, kind or description, or was restored: its members can write again.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=RoomSerializer,
        example=EXAMPLE_ROOM | {"name": "Launch day"},
        since="1.0.0",
    ),
    EventType(
        name="room.archived",
        summary="A room was archived: its members can read it, nobody can write.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=RoomSerializer,
        example=EXAMPLE_ROOM | {"archived_at": "2026-11-22T13:33:24Z"},
        since="1.0.0",
    ),
    EventType(
        name="room.left",
        summary="I am no longer in a room: I left it, or was removed.",
        topics=("user:<user_id>",),
        heard_by="only one's own devices, also those that were away",
        data=LeftRoomSerializer,
        example={"room_id": EXAMPLE_ROOM_ID, "reason": "removed"},
        since="1.1.0",
    ),
    EventType(
        name="member.added",
        summary="A person entered a room.",
        topics=(ROOM_TOPIC, "user:<user_id>"),
        heard_by="the room, and the new member",
        data=MemberSerializer,
        example=EXAMPLE_MEMBER,
        since="1.0.0",
    ),
    EventType(
        name="member.removed",
        summary="A person left a room, or was removed from it.",
        topics=(ROOM_TOPIC,),
        heard_by="the room, and the one who left",
        data=MemberSerializer,
        example=EXAMPLE_MEMBER,
        since="1.0.0",
    ),
    EventType(
        name="member.updated",
        summary="A member has a new role.",
        topics=(ROOM_TOPIC,),
        heard_by="the room",
        data=MemberSerializer,
        example=EXAMPLE_MEMBER | {"role": "moderator"},
        since="1.0.0",
    ),
    EventType(
        name="membership.updated",
        summary="I changed what I set for myself in a room.",
        topics=("user:<user_id>",),
        heard_by="only one's own devices",
        data=MemberSettingsSerializer,
        example=EXAMPLE_SETTINGS | {"pinned": True},
        since="1.1.0",
    ),
    *(
        EventType(
            name=name,
            summary=summary,
            topics=("user:<user_id>",),
            heard_by="only one's own devices",
            data=BlockSerializer,
            example=EXAMPLE_BLOCK,
            since="1.1.0",
            has_room=False,
        )
        for name, summary in (
            ("block.added", "I block a person: neither of us sends direct messages to the other."),
            ("block.removed", "I no longer block a person."),
        )
    ),
    EventType(
        name="invitation.created",
        summary="I am invited to a room.",
        topics=("user:<user_id>",),
        heard_by="only one's own devices",
        data=InvitationSerializer,
        example=EXAMPLE_INVITATION,
        since="1.1.0",
    ),
    EventType(
        name="invitation.removed",
        summary="I entered a room that I was invited to, or declined, or the invitation was revoked.",
        topics=("user:<user_id>",),
        heard_by="only one's own devices",
        data=EndedInvitationSerializer,
        example={"id": 1, "room_id": EXAMPLE_ROOM_ID},
        since="1.1.0",
    ),
    EventType(
        name="join_request.created",
        summary="A person asks to join a room that I moderate.",
        topics=("user:<user_id>",),
        heard_by="the devices of its owners and moderators, of the oldest 20",
        data=AskedToJoinSerializer,
        example=EXAMPLE_ASKED,
        since="1.1.0",
    ),
    EventType(
        name="join_request.removed",
        summary="A request to join a room was approved, declined or withdrawn.",
        topics=("user:<user_id>",),
        heard_by="the devices of who asked, and of the room's owners and moderators, of the oldest 20",
        data=EndedJoinRequestSerializer,
        example={"room_id": EXAMPLE_ROOM_ID, "user_id": 1},
        since="1.1.0",
    ),
)
