"""Columns by which numbering costs the same however long a transaction stays open elsewhere (see events_waiting.sql).

The log's end is its newest row from now on, which is found at once; events_head is only locked.
"""

from django.db import migrations

COLUMNS = """
ALTER TABLE events_outbox ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX events_outbox_xid ON events_outbox (xid);
ALTER TABLE events_event ADD COLUMN seen pg_snapshot;
UPDATE events_head SET trimmed = position WHERE NOT EXISTS (SELECT 1 FROM events_event);
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_functions")]
    operations = [
        migrations.RunSQL(COLUMNS),
        migrations.RemoveField("head", "position"),
    ]
