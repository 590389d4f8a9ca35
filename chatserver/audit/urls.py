"""The API of the audit."""

from chatserver.audit.views import AuditViewSet
from chatserver.http.routers import ChatRouter

router = ChatRouter()
router.register("moderation/audit", AuditViewSet, "audit")

urlpatterns = router.urls
