"""The shop's pages."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from shop.models import Order


@login_required
def orders(request: HttpRequest) -> HttpResponse:
    return render(request, "shop/orders.html", {"orders": Order.of(request.user), "chat_url": settings.CHAT_URL})


@login_required
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    found = get_object_or_404(Order.of(request.user), pk=order_id)
    return render(request, "shop/order.html", {"order": found, "chat_url": settings.CHAT_URL})
