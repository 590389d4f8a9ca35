"""The API of rooms by external id, which may be any text: `messages` is one, and would be taken for another path."""

from django.urls import re_path

from rooms.views.external_rooms import ExternalRoomViewSet

urlpatterns = [re_path(r"^(?P<external_id>.+?)/?$", ExternalRoomViewSet.as_view({"get": "retrieve", "put": "update"}))]
