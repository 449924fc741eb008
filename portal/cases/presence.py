"""Who of the staff looks at a case now, and who writes on it (D-02).

It stands in Redis alone: one key for each person on a case, which ends by itself, and the set of a case's people. An
open page says it again at every tick (`cases.pages.live`), and who begins or ends to write changes the stamp of the
case (`kernel.change_stamps`), so that the others hear of it at their next tick. Without Redis nobody is shown; the
version of the case still keeps two people from writing over each other.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from redis import Redis

from portal.kernel.change_stamps import announce_change_of
from portal.kernel.context import Context
from portal.kernel.jobs import ask_redis

# Two ticks of an open page (25 seconds) and a slow line.
SECONDS = 60
_SET_SECONDS = 86_400
# So many names stand in the sentences.
NAMES = 3
_LOST = "nobody is shown as looking at a case"


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who has the case open; *writes*: a reply or a note is being written."""

    name: str
    writes: bool


def presence_key(case_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """The key in Redis of one person on one case; it lives as long as an open page prolongs it."""
    return f"parley:present:{case_id}:{user_id}"


def mark_present(ctx: Context, case_id: uuid.UUID, *, writes: bool) -> None:
    """Say that the actor, staff who may load this case, has it open. Colleagues hear of it when it is news."""
    person = ctx.person
    if person is None or not ctx.actor.is_staff:
        return
    key = presence_key(case_id, person.id)
    text = json.dumps({"name": person.name, "writes": writes})

    def mark(redis: Redis) -> bool:
        with redis.pipeline(transaction=False) as pipe:
            pipe.set(key, text, ex=SECONDS, get=True)
            pipe.sadd(_people_key(case_id), str(person.id))
            pipe.expire(_people_key(case_id), _SET_SECONDS)
            before = pipe.execute()[0]
        return bool(before != text.encode())

    if ask_redis(mark, False, lost=_LOST):
        announce_change_of(case_id)


def present_on(ctx: Context, case_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Present]]:
    """The colleagues of the actor on each of the cases with these ids, which the caller loaded under a scope; without
    the cases that nobody else has open."""
    asked = list(case_ids)
    me = ctx.person.id if ctx.person else None

    def read(redis: Redis) -> dict[uuid.UUID, list[Present]]:
        with redis.pipeline(transaction=False) as pipe:
            for case_id in asked:
                pipe.smembers(_people_key(case_id))
            people = pipe.execute()
        keys = [
            (case_id, presence_key(case_id, uuid.UUID(member.decode())))
            for case_id, members in zip(asked, people, strict=True)
            for member in sorted(members)
            if member.decode() != str(me)
        ]
        found: dict[uuid.UUID, list[Present]] = {}
        values = redis.mget([key for _case, key in keys]) if keys else []
        for (case_id, _key), value in zip(keys, values, strict=True):
            if isinstance(value, bytes):
                found.setdefault(case_id, []).append(Present(**json.loads(value)))
        return found

    return ask_redis(read, {}, lost=_LOST) if asked and ctx.actor.is_staff else {}


def presence_sentences(present: Sequence[Present]) -> tuple[str, str]:
    """Who looks and who writes, as two sentences; '' where it is nobody."""
    looking = _names([one.name for one in present if not one.writes])
    writing = _names([one.name for one in present if one.writes])
    return (
        _("Also looking: %(names)s", names=looking) if looking else "",
        _("Writing now: %(names)s", names=writing) if writing else "",
    )


def present_markers(present: Mapping[uuid.UUID, Sequence[Present]], case: Any) -> list[tuple[str, str]]:
    """The markers of a row in a queue: who writes on the case, and who looks at it."""
    looking, writing = presence_sentences(present.get(case.id, ()))
    return [(key, words) for key, words in (("writing", writing), ("looking", looking)) if words]


def _names(names: Sequence[str]) -> str:
    """The first names of a list that may be long."""
    more = len(names) - NAMES
    shown = ", ".join(names[:NAMES])
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=shown)


def _people_key(case_id: uuid.UUID) -> str:
    return f"parley:present:{case_id}"
