"""chats_send sent one message; chats_send_all took its place. What 0002 to 0004 made is in chats/sql/ now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chats", "0001_initial")]
    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS chats_send", migrations.RunSQL.noop),
    ]
