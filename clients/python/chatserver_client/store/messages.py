"""Which of two states of a message is the newer one, and what events change in messages.

Every event may come twice, or be older than what was fetched, so each change is idempotent.
"""

from collections.abc import Mapping
from typing import Any, cast

from chatserver_client.types import Message, Person, ReactionCount, Thread


def newer_state(known: Message | None, told: Message) -> Message:
    """Of two states of one message. Events show neither reactions nor the thread, so those that are known stay."""
    if known is None:
        return told
    is_known_newer = known["removed_at"] is not None or known["version"] > told["version"]
    newer, older = (known, told) if is_known_newer else (told, known)
    hanging: dict[str, Any] = {name: older[name] for name in ("reactions", "thread") if name in older}
    hanging |= {name: known[name] for name in ("reactions", "thread") if name in known}
    if newer["removed_at"] is not None and "reactions" in hanging:
        hanging["reactions"] = []
    return cast(Message, {**newer, **hanging})


def with_reaction(message: Message, change: Mapping[str, Any], *, is_mine: bool, is_added: bool) -> Message:
    """The message after reaction.added or reaction.removed. A removed one has no reactions."""
    if message["removed_at"] is not None:
        return message
    counts = {each["emoji"]: each for each in message.get("reactions", [])}
    known = counts.pop(change["emoji"], None)
    mine = is_added if is_mine else known is not None and known["mine"]
    if change["count"] > 0:
        counts[change["emoji"]] = ReactionCount(emoji=change["emoji"], count=change["count"], mine=mine)
    # The most frequent first, then by code points, as the server has them.
    return {**message, "reactions": sorted(counts.values(), key=lambda each: (-each["count"], each["emoji"]))}


def with_thread(message: Message, told: Mapping[str, Any]) -> Message:
    """A root with the totals that an event of a reply has beside its data."""
    totals = {name: told[name] for name in ("reply_count", "last_seq", "last_reply_at", "participants")}
    return {**message, "thread": cast(Thread, totals) if told["reply_count"] else None}


def with_person(message: Message, person: Person) -> Message:
    """A message where a person has a new name or picture."""
    renamed: Message = {**message, "sender": person} if message["sent_by"] == person["id"] else message
    thread = renamed.get("thread")
    if thread is None or not any(each["id"] == person["id"] for each in thread["participants"]):
        return renamed
    people = [person if each["id"] == person["id"] else each for each in thread["participants"]]
    return {**renamed, "thread": {**thread, "participants": people}}
