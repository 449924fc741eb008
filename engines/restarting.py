"""A program that is restarted when it has ended, after longer pauses the more often it ends."""

import time
from collections.abc import Callable

from engines.process import Process

LONG_ENOUGH = 10.0  # seconds after which a start counts as having gone well
FIRST_PAUSE = 0.3
LONGEST_PAUSE = 30.0


class RestartingProcess:
    """One program of the tree. `tend` is called a few times a second and never waits."""

    def __init__(self, name: str, launch: Callable[[], Process], stop: Callable[[Process], None]) -> None:
        self.name = name
        self.failures = 0
        self._launch = launch
        self._stop = stop
        self._again_at: float | None = None
        self.process = launch()

    def tend(self) -> str | None:
        """Detect that the program ended, and restart it after its pause; return a sentence for the terminal, if any."""
        now = time.monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self._again_at = None
                self.process = self._launch()
            return None
        if self.process.alive:
            return None
        self.process.kill()  # children it left behind would hold its port
        lived = now - self.process.started_at
        self.failures = 1 if lived >= LONG_ENOUGH else self.failures + 1
        pause = min(FIRST_PAUSE * 2 ** (self.failures - 1), LONGEST_PAUSE)
        self._again_at = now + pause
        again = "starting it again" if pause < 1 else f"starting it again in {pause:.0f} s"
        return f"{self.name} {self.process.ending}; {again}. Its log: {self.process.log}"

    def stop(self) -> None:
        """Stop it for good."""
        self._again_at = float("inf")
        self._stop(self.process)
