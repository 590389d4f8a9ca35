"""What the host product calls rooms, and who was removed from such a room."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0008_oldest_by_id")]
    operations = [
        migrations.AddField(
            "room",
            "external_id",
            models.CharField(
                blank=True, editable=False, help_text="what the host product calls it", max_length=255, null=True
            ),
        ),
        migrations.AlterField("leaver", "left_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "room",
            models.UniqueConstraint(
                condition=models.Q(external_id__isnull=False), fields=["external_id"], name="rooms_room_external_id"
            ),
        ),
    ]
