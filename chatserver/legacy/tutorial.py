"""What the front-end of the Redis tutorial asks besides: it shows links, and offers a name to begin with."""

import secrets

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from chatserver.legacy.base import LegacyView

# No two people should be offered the same name: where names alone are enough, they would be one person.
NAMES = ("Ada", "Alan", "Barbara", "Donald", "Edsger", "Grace", "Margaret", "Niklaus", "Radia", "Tim")
NUMBERS = 1_000_000


class LinksView(LegacyView):
    """Where the tutorial is published; there is nothing to show of this service."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({})


class RandomNameView(LegacyView):
    """A name for somebody new."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response(f"{secrets.choice(NAMES)}{secrets.randbelow(NUMBERS):06}")
