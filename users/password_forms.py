"""The forms of a password: one and the same text can be typed in several forms of Unicode."""

import unicodedata


def normal_password(password: str | None) -> str | None:
    """The form of a password that is hashed: keyboards and systems type one text in several forms of Unicode."""
    return None if password is None else unicodedata.normalize("NFC", password)


def password_forms(password: str) -> list[str]:
    """What may have been hashed of a password: its normal form, and for older hashes what was sent."""
    return list(dict.fromkeys((normal_password(password) or "", password)))
