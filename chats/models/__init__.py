"""Messages and what hangs on them."""

from chats.models.earlier_text import EarlierText
from chats.models.mention import Mention
from chats.models.message import MAX_CLIENT_ID, MAX_TEXT, Message
from chats.models.reaction import MAX_EMOJI, Reaction
from chats.models.thread import Thread, ThreadMember

__all__ = [
    "EarlierText",
    "MAX_CLIENT_ID",
    "MAX_EMOJI",
    "MAX_TEXT",
    "Mention",
    "Message",
    "Reaction",
    "Thread",
    "ThreadMember",
]
