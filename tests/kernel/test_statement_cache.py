"""Statements that are kept: one for each actor who sees something else, with the moment put in each time."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.authz import scopes
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel import config_cache, statement_cache
from portal.kernel.actor import Actor, CacheKey, Side
from portal.kernel.bounded_counts import bounded_count, fetch_counts
from portal.kernel.statement_cache import NOW, cached_select, fetch_rows

CACHES = (statement_cache._texts, statement_cache._statements, scopes._answers, config_cache._answers)


def cases_of(actor):
    return scope(actor, Case)


def cases_in(actor, state):
    return scope(actor, Case).where(Case.state == state)


def test_equal_actors_share_a_statement_and_others_do_not(world):
    made = []

    def build(actor, number):
        made.append(actor)
        return select(Case).limit(number)

    with pytest.raises(TypeError, match="no part of a cache key"):
        cached_select(world.ctx("rita"), build, 1)
    assert not made
    rita = world.ctx("rita")
    first = cached_select(rita, cases_in, "new")
    assert cached_select(world.ctx("rita"), cases_in, "new") is first
    assert cached_select(rita, cases_in, "open") is not first
    assert cached_select(rita, cases_of) is not first
    assert cached_select(world.ctx("mel"), cases_in, "new") is not first


def test_one_builder_gives_actors_with_other_rights_their_own_statement(world):
    """The same person with one access row less, too: a right that was taken away is gone with the next request."""
    case = world.open_case("rita")
    rita, ana = world.ctx("rita", "contact"), world.ctx("ana")
    shut_out = replace(rita, actor=replace(rita.actor, access=(), memberships={}, user_id=uuid.uuid4()))
    elsewhere = replace(ana, actor=replace(ana.actor, all_accounts=False, account_ids=frozenset()))
    for ctx, sees in ((rita, True), (shut_out, False), (ana, True), (elsewhere, False), (rita, True)):
        found = [row[0] for row in fetch_rows(ctx, case_ids)]
        assert (case.id in found) == sees
        entities = ctx.session.scalars(cached_select(ctx, cases_of)).all()
        assert (case.id in [row.id for row in entities]) == sees


def case_ids(actor):
    return scope(actor, Case).with_only_columns(Case.id)


def test_a_builder_is_given_nothing_that_is_not_in_the_key(world):
    """It gets the actor without the name, which is not in the key; a context is refused."""
    for ctx in (world.ctx("rita", "contact"), world.ctx("ana")):
        assert ctx.actor.name and ctx.actor.as_in_key().name == ""
        assert ctx.actor.as_in_key().cache_key == ctx.actor.cache_key
        with pytest.raises(TypeError, match="no part of a cache key"):
            cached_select(ctx, lambda actor, ctx=ctx: scope(ctx.actor, Case))
        with pytest.raises(TypeError, match="no part of a cache key"):
            fetch_rows(ctx, lambda actor, asker: scope(asker.actor, Case), ctx)
        with pytest.raises(TypeError, match="no part of a cache key"):
            fetch_counts(ctx, lambda actor, asker: {"all": bounded_count(scope(asker.actor, Case), 9)}, ctx)


def test_a_statement_takes_what_shapes_it_from_its_arguments(world):
    world.open_case("rita")
    ana = world.ctx("ana")
    for state in ("new", "open", "new"):
        assert {row.state for row in fetch_rows(ana, columns_in, state)} <= {state}
    assert [len(fetch_rows(ana, limited, number)) for number in (1, 0, 1)] == [1, 0, 1]
    assert fetch_counts(ana, counts_in, ("new",)).keys() == {"new"}
    assert fetch_counts(ana, counts_in, ("new", "open")).keys() == {"new", "open"}


def columns_in(actor, state):
    return cases_in(actor, state).with_only_columns(Case.state)


def limited(actor, number):
    return scope(actor, Case).with_only_columns(Case.id).limit(number)


def counts_in(actor, states):
    return {state: bounded_count(cases_in(actor, state).with_only_columns(Case.id), 100) for state in states}


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


def opened_an_hour_ago(actor):
    return scope(actor, Case).where(Case.opened_at <= NOW - dt.timedelta(hours=1)).with_only_columns(Case.id)


def test_the_moment_is_put_in_each_time(world):
    case = world.open_case("rita")
    assert case.id not in [row[0] for row in fetch_rows(world.ctx("ana"), opened_an_hour_ago)]
    later = world.ctx("ana", ago=-dt.timedelta(hours=2))
    assert case.id in [row[0] for row in fetch_rows(later, opened_an_hour_ago)]


def test_a_second_visit_builds_no_statement(world, as_user):
    """A key that is new each time (a builder with something fresh in its closure) would make every page slow and fill
    the memory with what nobody asks for again."""
    key = world.open_case("rita").key
    pages = {
        "rita": ("/", "/cases?tab=all&status=any", "/search?q=printer", f"/cases/{key}"),
        "ana": ("/desk/queue/all", "/desk/queue/mine?sort=due", "/desk/queue/breached", f"/desk/cases/{key}"),
    }
    for who, paths in pages.items():
        browser = as_user(who)
        for path in paths:
            # The first visit marks things as seen, which changes the second.
            for _turn in range(2):
                assert browser.get(path).status_code == 200
            before = [cache.counters() for cache in CACHES]
            assert browser.get(path).status_code == 200
            after = [cache.counters() for cache in CACHES]
            assert [one.misses for one in after] == [one.misses for one in before], path
            assert sum(one.hits for one in after) > sum(one.hits for one in before), path
