"""rooms_by_activity took the place of rooms_inbox two releases ago, so that no process calls it any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rooms", "0017_drop_rooms_of_person")]
    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS rooms_inbox", migrations.RunSQL.noop),
    ]
