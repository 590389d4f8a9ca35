"""The API of webhooks."""

from chatserver.http.routers import ChatRouter
from chatserver.webhooks.views import WebhookViewSet

router = ChatRouter()
router.register("webhooks", WebhookViewSet, "webhook")

urlpatterns = router.urls
