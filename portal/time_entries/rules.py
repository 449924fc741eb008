"""The arithmetic of time that was worked, pure: minutes as people write them, and what a timer measured."""

import datetime as dt
import re

# An entry is a day at most; so is what a timer measures.
LONGEST = 24 * 60
LONGEST_SECONDS = LONGEST * 60

_COLON = re.compile(r"(\d{1,2}):([0-5]\d)")
_WORDS = re.compile(r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,4})\s*(?:m|min)?)?", re.IGNORECASE)


def read_minutes(written: str) -> int | None:
    """The minutes that somebody wrote: `90`, `1:30`, `1 h`, `1 h 30`, `1h 30min`. None for anything else, for nothing,
    and for more than LONGEST."""
    typed = written.strip()
    if not typed.isascii():
        return None
    found = _COLON.fullmatch(typed) or _WORDS.fullmatch(typed)
    if found is None:
        return None
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0)
    return minutes if 1 <= minutes <= LONGEST else None


def write_minutes(minutes: int) -> str:
    """*minutes* as a form shows them, and `read_minutes` reads them: `45`, `1:30`."""
    return f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else str(minutes)


def measured_seconds(kept: int, started_at: dt.datetime | None, now: dt.datetime) -> int:
    """The whole seconds that a timer measured until *now*: *kept* ones, and those since *started_at* if it runs. Never
    fewer than were kept, nor more than a day."""
    running = int((now - started_at).total_seconds()) if started_at is not None else 0
    return min(max(kept, 0) + max(running, 0), LONGEST_SECONDS)


def rounded_minutes(seconds: int) -> int:
    """*seconds* as the minutes of an entry: the nearest one (half a minute counts), at least 1, at most LONGEST."""
    return min(max((seconds + 30) // 60, 1), LONGEST)
