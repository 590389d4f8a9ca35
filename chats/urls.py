"""The API of rooms, messages and the log."""

from chats.views import ChatViewSet, EventViewSet, MessageViewSet, RoomViewSet
from chatserver.http.routers import ChatRouter
from rooms.views import MemberViewSet, ReadMarkerViewSet, TypingViewSet

ROOM = r"rooms/(?P<room_id>[^/.]+)"

router = ChatRouter()
router.register("chats", ChatViewSet, "chat")
router.register("rooms", RoomViewSet, "room")
router.register(f"{ROOM}/messages", MessageViewSet, "message")
router.register(f"{ROOM}/members", MemberViewSet, "member")
router.register(f"{ROOM}/read-marker", ReadMarkerViewSet, "read-marker")
router.register(f"{ROOM}/typing", TypingViewSet, "typing")
router.register("events", EventViewSet, "event")

urlpatterns = router.urls
