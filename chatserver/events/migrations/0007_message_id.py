from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0006_readers")]
    operations = [
        migrations.AddField(
            model,
            "message_id",
            models.BigIntegerField(help_text="the message that the body shows", null=True),
        )
        for model in ("event", "outbox")
    ]
