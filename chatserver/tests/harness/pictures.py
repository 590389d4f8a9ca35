"""Screenshots for the docs in few bytes: PNGs with a palette of 256 colours, without a library for pictures.

`python -m chatserver.tests.harness.pictures docs/images` gives one to those in a folder that have none.
"""

import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The type of colour in a PNG's header.
RGB = 2
MOST_COLOURS = 256
# Colours that are closer than this, as a sum over red, green and blue, look the same.
ALIKE = 5


def with_palette(png: bytes) -> bytes:
    """The same picture, of RGB with 8 bits. Rarer colours become the nearest of the most frequent ones."""
    chunks = list(_chunks(png))
    width, height = struct.unpack(">II", chunks[0][1][:8])
    rows = _rows(zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT")), width, height)
    counts = Counter(bytes(row[at : at + 3]) for row in rows for at in range(0, len(row), 3))
    palette: list[bytes] = []
    for colour, _ in counts.most_common():
        if len(palette) < MOST_COLOURS and all(_distance(colour, each) >= ALIKE for each in palette):
            palette.append(colour)
    index = {colour: min(range(len(palette)), key=lambda at: _distance(colour, palette[at])) for colour in counts}
    lines = (b"\0" + bytes(index[bytes(row[at : at + 3])] for at in range(0, len(row), 3)) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(lines), 9)
    made = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", pixels), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in made
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Their types and bodies."""
    at = len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def _rows(raw: bytes, width: int, height: int) -> list[bytearray]:
    """Without PNG's filters: https://www.w3.org/TR/png-3/#9Filter-types."""
    rows: list[bytearray] = []
    above = bytearray(width * 3)
    for number in range(height):
        start = number * (width * 3 + 1)
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + width * 3])
        for at in range(len(row) if kind else 0):
            left = row[at - 3] if at >= 3 else 0
            up = above[at]
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            else:
                guess = _paeth(left, up, above[at - 3] if at >= 3 else 0)
            row[at] = (row[at] + guess) & 255
        rows.append(row)
        above = row
    return rows


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]


def _distance(one: bytes, other: bytes) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) + abs(one[2] - other[2])


def _shrink(path: Path) -> None:
    png = path.read_bytes()
    if png[25] == RGB:
        path.write_bytes(with_palette(png))


if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        list(pool.map(_shrink, sorted(Path(sys.argv[1]).glob("*.png"))))
