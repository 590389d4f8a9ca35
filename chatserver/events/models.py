"""The tables of the log. The outbox and the log are written by SQL (log.py and sql/), not by the ORM."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now


class Kind(models.IntegerChoices):
    """What a row of the log does. Only EVENT rows reach clients; the others change who hears what."""

    EVENT = 0
    SUBSCRIBE = 1
    UNSUBSCRIBE = 2
    REVOKE = 3


SHOWS_MESSAGE = models.Q(message_id__isnull=False)


class LogRow(models.Model):
    kind = models.SmallIntegerField(choices=Kind.choices, default=Kind.EVENT)
    topic = models.TextField()
    type = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    room_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True, help_text="the message that the body shows")
    about_seq = models.BigIntegerField(
        null=True,
        help_text="of an EVENT, the seq in its topic that it is about; of a SUBSCRIBE, from which seq on they hear",
    )
    at = models.DateTimeField(db_default=Now())
    body = models.TextField(help_text="JSON, ready to be sent")
    user_ids = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="whom a row that is no EVENT concerns; of an EVENT, whom the thread or the body names",
    )
    thread = models.TextField(  # noqa: DJ001 - null is no thread
        null=True, help_text="JSON that stands beside the body: the totals of a reply's thread"
    )

    class Meta:
        abstract = True


class Outbox(LogRow):
    """Committed together with its change, and waiting for its position."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        indexes = [models.Index(fields=["message_id"], condition=SHOWS_MESSAGE, name="events_outbox_message")]


class Event(LogRow):
    """A row of the log. Positions rise in commit order, without gaps but for the jumps of events_sequence."""

    position = models.BigIntegerField(primary_key=True)

    class Meta:
        indexes = [
            models.Index(fields=["topic", "position"], name="events_event_topic"),
            models.Index(fields=["message_id"], condition=SHOWS_MESSAGE, name="events_event_message"),
            models.Index(
                fields=["topic", "position"], condition=models.Q(kind=Kind.UNSUBSCRIBE), name="events_event_unsubscribe"
            ),
            GinIndex(fields=["user_ids"], condition=models.Q(thread__isnull=False), name="events_event_thread_people"),
            GinIndex(fields=["user_ids"], condition=models.Q(type="notification.due"), name="events_event_recipients"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.type}"


class Head(models.Model):
    """The single row that the sequencer locks. The log's end is its newest row, or where it was trimmed."""

    id = models.SmallIntegerField(primary_key=True)
    trimmed = models.BigIntegerField(default=0, help_text="rows up to this position were deleted")
    server_started_at = models.DateTimeField(
        null=True, help_text="when the PostgreSQL that wrote this row last was started"
    )
    relation_ids = models.TextField(
        db_default="", help_text="the database and the table of the log that this row was written in"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="events_head_single")]


class Subscription(models.Model):
    """A user hears a topic's events after the position `since`."""

    pk = models.CompositePrimaryKey("user_id", "topic")
    user_id = models.BigIntegerField()
    topic = models.TextField()
    since = models.BigIntegerField()
    visible_from_seq = models.BigIntegerField(db_default=0, help_text="events about a lower seq are not theirs")

    class Meta:
        indexes = [models.Index(fields=["topic"], name="events_subscription_topic")]


class Redaction(models.Model):
    """A deleted person who is still to be replaced in rows of the log behind a position (see redaction.py)."""

    user_id = models.BigIntegerField(primary_key=True)
    shown = models.TextField(help_text="what is shown of them now, as JSON")
    position = models.BigIntegerField(help_text="rows up to this position were rewritten")


class ReaderCursor(models.Model):
    """How far a durable reader has come (see reader.py). The lock of this row is the lease on the reader."""

    name = models.TextField(primary_key=True)
    position = models.BigIntegerField(help_text="rows up to this position were handled or put aside")
    updated_at = models.DateTimeField(db_default=Now())
    failing = models.BigIntegerField(null=True, help_text="the position of the row that could not be handled")
    attempts = models.SmallIntegerField(db_default=0, help_text="how often that row was tried")
    retry_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "events_reader"

    def __str__(self) -> str:
        return self.name


class RowPutAside(models.Model):
    """A row of the log that a reader could not handle. Its body is read from the log when it is tried again."""

    reader = models.TextField()
    position = models.BigIntegerField()
    error = models.TextField()
    attempts = models.SmallIntegerField()
    at = models.DateTimeField(db_default=Now(), help_text="when it was put aside")
    is_to_be_retried = models.BooleanField(db_default=False)

    class Meta:
        db_table = "events_row_put_aside"
        verbose_name = "row put aside"
        verbose_name_plural = "rows put aside"
        # By position first: rows that are trimmed from the log are deleted here too.
        constraints = [models.UniqueConstraint(fields=["position", "reader"], name="events_row_put_aside_once")]

    def __str__(self) -> str:
        return f"{self.position} of {self.reader}"
