"""Writes chatserver_client/_sync/ from chatserver_client/_async/: the same code without async and await.

python make_sync.py          writes it
python make_sync.py --check  fails where what is written is not what it would write
"""

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "chatserver_client"
REPLACED = [
    (
        r"from collections\.abc import AsyncIterator, Awaitable, Callable, Mapping",
        "from collections.abc import Callable, Iterator, Mapping",
    ),
    (
        r"from collections\.abc import AsyncIterator, Iterable, Sequence",
        "from collections.abc import Iterable, Iterator, Sequence",
    ),
    (r"from collections\.abc import AsyncIterator, Iterable\n", "from collections.abc import Iterable, Iterator\n"),
    (r"from collections\.abc import AsyncIterator\n", "from collections.abc import Iterator\n"),
    (r"from inspect import isawaitable\n", ""),
    (r" \| Callable\[\[\], Awaitable\[str\]\]", ""),
    (r"await found if isawaitable\(found\) else found", "found"),
    (r"AsyncTransport, Token", "Token, Transport"),
    (
        r"from collections\.abc import AsyncGenerator, AsyncIterator, Mapping\n",
        "from collections.abc import Generator, Iterator, Mapping\n",
    ),
    (r"\[each async for each in (.*?)\]", r"list(\1)"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\basyncio\.sleep", "time.sleep"),
    (r"\bimport asyncio\nimport random\n", "import random\nimport time\n"),
    (r"\bimport asyncio\nfrom", "import time\nfrom"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (
        r"\bAsync(Base|ChatClient|Generator|Iterator|MessagesApi|RoomsApi|ServerApi|StoreApi|StreamApi|Transport)\b",
        r"\1",
    ),
    (r"\bhttpx2\.AsyncClient\b", "httpx2.Client"),
    (r"\b_async\b", "_sync"),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baiter_bytes\b", "iter_bytes"),
    (r"\baread\b", "read"),
    (r"\baclose\b", "close"),
    (r"\baclosing\b", "closing"),
]
HEAD = "# Written by make_sync.py from _async/; change it there.\n"


def sync_of(source: str) -> str:
    for pattern, replacement in REPLACED:
        source = re.sub(pattern, replacement, source)
    return HEAD + source if source else source


def main() -> int:
    stale = []
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        target = PACKAGE / "_sync" / source.name
        written = sync_of(source.read_text())
        if not target.exists() or target.read_text() != written:
            stale.append(source.name)
            if "--check" not in sys.argv:
                target.parent.mkdir(exist_ok=True)
                target.write_text(written)
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
