"""The limits of rates. Tests flood on purpose, so they are off where a test does not set them."""

LIMITS = (
    "CHAT_THROTTLE_LOGIN",
    "CHAT_THROTTLE_MEMBERS",
    "CHAT_THROTTLE_PROFILE",
    "CHAT_THROTTLE_READS",
    "CHAT_THROTTLE_REGISTRATION",
    "CHAT_THROTTLE_ROOMS",
    "CHAT_THROTTLE_ROOM_WRITES",
    "CHAT_THROTTLE_STRANGERS",
    "CHAT_THROTTLE_WRITES",
)
