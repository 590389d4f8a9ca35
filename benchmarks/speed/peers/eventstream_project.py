"""A Django project around django-eventstream, as its documentation has it. It runs in the peer's environment."""

import django_eventstream
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def publish(request: HttpRequest) -> HttpResponse:
    """Send the body to all who listen, as it is. Nothing is stored."""
    django_eventstream.send_event("room", "message", request.body.decode(), json_encode=False)
    return HttpResponse(status=201, headers={"Content-Length": "0"})


urlpatterns = [path("publish", publish), path("subscribe", include(django_eventstream.urls), {"channels": ["room"]})]
application = get_asgi_application()
