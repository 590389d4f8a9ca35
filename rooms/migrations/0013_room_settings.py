"""Settings of rooms, and when each member wrote last."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0012_replies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='last_wrote_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='room',
            name='edit_minutes',
            field=models.IntegerField(blank=True, help_text="for which one may edit one's messages", null=True),
        ),
        migrations.AddField(
            model_name='room',
            name='max_length',
            field=models.IntegerField(blank=True, help_text='of messages', null=True),
        ),
        migrations.AddField(
            model_name='room',
            name='metadata',
            field=models.TextField(db_default='{}', default='{}', help_text='JSON, of those who own it'),
        ),
        migrations.AddField(
            model_name='room',
            name='pinning',
            field=models.CharField(choices=[('everyone', 'Everyone'), ('moderators', 'Moderators')], db_default='moderators', default='moderators', max_length=10),
        ),
        migrations.AddField(
            model_name='room',
            name='posting',
            field=models.CharField(choices=[('everyone', 'Everyone'), ('moderators', 'Moderators')], db_default='everyone', default='everyone', max_length=10),
        ),
        migrations.AddField(
            model_name='room',
            name='slow_mode_seconds',
            field=models.IntegerField(db_default=0, default=0, help_text='between two messages of a member'),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.CheckConstraint(condition=models.Q(('pinning__in', ['everyone', 'moderators']), ('posting__in', ['everyone', 'moderators'])), name='rooms_room_settings'),
        ),
    ]
