"""The output at the terminal: our own sentences, and a few of the programs' warnings."""

import os
import re
import sys
import time
from pathlib import Path

WORTH_SEEING = re.compile(
    rb"\b(?:WARNING|ERROR|CRITICAL|FATAL|PANIC)\b"
    rb"|\"level\": ?\"(?:warning|error|critical)\"|\[(?:warning|error|critical) *\]"
)
MOST = 5  # lines of one program within WINDOW; the rest is in its log
WINDOW = 30.0
WIDEST = 300


def say(sentence: str) -> None:
    """Print unbuffered. A closed pipe or terminal is ignored."""
    try:
        print(sentence, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it stays open until we end


class Warnings:
    """Reads a program's log and prints its warnings."""

    def __init__(self, name: str, log: Path) -> None:
        self._name = name
        self._log = log
        self._offset = 0
        self._rest = b""
        self._window_began = 0.0
        self._shown = 0

    def pass_on(self) -> None:
        """Print the new lines that warn."""
        try:
            with self._log.open("rb") as log:
                log.seek(self._offset)
                fresh = log.read(1_000_000)
        except OSError:
            return
        self._offset += len(fresh)
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        for line in lines:
            if WORTH_SEEING.search(line):
                self._show(line.decode(errors="replace").strip())

    def _show(self, line: str) -> None:
        now = time.monotonic()
        if now - self._window_began > WINDOW:
            self._window_began, self._shown = now, 0
        self._shown += 1
        if self._shown <= MOST:
            say(f"  {self._name}: {line if len(line) <= WIDEST else line[:WIDEST] + ' ...'}")
        elif self._shown == MOST + 1:
            say(f"  {self._name}: more of this in {self._log}")
