import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0005_ban_permission")]

    operations = [
        migrations.CreateModel(
            "HeldName",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_hash", models.CharField(max_length=64, unique=True)),
                (
                    "look_hashes",
                    django.contrib.postgres.fields.ArrayField(models.CharField(max_length=64), size=None),
                ),
                ("beyond_ascii_hash", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            {"indexes": [django.contrib.postgres.indexes.GinIndex(fields=["look_hashes"], name="users_heldname_looks")]},
        ),
    ]
