"""Who hears a topic may hear only what is about its newer messages."""

from django.db import migrations, models

HELP = "of an EVENT, the seq in its topic that it is about; of a SUBSCRIBE, from which seq on they hear"


class Migration(migrations.Migration):
    dependencies = [("events", "0013_thread_people")]
    operations = [
        *(
            migrations.AddField(model, "about_seq", models.BigIntegerField(null=True, help_text=HELP))
            for model in ("event", "outbox")
        ),
        migrations.AddField(
            "subscription",
            "visible_from_seq",
            models.BigIntegerField(db_default=0, help_text="events about a lower seq are not theirs"),
        ),
    ]
