"""chats_threads took the place of this one, which was there between two releases only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chats", "0019_timeline_index")]
    operations = [migrations.RunSQL("DROP FUNCTION IF EXISTS chats_thread_people(bigint)", migrations.RunSQL.noop)]
