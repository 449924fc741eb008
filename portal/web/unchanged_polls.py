"""Polls of open pages of which nothing can have changed are answered without the database.

100 desks that are left alone ask four times a second. The answer to a poll is remembered with the change stamp of its
provider, or of the things that it shows (`kernel.change_stamps`); while the stamp is the same, the browser that has
this answer gets a 304. What moves with time alone (a promise that is due soon) is looked at again after SECONDS. A 304
tells nothing, so neither session nor access is looked at: who lost them is told so by the next change, page or look.
"""

import hashlib
import uuid
from collections.abc import Sequence

from flask import Response, request

from portal.kernel.actor import Id
from portal.kernel.change_stamps import read_stamp
from portal.kernel.jobs import ask_redis

# How long an answer is believed while no change is announced: three polls.
SECONDS = 95
LOST = "open pages are looked at in full"


def answer_unchanged() -> Response | None:
    """The 304 for a poll whose browser has the newest answer; None where somebody has to look."""
    known = request.headers.get("If-None-Match") or request.headers.get("HX-PTag")
    found = ask_redis(lambda redis: redis.get(_key(request.full_path)), None, lost=LOST) if known else None
    if not known or not isinstance(found, bytes):
        return None
    ids, stamp, tag, *kept = found.decode().split()
    if tag not in known or read_stamp(*map(uuid.UUID, ids.split(","))) != stamp:
        return None
    if kept:
        ask_redis(lambda redis: redis.expire(kept[0], int(kept[1])), False, lost=LOST)
    answer = Response(status=304)
    answer.set_etag(tag)
    return answer


def remember_answer(
    ids: Sequence[Id],
    stamp: str,
    tag: str,
    seconds: int = SECONDS,
    *,
    query: str = "",
    keeps: tuple[str, int] | None = None,
) -> None:
    """Remember for *seconds* that this browser has the answer *tag* to this poll, made after *stamp*, `read_stamp` of
    *ids*, was read. With *query* that it has the answer to its next poll, which asks with this query string. *keeps*: a
    key in Redis that each poll so answered lets live for so many seconds more, such as that somebody is there."""
    if stamp:
        key = _key(f"{request.path}?{query}" if query else request.full_path)
        value = f"{','.join(map(str, ids))} {stamp} {tag}" + (f" {keeps[0]} {keeps[1]}" if keeps else "")
        ask_redis(lambda redis: redis.set(key, value, ex=seconds), None, lost=LOST)


def _key(path: str) -> str:
    """Of this browser's session and this very question. The cookie is no secret here any more: it is hashed."""
    cookie = request.headers.get("Cookie", "")
    asked = "\n".join((request.host, path, cookie))
    return f"parley:poll:{hashlib.sha256(asked.encode()).hexdigest()}"
