"""Work as the system inside a person's work, and how the session is bound afterwards."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, tenancy_of
from portal.kernel.system_context import act_as, as_system, create_system_context
from portal.notifications.models import Notification
from portal.tenants.models import Department, StaffAccount


def bound_side(session):
    """The side that the database sees now."""
    return session.scalar(text("SELECT current_setting('parley.side', true)"))


def plain(ctx):
    """*ctx* without the test harness, whose contexts bind the session at every use."""
    from portal.kernel.context import Context

    return Context(actor=ctx.actor, now=ctx.now, session=ctx.session, provider=ctx.provider, person=ctx.person)


@pytest.fixture
def rita(world):
    return plain(world.ctx("rita"))


def test_a_customer_works_as_the_system_inside_and_as_herself_afterwards(rita):
    hidden = select(StaffAccount.account_id)
    assert not rita.session.scalars(hidden).all()
    with as_system(rita) as inner:
        assert inner.actor.is_system and inner.person is None and inner.channel == "system"
        assert inner.session.scalars(hidden).all() and bound_side(inner.session) == "system"
    assert bound_side(rita.session) == "contact" and not rita.session.scalars(hidden).all()
    assert tenancy_of(rita.session) == Tenancy.of(rita.actor)


def test_the_system_needs_no_other_context(world):
    ctx = create_system_context(world.northwind.id)
    assert ctx.provider.id == world.northwind.id
    with as_system(ctx) as inner:
        assert inner is ctx


def test_what_is_added_inside_is_written_by_the_system(rita, world):
    with as_system(rita) as inner:
        inner.session.add(Department(provider_id=inner.provider_id, key="added", name="Added"))
    assert not rita.session.new
    assert "added" in {row.key for row in world.rows(Department)}


@pytest.mark.parametrize("nested", [True, False], ids=["savepoint inside", "savepoint outside"])
def test_a_refused_write_is_heard_and_the_session_is_bound_as_before(rita, world, nested):
    key = next(iter(world.northwind.departments))

    def write_twice(inner):
        inner.session.add(Department(provider_id=inner.provider_id, key=key, name="Again"))
        inner.session.flush()

    with pytest.raises(IntegrityError), rita.session.begin_nested(), as_system(rita) as inner:
        if nested:
            with inner.session.begin_nested():
                write_twice(inner)
        else:
            write_twice(inner)
    assert bound_side(rita.session) == "contact" and tenancy_of(rita.session).side is Side.CONTACT


def test_a_refused_statement_is_heard_and_the_session_is_bound_as_before(rita):
    with pytest.raises(ProgrammingError), rita.session.begin_nested(), as_system(rita) as inner:
        inner.session.execute(text("INSERT INTO departments (id) VALUES (gen_random_uuid())"))
    assert bound_side(rita.session) == "contact" and tenancy_of(rita.session).side is Side.CONTACT


def test_staff_keep_their_own_sight_of_bell_lines(world, run_outbox):
    world.open_case("rita")
    run_outbox()
    ana = plain(world.ctx("ana"))
    others = select(Notification.id).where(Notification.user_id != world.ana.id)
    with as_system(ana) as inner:
        assert not inner.session.scalars(others).all()
    assert bound_side(ana.session) == "staff"


def test_the_rest_of_a_work_can_be_done_by_another_actor(rita, world):
    ana = world.ctx("ana").actor
    act_as(rita, ana)
    assert rita.actor is ana and bound_side(rita.session) == "staff"
