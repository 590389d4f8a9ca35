"""The API of messages and the log."""

from chats.views.chats import ChatViewSet
from chats.views.events import EventViewSet
from chats.views.messages import MessageViewSet
from chatserver.http.routers import ChatRouter

router = ChatRouter()
router.register("chats", ChatViewSet, "chat")
router.register(r"rooms/(?P<room_id>[^/.]+)/messages", MessageViewSet, "message")
router.register("events", EventViewSet, "event")

urlpatterns = router.urls
