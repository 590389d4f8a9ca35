"""chats_timeline and chats_newest took the place of these, which were there between two releases only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chats", "0016_mentions")]
    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS chats_history, chats_messages_at", migrations.RunSQL.noop),
    ]
