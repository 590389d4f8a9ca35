"""All routes of the WSGI door. The streams are routed before it, in asgi.py."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from chats import pages
from chatserver import health, legacy
from chatserver.api import problem


def no_such_path(request: HttpRequest) -> HttpResponse:
    return problem(request, 404, "not_found", "There is no such path.")


urlpatterns = [
    re_path(r"^api/v1/", include("users.urls")),
    re_path(r"^api/v1/", include("chats.urls")),
    re_path(r"^api/v1/schema/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^api/v1/docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema")),
    re_path(r"^api/", no_such_path),
    re_path(r"^healthz/?$", health.healthz),
    re_path(r"^readyz/?$", health.readyz),
    re_path(r"^metrics/?$", health.metrics),
    path("admin/", admin.site.urls),
    path("", pages.index),
    path("", include(legacy.urlpatterns)),
]
