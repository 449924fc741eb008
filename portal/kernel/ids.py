"""Identifiers: UUID version 7, made in Python so that a row has its id before it is written."""

import datetime as dt
import os
import threading
import uuid

from portal.kernel import clock

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): 48 bits of UTC milliseconds, then a 12-bit counter, then randomness.

    Ids of one process are strictly increasing, so ordering by id is ordering by creation; ids of two processes
    are ordered to the millisecond. Nothing about a tenant can be read from an id, nor can a neighbor's be guessed.
    """
    global _last
    with _lock:
        stamp = max(clock.milliseconds() << 12, _last + 1)
        _last = stamp
    milliseconds, counter = stamp >> 12, stamp & 0xFFF
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | counter << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=value)


def lowest_id_within(span: dt.timedelta) -> uuid.UUID:
    """Not above any identifier that was made within *span*: a bound for "the last minutes" that an index of ids
    serves."""
    milliseconds = max(0, clock.milliseconds() - int(span.total_seconds() * 1000))
    return uuid.UUID(int=(milliseconds & ((1 << 48) - 1)) << 80)


def parse_id(text: object) -> uuid.UUID | None:
    """The UUID that *text* spells in its usual form, or None: an id from outside is never trusted to be one."""
    try:
        return uuid.UUID(str(text)) if text and len(str(text)) <= 36 else None
    except ValueError:
        return None
