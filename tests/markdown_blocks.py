"""The code blocks of a documentation page, run from top to bottom as a reader would."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from diffusion import cli

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ELLIPSIS = "…"
"""A line that stands for any lines (progress, say)."""


class Block(NamedTuple):
    """A fenced block: its language, its text, the line of the page on which it begins."""

    language: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    return [Block(m[1], m[2], page.count("\n", 0, m.start()) + 1) for m in _FENCE.finditer(page)]


def matches(printed: str, expected: str) -> bool:
    """Whether a text is as expected, blanks at the ends of lines aside."""
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    wanted = [line.rstrip() for line in expected.strip("\n").splitlines()]
    pattern = "".join(r"(?:.*\n)*?" if line == ELLIPSIS else re.escape(line) + r"\n" for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


class Reader:
    """Runs blocks one after another: Python in one namespace, commands and files in the working folder."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.printed = ""

    def run(self, block: Block) -> list[str]:
        """Run a block and return what is not as the page says."""
        if block.language == "python":
            self.printed = self._python(block)
            return []
        if block.language == "text":
            printed, self.printed = self.printed, ""
            return [] if matches(printed, block.text) else [_differs(block.line, printed)]
        if block.language in ("toml", "csv"):
            _save(block)
        if block.language == "console":
            return [fault for command, expected in _commands(block.text) for fault in self._command(command, expected)]
        return []

    def _python(self, block: Block) -> str:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile("\n" * block.line + block.text, "page", "exec"), self.names)
        return out.getvalue()

    def _command(self, command: str, expected: str) -> list[str]:
        out = io.StringIO()
        program, *arguments = shlex.split(command)
        assert program == "diffusion", command
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            cli._guarded(arguments)
        return [] if matches(out.getvalue(), expected) else [f"$ {command}\n{out.getvalue()}"]


def _save(block: Block) -> None:
    """Write a file that the page asks the reader to save; its first line names it."""
    name = block.text.splitlines()[0].removeprefix("# ")
    assert re.fullmatch(r"[\w-]+\.(toml|csv)", name), f"line {block.line}: the first line does not name the file"
    Path(name).write_text(block.text, encoding="utf-8")


def _commands(text: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with what it is said to print."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _differs(line: int, printed: str) -> str:
    return f"line {line}: what is printed is\n{printed}"
