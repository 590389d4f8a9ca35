"""E-mail addresses, in the one form that is stored."""

import unicodedata


def normal_address(address: str) -> str:
    """NFC, and the domain as NFKC in lower case. What stands before the @ is for its own server to read: it stays."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local}{at}{unicodedata.normalize('NFKC', domain).lower()}" if at else domain
