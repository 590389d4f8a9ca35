"""Which reactions there are: the emoji of Unicode, each in one spelling, and short codes for pictures of clients."""

import re

import emoji

SHORT_CODE = re.compile(r":[a-z0-9_+-]{1,32}:")
# Asks for the coloured picture of what is a text sign otherwise; many keyboards leave it out.
PICTURE = "\N{VARIATION SELECTOR-16}"
# In full, by the spelling without it. Made here: two threads at once would spoil what the package makes at first use.
SPELLED_IN_FULL = {
    text.replace(PICTURE, ""): text
    for text, facts in emoji.EMOJI_DATA.items()
    if facts["status"] == emoji.STATUS["fully_qualified"]
}


def canonical_emoji(text: str) -> str | None:
    """An emoji as Unicode spells it in full, or a short code; None for anything else."""
    return text if SHORT_CODE.fullmatch(text) else SPELLED_IN_FULL.get(text.replace(PICTURE, ""))
