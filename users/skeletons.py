"""How a name looks: names that look alike have the same skeleton, see UTS #39, 4 (Confusable Detection)."""

import unicodedata
from functools import cache
from pathlib import Path

CONFUSABLES = Path(__file__).with_name("confusables.txt")


@cache
def prototypes() -> dict[int, str]:
    """The characters that look like another one, or like several."""
    lines = [line.split() for line in CONFUSABLES.read_text("ascii").splitlines() if not line.startswith("#")]
    return {int(source, 16): "".join(chr(int(code, 16)) for code in target) for source, *target in lines}


def skeleton(text: str) -> str:
    """Not for display."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).translate(prototypes()))
