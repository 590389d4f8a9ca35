"""Indexes that are made while the service uses their tables."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently

IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"


class AddIndexWhileServing(AddIndexConcurrently):
    """AddIndexConcurrently that can be repeated: `migrate` tries again where a lock was not had in time.

    An attempt that failed leaves an index that is not valid; a migration out of a transaction, the indexes before it.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(IS_VALID, [self.index.name])
            found = cursor.fetchone()
        if found == (True,):
            return
        if found is not None:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
