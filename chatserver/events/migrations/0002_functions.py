from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "INSERT INTO events_head (id, position, trimmed) VALUES (1, 0, 0)", "DELETE FROM events_head"
        ),
        # The outbox lives on being emptied: its dead rows must go before the index over them grows.
        migrations.RunSQL(
            "ALTER TABLE events_outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, "
            "autovacuum_vacuum_cost_delay = 0)",
            migrations.RunSQL.noop,
        ),
    ]
