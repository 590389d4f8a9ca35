"""Messages can have metadata of those who send them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chats", "0014_thread_indexes")]
    operations = [
        migrations.AddField("message", "metadata", models.TextField(help_text="JSON, of whom sent it", null=True))
    ]
