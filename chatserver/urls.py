"""All routes of Django. Streams never get here: asgi.py routes them."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from chats.views.page import index
from chatserver.events.views import EventSchemaView
from chatserver.http import error_views
from chatserver.http.openapi_view import SchemaView
from chatserver.legacy_switch import LEGACY_ROUTES

handler400 = error_views.bad_request
handler404 = error_views.no_such_path
handler500 = error_views.server_error

urlpatterns = [
    # The most frequent first, behind what may look like them.
    re_path(r"^api/v1/rooms/external/", include("rooms.external_urls")),
    re_path(r"^api/v1/", include("chats.urls")),
    re_path(r"^api/v1/", include("rooms.urls")),
    re_path(r"^api/v1/", include("users.urls")),
    re_path(r"^api/v1/", include("chatserver.audit.urls")),
    re_path(r"^api/v1/", include("chatserver.webhooks.urls")),
    re_path(r"^api/v1/schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^api/v1/schema/events/?$", EventSchemaView.as_view()),
    re_path(
        r"^api/v1/docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema", http_method_names=["get", "head"])
    ),
    re_path(r"^api(/|$)", error_views.no_such_path),
    path("admin/", admin.site.urls),
    path("", index),
    *LEGACY_ROUTES,
]
