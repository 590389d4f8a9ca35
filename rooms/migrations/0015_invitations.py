"""Invitations to rooms."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0014_blocks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_hash', models.BinaryField(help_text="of a link's code", max_length=32, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(null=True)),
                ('uses_left', models.IntegerField(help_text='of a link; empty: as often as people like', null=True)),
                ('inviter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='rooms.room')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('room', 'user'), name='rooms_invitation_once'), models.UniqueConstraint(fields=('code_hash',), name='rooms_invitation_code'), models.CheckConstraint(condition=models.Q(models.Q(('code_hash', None), ('user__isnull', False), ('uses_left', None)), models.Q(('code_hash__isnull', False), ('user', None)), _connector='OR'), name='rooms_invitation_shape'), models.CheckConstraint(condition=models.Q(('uses_left', None), ('uses_left__gt', 0), _connector='OR'), name='rooms_invitation_uses')],
            },
        ),
    ]
