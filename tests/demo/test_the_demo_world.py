"""The demo is what contract.md says it is, and holds a believable case for everything that can happen to one."""

import dataclasses
from collections import Counter

import pytest
from sqlalchemy import func, select

from portal.cases.models import Case, CaseExclusion, CaseGrant, Message
from portal.cases.states import State
from portal.demo import cli
from portal.demo.northwind import CASES, NORTHWIND
from portal.identity import actions as identity
from portal.identity.queries import user_by_email
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.surveys.models import Survey
from portal.tenants.models import Host, Provider

SHOW = dataclasses.replace(NORTHWIND, name="Show", hosts=("show.localhost", "show2.localhost"))


@pytest.fixture(scope="module")
def show(live):
    """The demo with its cases, beside the test world's Northwind."""
    with live.app.app_context():
        assert cli.load_provider(SHOW, CASES)
        db.session.remove()
    return live


@pytest.fixture
def session(show):
    with show.app.app_context():
        provider_id = db.session.scalar(select(Host.provider_id).where(Host.host == SHOW.hosts[0]))
        bind(db.session, Tenancy(provider_id, side=Side.SYSTEM))
        yield db.session
        db.session.remove()


def test_a_second_load_changes_nothing(show, session):
    before = session.scalar(select(func.count()).select_from(Case))
    assert cli.load_provider(SHOW, CASES) is False
    assert session.scalar(select(func.count()).select_from(Case)) == before


def test_every_host_of_the_plan_leads_there(session):
    provider = session.scalars(select(Provider)).one()
    hosts = session.scalars(select(Host.host).where(Host.provider_id == provider.id)).all()
    assert set(hosts) == set(SHOW.hosts)
    assert NORTHWIND.hosts == ("northwind.localhost", "127.0.0.1", "localhost")


def test_there_are_cases_in_every_state_and_of_every_kind(session):
    cases = session.scalars(select(Case)).all()
    assert len(cases) >= 30
    assert {case.state for case in cases} == {state.value for state in State}
    assert {case.severity for case in cases} == {1, 2, 3, 4}
    assert {case.visibility for case in cases} == {"private", "shared"}
    assert any(case.on_behalf for case in cases)
    assert any(case.severity != case.severity_asked for case in cases)
    assert any(case.rejected_count and case.state == "closed" for case in cases)
    assert any(case.rejected_count >= 2 and case.tier > 1 for case in cases)
    assert max(case.message_count for case in cases) == 40
    assert any(case.hold_until for case in cases if case.state == "on_hold")
    assert session.scalar(select(func.count()).select_from(CaseExclusion))
    assert {g.kind for g in session.scalars(select(CaseGrant))} >= {"participant", "reader"}
    assert session.scalar(select(func.count()).select_from(Message).where(Message.kind == "note")) >= 5
    assert session.scalar(select(func.count()).select_from(Survey).where(Survey.answered_at.is_not(None))) >= 5


def test_numbers_have_no_gaps_and_follow_time(session):
    rows = session.execute(select(Case.account_id, Case.number, Case.opened_at).order_by(Case.opened_at)).all()
    for account_id, count in Counter(row.account_id for row in rows).items():
        assert [row.number for row in rows if row.account_id == account_id] == list(range(1, count + 1))


def test_messages_stand_in_the_order_of_time(session):
    for case in session.scalars(select(Case)).all():
        times = session.scalars(
            select(Message.occurred_at).where(Message.case_id == case.id).order_by(Message.position)
        ).all()
        assert times == sorted(times) and all(case.opened_at <= t for t in times)


@pytest.mark.parametrize("person", [*SHOW.staff, *SHOW.contacts], ids=lambda person: person.key)
def test_who_can_sign_in_does_with_the_demo_password(show, session, person):
    ctx = show.world.system()
    ctx.actor = dataclasses.replace(ctx.actor, provider_id=session.scalars(select(Provider.id)).one())
    knows = identity.knows_password(ctx, user_by_email(ctx, person.email), cli.PASSWORD)
    assert knows == getattr(person, "signs_in", True)


def test_the_table_of_sign_ins_names_everybody_who_can():
    text = "\n".join(cli.sign_in_lines())
    assert cli.PASSWORD in text
    assert "jan@acme.example" not in text
    for person in (*NORTHWIND.staff, *NORTHWIND.contacts):
        assert (person.email in text) == getattr(person, "signs_in", True)
        assert person.says or not getattr(person, "signs_in", True)
