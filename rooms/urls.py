"""The API of rooms and who is in them."""

from chatserver.http.routers import ChatRouter
from rooms.views.blocks import BlockViewSet
from rooms.views.invitations import InvitationViewSet, RoomInvitationViewSet
from rooms.views.join_requests import JoinRequestViewSet
from rooms.views.member_settings import MemberSettingsViewSet
from rooms.views.members import MemberViewSet
from rooms.views.rooms import RoomViewSet

ROOM_PATH = r"rooms/(?P<room_id>[^/.]+)"

router = ChatRouter()
router.register("blocks", BlockViewSet, "block")
router.register("rooms", RoomViewSet, "room")
router.register("invitations", InvitationViewSet, "invitation")
router.register(f"{ROOM_PATH}/invitations", RoomInvitationViewSet, "room-invitation")
router.register(f"{ROOM_PATH}/join-requests", JoinRequestViewSet, "join-request")
router.register(f"{ROOM_PATH}/members", MemberViewSet, "member")
router.register(f"{ROOM_PATH}/me", MemberSettingsViewSet, "member-settings")

urlpatterns = router.urls
