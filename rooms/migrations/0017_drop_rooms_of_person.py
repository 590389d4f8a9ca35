"""rooms_of_person was there between two releases, with other columns in each of them; rooms_seen_by took its place."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rooms", "0016_join_requests")]
    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS rooms_of_person", migrations.RunSQL.noop),
    ]
