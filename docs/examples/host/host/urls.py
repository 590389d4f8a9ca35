from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from shop import chat, views

urlpatterns = [
    path("", views.orders),
    path("orders/<int:order_id>/", views.order),
    path("sign-in/", LoginView.as_view(template_name="shop/sign-in.html")),
    path("sign-out/", LogoutView.as_view()),
    path("chat-token/", chat.token),
    path("chat-events/", chat.receive),
]
