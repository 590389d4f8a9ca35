"""What people set for themselves in a room."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0010_announcements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='hidden_seq',
            field=models.BigIntegerField(blank=True, help_text='of the newest message when it was hidden', null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='is_pinned',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='membership',
            name='muted_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='notify',
            field=models.CharField(choices=[('all', 'All'), ('mentions', 'Mentions'), ('none', 'None')], db_default='all', default='all', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('notify__in', ['all', 'mentions', 'none'])), name='rooms_membership_notify'),
        ),
    ]
