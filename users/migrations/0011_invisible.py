from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0010_service_keys")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_invisible",
            field=models.BooleanField(db_default=False, default=False, help_text="Appears offline to others."),
        ),
    ]
