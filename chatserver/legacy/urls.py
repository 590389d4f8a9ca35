"""The old routes, with and without a trailing slash."""

from django.urls import re_path

from chatserver.legacy.people import OnlineView, UsersView
from chatserver.legacy.rooms import MessagesView, PreloadView, RoomsView, RoomView
from chatserver.legacy.sessions import LoginView, LogoutView, MeView
from chatserver.legacy.socket_io import SocketView
from chatserver.legacy.tutorial import LinksView, RandomNameView

urlpatterns = [
    re_path(r"^login/?$", LoginView.as_view()),
    re_path(r"^logout/?$", LogoutView.as_view()),
    re_path(r"^me/?$", MeView.as_view()),
    re_path(r"^users/online/?$", OnlineView.as_view()),
    re_path(r"^users/?$", UsersView.as_view()),
    re_path(r"^rooms/(?P<user_id>[^/]+)/?$", RoomsView.as_view()),
    re_path(r"^room/?$", RoomView.as_view()),
    re_path(r"^room/(?P<room_name>[^/]+)/messages/?$", MessagesView.as_view()),
    re_path(r"^room/(?P<room_name>[^/]+)/preload/?$", PreloadView.as_view()),
    re_path(r"^links/?$", LinksView.as_view()),
    re_path(r"^randomname/?$", RandomNameView.as_view()),
    re_path(r"^socket\.io/?$", SocketView.as_view()),
]
