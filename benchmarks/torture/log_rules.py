"""What must hold in the whole log, for all who hear it: read markers, and those who left rooms."""

from collections import Counter
from collections.abc import Iterable, Iterator

from benchmarks.torture.log import MESSAGE, UNSUBSCRIBE, Row

Markers = dict[tuple[int, int], int]


def check_markers(rows: Iterable[Row], markers: Markers) -> Iterator[str]:
    """Each that moved back by itself. `markers` gets where each is in the end, by (room, user).

    Sending implies reading: a message moves its sender's marker, and there is no other event of that. Who enters a room
    has a new marker.
    """
    for row in rows:
        if row.marker is None:
            continue
        room_id, user_id, seq = row.marker
        known = markers.get((room_id, user_id), 0)
        if row.type in (MESSAGE, "read.updated") and seq <= known:
            whose = f"the marker of user {user_id} in room {room_id}"
            yield f"{row.type} {row.position} moves {whose} from {known} to {seq}"
        markers[room_id, user_id] = seq


def check_departures(rows: Iterable[Row]) -> Iterator[str]:
    """Each user who hears a room no more, and whose own topic does not say so as often."""
    ended: Counter[tuple[int, int]] = Counter()
    told: Counter[tuple[int, int]] = Counter()
    for row in rows:
        if row.kind == UNSUBSCRIBE and row.topic.startswith("room:"):
            ended.update((int(row.topic.removeprefix("room:")), user_id) for user_id in row.user_ids)
        elif row.left is not None:
            told[row.left] += 1
    for room_id, user_id in sorted(ended.keys() | told.keys()):
        times, left = ended[room_id, user_id], told[room_id, user_id]
        if times != left:
            yield f"user {user_id} left room {room_id} {times} times, and {left} room.left tell of it"
