"""A Django project around django-eventstream, as its documentation has it. It runs in the peer's environment."""

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-a-measurement",  # noqa: S106 - nothing is signed
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django_eventstream"],
    MIDDLEWARE=[],
)
django.setup()

import django_eventstream  # noqa: E402 - it needs the settings
from django.core.asgi import get_asgi_application  # noqa: E402 - it needs the settings
from django.http import HttpRequest, HttpResponse  # noqa: E402 - it needs the settings
from django.urls import include, path  # noqa: E402 - it needs the settings


def publish(request: HttpRequest) -> HttpResponse:
    """Send the body to all who listen, as it is. Nothing is stored."""
    django_eventstream.send_event("room", "message", request.body.decode(), json_encode=False)
    return HttpResponse(status=201, headers={"Content-Length": "0"})


urlpatterns = [path("publish", publish), path("subscribe", include(django_eventstream.urls), {"channels": ["room"]})]
application = get_asgi_application()
