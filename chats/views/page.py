"""The web page: made with the JavaScript client (clients/js), and nothing more."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie

DEMO_PEOPLE = ("Adam", "Kyle", "Taylor", "Bob", "Ed")


@ensure_csrf_cookie
def index(request: HttpRequest) -> HttpResponse:
    """The page. It offers the demo people if they may log in without a password."""
    people = DEMO_PEOPLE if settings.CHAT_PASSWORDLESS_LOGIN else ()
    context = {
        "demo_people": people,
        "may_register": settings.CHAT_OPEN_REGISTRATION,
        "place": {"base_path": settings.CHAT_BASE_PATH, "keeps_edits": settings.CHAT_EDIT_HISTORY_DAYS > 0},
    }
    return render(request, "chats/index.html", context)
