"""What is done now and then: old deliveries and deleted endpoints are deleted, a part at a time, and gauges are set.

Deliveries are kept as long as their event, and CHAT_LOG_DAYS beyond their last attempt. One that still waits when its
event leaves the log has failed.
"""

from django.conf import settings
from django.db import connection

from chatserver.webhooks.metrics import OLDEST_WAITING, WAITING
from chatserver.webhooks.models import Delivery, Endpoint, Lane

CLEANED_AT_ONCE = 5_000
NO_LONGER_IN_LOG = "The event is no longer in the log (CHAT_LOG_DAYS)."
# As arrays: joined, the limit could be applied several times.
FAIL_TRIMMED = """
UPDATE webhooks_delivery SET state = 2, error = %s, attempted_at = statement_timestamp(), next_attempt_at = NULL
WHERE id = ANY(ARRAY(
    SELECT d.id FROM webhooks_delivery d WHERE position <= (SELECT trimmed FROM events_head) AND state = 0
    LIMIT %s FOR UPDATE SKIP LOCKED
))
"""
DELETE_OLD = """
DELETE FROM webhooks_delivery WHERE id = ANY(ARRAY(
    SELECT id FROM webhooks_delivery
    WHERE (position <= (SELECT trimmed FROM events_head) OR position IS NULL) AND state <> 0
    AND attempted_at < statement_timestamp() - make_interval(days => %s)
    LIMIT %s FOR UPDATE SKIP LOCKED
))
"""
COUNT_WAITING = """
SELECT count(*), coalesce(extract(epoch FROM statement_timestamp() - min(created_at) FILTER (WHERE endpoint_id IN (
    SELECT id FROM webhooks_endpoint WHERE is_enabled AND deleted_at IS NULL
))), 0)::float8 FROM webhooks_delivery WHERE state = 0
"""


def clean_up() -> None:
    """Take one step of each. Several processes may do this at once."""
    with connection.cursor() as cursor:
        cursor.execute(FAIL_TRIMMED, [NO_LONGER_IN_LOG, CLEANED_AT_ONCE])
        cursor.execute(DELETE_OLD, [settings.CHAT_LOG_DAYS, CLEANED_AT_ONCE])
        cursor.execute(COUNT_WAITING)
        waiting, oldest = cursor.fetchone()
    WAITING.set(waiting)
    OLDEST_WAITING.set(max(0.0, oldest))
    deleted = Endpoint.objects.exclude(deleted_at=None).first()
    if deleted is not None:
        _delete_part_of(deleted)


def _delete_part_of(endpoint: Endpoint) -> None:
    """The endpoint goes last: its rows are many."""
    for model in (Delivery, Lane):
        rows = model._default_manager.filter(endpoint=endpoint)
        some = list(rows.values_list("pk", flat=True)[:CLEANED_AT_ONCE])
        if some:
            rows.filter(pk__in=some).delete()
            return
    endpoint.delete()
