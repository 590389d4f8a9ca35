"""The API of people."""

from chatserver.http.routers import ChatRouter
from users.views.external_people import ExternalPersonViewSet, UserBatchViewSet
from users.views.people import UserViewSet
from users.views.presence import ActivityViewSet, PresenceViewSet
from users.views.session import SessionViewSet
from users.views.tickets import TicketViewSet
from users.views.tokens import TokenViewSet

router = ChatRouter()
router.register("users/external", ExternalPersonViewSet, "external-person")
router.register("users/batch", UserBatchViewSet, "user-batch")
router.register("users/me/presence", PresenceViewSet, "presence")
router.register("users/me/activity", ActivityViewSet, "activity")
router.register("users", UserViewSet, "user")
router.register("tokens", TokenViewSet, "token")
router.register("session", SessionViewSet, "session")
router.register("tickets", TicketViewSet, "ticket")

urlpatterns = router.urls
