"""Endpoints of other backends, what is to be delivered to them, and in which order.

A delivery has no body: that is read from the log when it is sent. Deliveries that must keep their order share a lane, a
row that exists as long as one of them waits. The worker that holds a lane sends its deliveries one after the other.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from chatserver.webhooks.signatures import new_salt

MAX_URL = 2048
MAX_PATTERN = 100
MAX_ROOM_FILTER = 200
MAX_ENDPOINTS = 20


class Endpoint(models.Model):
    """Where a service account wants events delivered. `types` (events/type_patterns.py) and rooms say which."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    url = models.TextField()
    types = ArrayField(models.TextField())
    rooms = ArrayField(models.BigIntegerField(), null=True, help_text="only events of these rooms; null: all events")
    is_enabled = models.BooleanField(default=True)
    is_ordered = models.BooleanField(default=True)
    begins_after = models.BigIntegerField(help_text="events up to this position of the log are not delivered")
    created_at = models.DateTimeField(db_default=Now())
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.TextField(default="")
    deleted_at = models.DateTimeField(null=True, help_text="what is left of it is being deleted")
    secret_salt = models.TextField(default=new_salt, editable=False)
    previous_salt = models.TextField(default="", editable=False)
    previous_until = models.DateTimeField(null=True, editable=False, help_text="until when the old secret signs, too")

    class Meta:
        indexes = [models.Index(fields=["owner", "id"], name="webhooks_endpoint_owner")]

    def __str__(self) -> str:
        return f"{self.pk} {self.url}"


class State(models.IntegerChoices):
    WAITING = 0
    DELIVERED = 1
    FAILED = 2


class Delivery(models.Model):
    """One event for one endpoint, and how its last attempt ended. `position` is null for a test, which is no event."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.DO_NOTHING, db_index=False)
    position = models.BigIntegerField(null=True)
    type = models.TextField()
    room_id = models.BigIntegerField(null=True)
    lane = models.TextField(help_text="the key of the lane that it waits in")
    state = models.SmallIntegerField(choices=State.choices, db_default=State.WAITING)
    attempts = models.SmallIntegerField(db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    attempted_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True, help_text="how long the last attempt took")
    status = models.SmallIntegerField(null=True, help_text="of the last answer")
    answer = models.TextField(db_default="", help_text="the first 1 KB of its body")
    error = models.TextField(db_default="", help_text="why there was no answer, or why it failed")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["position", "endpoint"], name="webhooks_delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "lane", "position"],
                condition=models.Q(state=State.WAITING),
                name="webhooks_delivery_waiting",
            ),
            models.Index(fields=["endpoint", "id"], name="webhooks_delivery_endpoint"),
            models.Index(
                fields=["endpoint", "id"], condition=models.Q(state=State.FAILED), name="webhooks_delivery_failed"
            ),
        ]

    def __str__(self) -> str:
        return self.webhook_id

    @property
    def webhook_id(self) -> str:
        return webhook_id(self.endpoint_id, self.pk, self.position)


class Lane(models.Model):
    """The order of an endpoint's deliveries of one room (`room:3`), of one person (`user:7`), or of one delivery."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.DO_NOTHING, db_index=False)
    key = models.TextField()
    due_at = models.DateTimeField(db_default=Now(), help_text="when its first delivery may be tried")
    worker_id = models.BigIntegerField(null=True, help_text="who sends its deliveries at the moment")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "key"], name="webhooks_lane_once")]
        indexes = [
            models.Index(fields=["endpoint", "due_at"], condition=models.Q(worker_id=None), name="webhooks_lane_due"),
            models.Index(fields=["worker_id"], condition=~models.Q(worker_id=None), name="webhooks_lane_held"),
        ]


class Worker(models.Model):
    """A process that holds lanes. One that has not renewed its row for some seconds is dead, and its lanes are free."""

    seen_at = models.DateTimeField(db_default=Now())


def webhook_id(endpoint_id: int, delivery_id: int, position: int | None) -> str:
    """What receivers tell repeats by: the same for each attempt at a delivery."""
    return f"evt_{f'test-{delivery_id}' if position is None else position}_{endpoint_id}"
