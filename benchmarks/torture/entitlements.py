"""What one user may hear, at each position of the log."""

from benchmarks.torture.log import EVENT, REVOKE, SUBSCRIBE, UNSUBSCRIBE, Row


class Follower:
    """What one user may hear, followed along the log."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.position = 0
        self._own_topic = f"user:{user_id}"
        self.topics: set[str] = {self._own_topic}

    def move_back(self, position: int, topics: set[str]) -> None:
        """What lies behind this position was lost; as of there the user hears these topics."""
        self.position = position
        self.topics = {self._own_topic, *topics}

    def hears(self, row: Row) -> bool:
        return row.kind == EVENT and row.topic in self.topics

    def pass_by(self, row: Row) -> None:
        self.position = row.position
        if row.kind != EVENT and self.user_id in row.user_ids:
            if row.kind == SUBSCRIBE:
                self.topics.add(row.topic)
            elif row.kind == UNSUBSCRIBE:
                self.topics.discard(row.topic)

    def revokes(self, row: Row, credential: str) -> bool:
        """Whether this row ends what was opened with the credential."""
        return row.kind == REVOKE and self.user_id in row.user_ids and row.body["credential"] in (None, credential)
