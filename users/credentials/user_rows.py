"""Users beside their credentials, in one row. As text: nearly every request runs such a query, and Django would take
longer to compose it than PostgreSQL to answer.
"""

from django.db import connection

from users.models import User

_FIELDS = [field.attname for field in User._meta.concrete_fields]
# Of users_user u.
USER_COLUMNS = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)


def user_of(columns: tuple[object, ...]) -> User:
    """A User of the caller's own: some change it."""
    return User.from_db(connection.alias, _FIELDS, columns)
