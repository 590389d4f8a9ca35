"""The API of messages and the log."""

from chats.views import ChatViewSet, EventViewSet, MessageViewSet
from chatserver.http.routers import ChatRouter

router = ChatRouter()
router.register("chats", ChatViewSet, "chat")
router.register(r"rooms/(?P<room_id>[^/.]+)/messages", MessageViewSet, "message")
router.register("events", EventViewSet, "event")

urlpatterns = router.urls
