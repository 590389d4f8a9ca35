"""What one user may hear, at each position of the log."""

from collections.abc import Iterable

from benchmarks.torture.log import EVENT, REVOKE, SUBSCRIBE, UNSUBSCRIBE, Row


class Entitlement:
    """Topics that a user hears, as of the rows that were applied."""

    def __init__(self, user_id: int, rows: Iterable[Row] = ()) -> None:
        self.user_id = user_id
        self._topics = {f"user:{user_id}"}
        for row in rows:
            self.apply(row)

    def hears(self, row: Row) -> bool:
        return row.kind == EVENT and row.topic in self._topics

    def leaves(self, row: Row) -> bool:
        """Whether this row ends the user's subscription of its topic."""
        return row.kind == UNSUBSCRIBE and self.user_id in row.user_ids

    def returns(self, row: Row) -> bool:
        """Whether this row begins a subscription of its topic."""
        return row.kind == SUBSCRIBE and self.user_id in row.user_ids

    def revokes(self, row: Row, credential: str) -> bool:
        """Whether this row ends what was opened with the credential."""
        return row.kind == REVOKE and self.user_id in row.user_ids and row.credential in (None, credential)

    def apply(self, row: Row) -> None:
        if self.returns(row):
            self._topics.add(row.topic)
        elif self.leaves(row):
            self._topics.discard(row.topic)
