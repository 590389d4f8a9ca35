"""How many people go into one request."""

import json
from collections.abc import Iterable, Iterator

from chatserver_client.types import NewPerson

# What the server takes at once; a little is left for what stands around them.
MAX_PEOPLE = 1_000
MAX_BYTES = 1_000_000


def batches_of(people: Iterable[NewPerson]) -> Iterator[list[NewPerson]]:
    """The people in their order, as few batches as the server's limits allow."""
    batch: list[NewPerson] = []
    size = 0
    for person in people:
        added = len(json.dumps(person)) + 2
        if batch and (len(batch) == MAX_PEOPLE or size + added > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(person)
        size += added
    if batch:
        yield batch
