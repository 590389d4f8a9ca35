"""All that the shop's backend does for its chat."""

import time

import jwt
from chatserver_client import WebhookInvalid, verify
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shop.models import ChatEvent, Order

TOKEN_SECONDS = 600


@login_required
def token(request: HttpRequest) -> JsonResponse:
    """A JWT for the person who is signed in here, with the rooms of the orders that they may see."""
    rooms = [{"id": f"order-{order.pk}", "name": order.title} for order in Order.of(request.user)]
    now = int(time.time())
    claims = {
        "iss": settings.CHAT_JWT_ISSUER,
        "sub": f"user-{request.user.pk}",
        "name": request.user.get_full_name(),
        "rooms": rooms,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
    }
    return JsonResponse({"token": jwt.encode(claims, settings.CHAT_JWT_SECRET, algorithm="HS256")})


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Each event of the chat comes here, signed."""
    try:
        event = verify(request.body, request.headers, settings.CHAT_WEBHOOK_SECRET)
    except WebhookInvalid:
        return HttpResponse(status=400)
    seen = {"position": event.position, "type": event.type, "data": event.data}
    ChatEvent.objects.get_or_create(webhook_id=request.headers["webhook-id"], defaults=seen)
    return HttpResponse(status=204)
