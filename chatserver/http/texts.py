"""What of a text can be seen."""

import unicodedata

# Letters and marks that leave a blank place or none at all: fillers of Hangul, the empty Braille pattern, joiners and
# selectors that only change what stands beside them.
BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0\U0001d159")
SELECTORS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
# Needed inside words of Indic scripts and of Persian, and inside emoji.
JOINERS = frozenset("\u200c\u200d")
# Separators, controls, formats (zero-width and bidi characters are such) and surrogates. What is unassigned may be an
# emoji that is newer than this Python.
BLANK_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"})
# Unicode keeps these for characters that are not seen, whether they are assigned yet or not.
IGNORABLE = range(0xE0000, 0xE1000)


def shows(character: str) -> bool:
    """Whether one sees anything of this character."""
    return not (
        unicodedata.category(character) in BLANK_CATEGORIES
        or character in BLANK_LETTERS
        or character in SELECTORS
        or ord(character) in IGNORABLE
    )


def shows_nothing(text: str) -> bool:
    """Whether one sees nothing of this text: it is empty, or only spaces, zero-width characters, fillers and so on."""
    return not any(map(shows, text))


def has_hidden_characters(name: str) -> bool:
    """Whether a name has characters that nobody sees and that are not needed: controls, bidi overrides, fillers.

    Spaces are fine. So are joiners and selectors behind something that is seen.
    """
    is_seen = False
    for character in name:
        if shows(character):
            is_seen = True
        elif character == " ":
            is_seen = False
        elif not (is_seen and (character in JOINERS or character in SELECTORS)):
            return True
    return False
