"""Statements that are kept: one for each actor who sees something else, with the moment put in each time."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.actor import Actor, CacheKey, Side
from portal.kernel.statement_cache import NOW, BoundedCache, cached_select, fetch_rows


def test_equal_actors_share_a_statement_and_others_do_not(world):
    made = []

    def build():
        made.append(1)
        return select(Case)

    rita = world.ctx("rita")
    first = cached_select(rita, "a statement of this test", build)
    assert cached_select(world.ctx("rita"), "a statement of this test", build) is first
    assert cached_select(rita, "another one", build) is not first
    assert cached_select(world.ctx("mel"), "a statement of this test", build) is not first
    assert len(made) == 3


def test_whatever_a_scope_reads_of_an_actor_is_part_of_their_mark(world):
    olga = world.ctx("olga", "contact").actor
    (home, membership), *_more = olga.memberships.items()
    others = (
        replace(olga, memberships={home: replace(membership, admins_see_private=not membership.admins_see_private)}),
        replace(olga, memberships={}),
        replace(olga, access=olga.access[:-1]),
        replace(olga, access=tuple(replace(row, role="member") for row in olga.access)),
        replace(olga, side=Side.STAFF),
        replace(olga, user_id=world.rita.id),
        replace(olga, tier=3),
        replace(olga, all_accounts=True),
        replace(olga, account_ids=frozenset({world.acme.id})),
        replace(olga, department_ids=frozenset({home})),
        replace(olga, role="lead"),
        replace(olga, staff_id=world.rita.id),
        replace(olga, provider_id=home),
    )
    marks = {other.cache_key for other in others}
    assert len(marks) == len(others) and olga.cache_key not in marks
    # A name is for reading only.
    assert replace(olga, name="Somebody else").cache_key == olga.cache_key
    fields = set(Actor.__dataclass_fields__) - {"name", "_cache_key"}
    assert len(others) >= len(fields), "a new field of an actor belongs into the mark, and into this test"


def test_a_mark_is_what_it_was_made_of():
    assert CacheKey((1, "a")) == CacheKey((1, "a")) != CacheKey((1, "b"))
    assert CacheKey((1,)) != (1,)


def test_the_moment_is_put_in_each_time(world):
    case = world.open_case("rita")

    def old():
        rows = scope(world.ctx("ana").actor, Case).where(Case.opened_at <= NOW - dt.timedelta(hours=1))
        return rows.with_only_columns(Case.id)

    assert case.id not in [row[0] for row in fetch_rows(world.ctx("ana"), "opened an hour ago", old)]
    later = world.ctx("ana", ago=-dt.timedelta(hours=2))
    assert case.id in [row[0] for row in fetch_rows(later, "opened an hour ago", old)]


def test_what_was_asked_for_longest_ago_is_dropped_first():
    some = BoundedCache(2)
    some.put("a", 1)
    some.put("b", 2)
    assert some.get("a") == 1
    some.put("c", 3)
    assert (some.get("a"), some.get("b"), some.get("c")) == (1, None, 3)
