"""What was configured is read once for all who see the same, and never with more rights than the key tells apart."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.authz.scopes import scope
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.queries.staff import possible_owners
from portal.kernel.actor import Access, Actor, Side
from portal.kernel.config_cache import cached_config, for_accounts, for_everybody, for_side
from portal.tenants.actions import departments as department_actions
from portal.tenants.models import Account, Environment
from portal.tenants.queries.accounts import account_choices
from portal.tenants.queries.departments import active_departments
from portal.tenants.queries.environments import environment_choices

AUDIENCES = (for_everybody, for_side, for_accounts)


def read_actor(ctx):
    """The actor for whom something is read, and nothing of the database."""
    return (ctx.actor, ctx.person, ctx.session_id)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_read_gets_an_actor_with_nothing_but_what_the_key_holds(world, audience):
    for ctx in (world.ctx("ana"), world.ctx("olga"), world.ctx("rita"), world.system()):
        actor, person, session_id = cached_config(ctx, audience, read_actor)
        assert actor == audience(ctx.actor) and person is session_id is None
        assert not (actor.user_id or actor.staff_id or actor.name or actor.role or actor.tier or actor.memberships)
        assert {row.role for row in actor.access} <= {""}
        # Reading it twice leaves the same.
        assert audience(actor) == actor


ids = st.sampled_from([f"0000000{n}-0000-4000-8000-000000000000" for n in range(3)])
access = st.builds(Access, ids, ids, st.none() | ids, st.sampled_from(["member", "organization_admin"]))
actors = st.builds(
    Actor,
    st.sampled_from([Side.STAFF, Side.CONTACT]),
    ids,
    role=st.sampled_from(["agent", "lead"]),
    all_accounts=st.booleans(),
    account_ids=st.frozensets(ids, max_size=2),
    access=st.lists(access, max_size=3).map(tuple),
)


@given(actors, actors)
def test_actors_share_an_answer_only_if_a_read_cannot_tell_them_apart(one, other):
    for audience in AUDIENCES:
        narrow, wide = audience(one), audience(other)
        assert (narrow.cache_key == wide.cache_key) == (narrow == wide)
    assert one.side == other.side or for_side(one) != for_side(other)
    places = [{(row.account_id, row.environment_id) for row in actor.access} for actor in (one, other)]
    if for_accounts(one) == for_accounts(other):
        assert places[0] == places[1]
        assert (one.all_accounts, one.account_ids) == (other.all_accounts, other.account_ids)


def test_everybody_is_offered_what_their_scope_says(world):
    """Whoever asked before: the audience of each answer is as narrow as its scope."""
    both, offered = [world.acme.id, world.globex.id], set()
    for who in world.northwind.people.values():
        ctx = world.ctx(who)
        accounts = ctx.session.scalars(scope(ctx.actor, Account).with_only_columns(Account.id)).all()
        assert {row.id for row in account_choices(ctx)} == set(accounts)
        rows = scope(ctx.actor, Environment).where(Environment.account_id.in_(both), Environment.active)
        environments = ctx.session.scalars(rows.with_only_columns(Environment.id)).all()
        assert {row.id for row in environment_choices(ctx, both)} == set(environments)
        offered.add((frozenset(accounts), frozenset(environments)))
    assert len(offered) > 3


def test_an_access_row_less_is_another_answer(world):
    olga = world.ctx("olga", "contact")
    assert account_choices(olga)
    olga.actor = replace(olga.actor, access=())
    assert not account_choices(olga)


def test_sides_and_providers_have_answers_of_their_own(world):
    assert possible_owners(world.ctx("ana"))
    assert not possible_owners(world.ctx("olga", "contact"))
    assert {row.id for row in severity_levels(world.ctx("ana"))}.isdisjoint(
        row.id for row in severity_levels(world.ctx("zoe"))
    )


def test_it_is_read_once_until_somebody_configures(world):
    made = []

    def count(ctx, number):
        return number

    with pytest.raises(TypeError, match="no part of a cache key"):
        cached_config(world.ctx("ana"), for_everybody, lambda ctx: made.append(1))
    with pytest.raises(TypeError, match="no part of a cache key"):
        cached_config(world.ctx("ana"), for_everybody, count, made)
    ana = world.ctx("ana")
    first = active_departments(ana)
    assert active_departments(world.ctx("lee")) is first
    assert cached_config(ana, for_everybody, count, 1) != cached_config(ana, for_everybody, count, 2)

    ada = world.ctx("ada")
    department_actions.add_department(ada, name="Night desk")
    ada.session.flush()
    assert "Night desk" in {row.name for row in active_departments(ada)}


def test_a_new_version_is_read_anew(world):
    """Another process configured something: the row of the provider, which each request reads, says so."""
    ana, lee = world.ctx("ana"), world.ctx("lee")
    first = active_departments(ana)
    before = ana.provider.config_version
    try:
        lee.provider.config_version = world.acme.id
        with lee.session.no_autoflush:
            assert active_departments(lee) is not first
    finally:
        lee.provider.config_version = before
    assert active_departments(ana) is first
    assert lee.session.scalar(select(1)) == 1
