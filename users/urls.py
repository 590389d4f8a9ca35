"""The API of people."""

from chatserver.http.routers import ChatRouter
from users.views import TicketViewSet, TokenViewSet, UserViewSet

router = ChatRouter()
router.register("users", UserViewSet, "user")
router.register("tokens", TokenViewSet, "token")
router.register("tickets", TicketViewSet, "ticket")

urlpatterns = router.urls
