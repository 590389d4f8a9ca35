from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("users", "0003_folded_username")]
    operations = [
        migrations.AlterModelOptions("user", {"permissions": [("set_password", "Can set the password of a user")]})
    ]
