"""The code blocks of a document in Markdown, and a shell that runs them one after the other, as a reader would.

An invisible comment above a block, `<!-- not run: reason -->`, says why a test can't run it.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chatserver.tests.harness.processes import PROJECT

BLOCK = re.compile(r"(?ms)^ *(?:<!-- not run: (?P<reason>[^>]+?) -->\n+ *)?```(?P<kind>\w*)\n(?P<text>.*?)^ *```$")
# In a `console`: the lines behind a $, and those that a \ continues.
TYPED = re.compile(r"(?m)^\$ (?:.*\\\n)*.*\n")
# A stream is listened to for a moment, and an answer other than 2xx ends the script.
PRELUDE = r"""
curl() {
    case " $* " in
        *" -N "*) command curl -sS --max-time 2 "$@" || [ $? = 28 ] ;;
        *) command curl -sS --fail-with-body "$@" ;;
    esac
    echo
}
"""
MARK = "\x1e"


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    kind: str
    text: str
    reason: str | None
    # Stands directly below another one.
    is_answer: bool

    @property
    def id(self) -> str:
        return f"{self.page.relative_to(PROJECT)}:{self.line}"

    @property
    def is_commands(self) -> bool:
        return self.kind in {"sh", "console"}

    @property
    def commands(self) -> str:
        """What is typed."""
        if self.kind == "sh":
            return self.text
        return re.sub(r"^\$ ", "", "".join(TYPED.findall(self.text)), flags=re.M)

    @property
    def shown_names(self) -> set[str]:
        """The names of fields, and of the first event, that an answer shows."""
        shown = "" if self.kind == "sh" else TYPED.sub("", self.text)
        return set(re.findall(r'"(\w+)":', shown)) | set(re.findall(r"(?m)^event: (\S+)$", shown)[:1])

    @property
    def shown_answers(self) -> list[re.Pattern[str]]:
        """What each JSON answer that is shown matches: the same fields in the same order, and the same values.

        Times, positions and durations may be others; `…` stands for anything.
        """
        answers = re.sub(r"\n +", "", self.text).splitlines() if self.kind == "json" else []
        return [_pattern_of(answer) for answer in answers]


def _pattern_of(answer: str) -> re.Pattern[str]:
    pattern = re.escape(re.sub(r'_\w+…"', '_…"', answer))  # the first letters of a secret
    pattern = re.sub(r'"\d{4}(?:\\-\d\d){2}T\d\d:\d\d:\d\dZ"', '"[-0-9T:]+Z"', pattern)
    pattern = re.sub(r'("(?:position|took)":)\d+', r"\1\\d+", pattern)
    for shown, meant in ((",…,", ",(?:.*,)?"), (",…", "(?:,.*)?"), ("…", ".*")):
        pattern = pattern.replace(shown, meant)
    return re.compile(pattern)


def blocks_of(page: Path) -> list[Block]:
    text, end, blocks = page.read_text(), 0, []
    for found in BLOCK.finditer(text):
        line = text[: found.start("text")].count("\n")
        is_answer = not text[end : found.start()].strip()
        blocks.append(Block(page, line, found["kind"], found["text"], found["reason"], is_answer))
        end = found.end()
    return blocks


class Shell:
    """Runs blocks in one bash after the other, in a folder. Variables and functions stay."""

    def __init__(self, folder: Path, **env: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        self._bash = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={**kept, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self.run(PRELUDE)

    def run(self, commands: str) -> str:
        """What they print. AssertionError where one of them fails."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        # As one command: bash would give the lines behind it to a program that reads its input.
        self._bash.stdin.write(f"set -e\n{{\n{commands}\nwait\n}} </dev/null\nset +e; printf '\\n{MARK}\\n'\n")
        self._bash.stdin.flush()
        lines = []
        for line in self._bash.stdout:
            if line == f"{MARK}\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError(f"failed: {commands}\n{''.join(lines)}")

    def close(self) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        self._bash.wait(30)
        assert self._bash.stdout is not None
        self._bash.stdout.close()
