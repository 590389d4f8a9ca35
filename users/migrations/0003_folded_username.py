"""One folded name for unique and search instead of lower(username), and what names look like.

Where names collide when folded, the oldest user has the folded name; the others are found by exact spelling.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import users.usernames
from users.usernames import columns_of

BATCH = 2_000
COLUMNS = ["folded_username", "username_skeletons", "shares_folded_name"]


def fill(apps, schema_editor):
    User = apps.get_model("users", "User")
    owned = set()
    batch = []
    for user in User.objects.only("pk", "username", "deleted_at").order_by("pk").iterator(BATCH):
        columns = columns_of(user.username)
        user.folded_username = columns["folded_username"]
        # Nobody can be taken for a deleted user.
        user.username_skeletons = [] if user.deleted_at else columns["username_skeletons"]
        user.shares_folded_name = user.folded_username in owned
        owned.add(user.folded_username)
        batch.append(user)
        if len(batch) == BATCH:
            User.objects.bulk_update(batch, COLUMNS)
            batch = []
    User.objects.bulk_update(batch, COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("users", "0002_token_expiry_index")]

    operations = [
        migrations.AddField(
            "user", "folded_username", models.CharField(default="", editable=False, max_length=450), preserve_default=False
        ),
        migrations.AddField(
            "user",
            "username_skeletons",
            django.contrib.postgres.fields.ArrayField(models.TextField(), default=list, editable=False, size=None),
            preserve_default=False,
        ),
        migrations.AddField(
            "user",
            "shares_folded_name",
            models.BooleanField(
                default=False,
                editable=False,
                help_text="An older user has the same name when folded. Signs in as spelled.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "user",
            models.Index(fields=["folded_username"], name="users_user_folded_prefix", opclasses=["text_pattern_ops"]),
        ),
        migrations.AddIndex(
            "user",
            django.contrib.postgres.indexes.GinIndex(fields=["username_skeletons"], name="users_user_skeletons"),
        ),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                condition=models.Q(shares_folded_name=False), fields=("folded_username",), name="users_user_folded_name"
            ),
        ),
        migrations.RemoveConstraint("user", "users_user_name"),
        migrations.RemoveIndex("user", "users_user_prefix"),
        migrations.AlterField(
            "user",
            "username",
            models.CharField(max_length=150, unique=True, validators=[users.usernames.check_username]),
        ),
    ]
