"""The API of messages and the log."""

from chats.views.chats import ChatViewSet
from chats.views.edits import EditViewSet
from chats.views.events import EventViewSet
from chats.views.history import HistoryViewSet
from chats.views.messages import MessageViewSet
from chats.views.pins import PinnedMessageViewSet, PinViewSet
from chats.views.reactions import ReactionViewSet
from chats.views.read_markers import ReadMarkersViewSet, ReadMarkerViewSet
from chats.views.sync import SyncViewSet
from chats.views.unread import UnreadViewSet
from chatserver.http.routers import ChatRouter

router = ChatRouter()
router.register("chats", ChatViewSet, "chat")
router.register(r"rooms/(?P<room_id>[^/.]+)/messages", HistoryViewSet, "history")
router.register(r"rooms/(?P<room_id>[^/.]+)/read-marker", ReadMarkerViewSet, "read-marker")
router.register("read-marker", ReadMarkersViewSet, "read-markers")
router.register("sync", SyncViewSet, "sync")
router.register("unread", UnreadViewSet, "unread")
router.register("messages", MessageViewSet, "message")
router.register(r"messages/(?P<message_id>[^/.]+)/edits", EditViewSet, "edit")
router.register(r"messages/(?P<message_id>[^/.]+)/reactions", ReactionViewSet, "reaction")
router.register(r"messages/(?P<message_id>[^/.]+)/pin", PinViewSet, "pin")
router.register(r"rooms/(?P<room_id>[^/.]+)/pins", PinnedMessageViewSet, "pinned-message")
router.register("events", EventViewSet, "event")

urlpatterns = router.urls
