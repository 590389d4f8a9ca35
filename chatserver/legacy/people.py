"""People, and who is online."""

from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.http.parameters import whole_number
from chatserver.legacy.base import LARGEST_LEGACY_PAGE, LegacyView, shown
from users.access.directory import known_ids
from users.access.people import caller
from users.access.people_online import online_ids
from users.models import User

# The old clients ask for all at once.
MOST_ONLINE = 1_000


class UsersView(LegacyView):
    """`?ids[]=1&ids[]=2`: these people, and whether they are online."""

    def get(self, request: Request) -> Response:
        user_ids = [whole_number(text, "ids[]") for text in request.query_params.getlist("ids[]")[:LARGEST_LEGACY_PAGE]]
        user_ids = sorted(known_ids(caller(request), user_ids))
        online = online_ids(user_ids)
        people = User.objects.filter(pk__in=user_ids).order_by("pk")
        online &= {user.pk for user in people if user.is_appearing}
        return Response({str(user.pk): shown(user) | {"online": user.pk in online} for user in people})


class OnlineView(LegacyView):
    """Users who are online and not strangers: all of them, as far as they are not more than MOST_ONLINE."""

    def get(self, request: Request) -> Response:
        user_ids = sorted(known_ids(caller(request), online_ids()))[:MOST_ONLINE]
        people = User.objects.get_queryset().appearing().filter(pk__in=user_ids).order_by("pk")
        return Response({str(user.pk): shown(user) | {"online": True} for user in people})
