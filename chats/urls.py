"""The API of messages and the log."""

from chats.views.chats import ChatViewSet
from chats.views.edits import EditViewSet
from chats.views.events import EventViewSet
from chats.views.history import HistoryViewSet
from chats.views.messages import MessageViewSet
from chats.views.pins import PinnedMessageViewSet, PinViewSet
from chats.views.reactions import ReactionViewSet
from chats.views.read_markers import ReadMarkersViewSet, ReadMarkerViewSet
from chats.views.readers import ReaderViewSet
from chats.views.sync import SyncViewSet
from chats.views.threads import FollowViewSet, ReplyViewSet, ThreadReadMarkerViewSet, ThreadViewSet
from chats.views.typing import TypingViewSet
from chats.views.unread import UnreadViewSet
from chatserver.http.routers import ChatRouter

MESSAGE_PATH = r"messages/(?P<message_id>[^/.]+)"

router = ChatRouter()
router.register("chats", ChatViewSet, "chat")
router.register(r"rooms/(?P<room_id>[^/.]+)/messages", HistoryViewSet, "history")
router.register(r"rooms/(?P<room_id>[^/.]+)/read-marker", ReadMarkerViewSet, "read-marker")
router.register("read-marker", ReadMarkersViewSet, "read-markers")
router.register("sync", SyncViewSet, "sync")
router.register("unread", UnreadViewSet, "unread")
router.register("messages", MessageViewSet, "message")
router.register(r"rooms/(?P<room_id>[^/.]+)/typing", TypingViewSet, "typing")
router.register(f"{MESSAGE_PATH}/edits", EditViewSet, "edit")
router.register(f"{MESSAGE_PATH}/reactions", ReactionViewSet, "reaction")
router.register(f"{MESSAGE_PATH}/readers", ReaderViewSet, "reader")
router.register(f"{MESSAGE_PATH}/pin", PinViewSet, "pin")
router.register(r"rooms/(?P<room_id>[^/.]+)/pins", PinnedMessageViewSet, "pinned-message")
router.register(f"{MESSAGE_PATH}/replies", ReplyViewSet, "reply")
router.register(f"{MESSAGE_PATH}/follow", FollowViewSet, "follow")
router.register(f"{MESSAGE_PATH}/thread-read-marker", ThreadReadMarkerViewSet, "thread-read-marker")
router.register("threads", ThreadViewSet, "thread")
router.register("events", EventViewSet, "event")

urlpatterns = router.urls
