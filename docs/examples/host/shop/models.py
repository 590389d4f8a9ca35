"""Orders of customers, and what happened in the chat."""

from django.contrib.auth.models import User
from django.db import models


class Order(models.Model):
    customer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="orders")
    title = models.CharField(max_length=80)

    @classmethod
    def of(cls, user: User) -> models.QuerySet["Order"]:
        """Those that this person may see: agents see all."""
        return cls.objects.order_by("pk") if user.is_staff else cls.objects.filter(customer=user).order_by("pk")


class ChatEvent(models.Model):
    """An event of the chat. A webhook may come twice; its id is stored once."""

    webhook_id = models.CharField(max_length=100, unique=True)
    position = models.BigIntegerField()
    type = models.CharField(max_length=50)
    data = models.JSONField()
