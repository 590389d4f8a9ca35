"""Drop chats_thread_people(), which was in no release. chats_threads() replaces it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chats", "0019_timeline_index")]
    operations = [migrations.RunSQL("DROP FUNCTION IF EXISTS chats_thread_people(bigint)", migrations.RunSQL.noop)]
