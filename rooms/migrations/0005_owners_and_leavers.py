import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# People who were banned or deleted before rooms were settled afterwards.
EXCLUDE = """
INSERT INTO rooms_exclusion (user_id)
SELECT DISTINCT m.user_id FROM rooms_membership m
JOIN users_user u ON u.id = m.user_id JOIN rooms_room r ON r.id = m.room_id
WHERE NOT u.is_active AND r.kind <> 'direct' AND (u.deleted_at IS NOT NULL OR m.role = 'owner')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0004_direct_shape'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Exclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='Leaver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('left_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='membership',
            name='has_written',
            field=models.BooleanField(db_default=False, default=False, help_text='since they joined'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(condition=models.Q(('role', 'member'), _negated=True), fields=['room', 'joined_at'], name='rooms_membership_roles'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(condition=models.Q(('has_written', True)), fields=['room', 'joined_at'], name='rooms_membership_writers'),
        ),
        migrations.AddField(
            model_name='exclusion',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='leaver',
            name='room',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rooms.room'),
        ),
        migrations.AddField(
            model_name='leaver',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='leaver',
            constraint=models.UniqueConstraint(fields=('room', 'user'), name='rooms_leaver_once'),
        ),
        migrations.RunSQL(EXCLUDE, migrations.RunSQL.noop),
    ]
