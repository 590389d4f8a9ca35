"""Events of replies have the totals of their thread beside their data."""

from django.db import migrations, models

HELP = "JSON that stands beside the body: the totals of a reply's thread"


class Migration(migrations.Migration):
    dependencies = [("events", "0011_redaction")]
    operations = [
        migrations.AddField(model, "thread", models.TextField(null=True, help_text=HELP))
        for model in ("event", "outbox")
    ]
