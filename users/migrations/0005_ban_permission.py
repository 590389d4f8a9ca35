from django.db import migrations

PERMISSIONS = [("set_password", "Can set the password of a user"), ("ban_user", "Can ban and unban users")]


class Migration(migrations.Migration):
    dependencies = [("users", "0004_set_password_permission")]
    operations = [migrations.AlterModelOptions("user", {"permissions": PERMISSIONS})]
