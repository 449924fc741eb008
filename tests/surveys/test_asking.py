"""Who is asked, and when: the contact, once a closing cycle, or once a case where the provider says so."""

import pytest
from sqlalchemy.exc import IntegrityError

from portal.cases.actions import links, reopening, resolution
from portal.kernel.tokens import TokenHash
from portal.surveys import reactions
from portal.surveys.actions import plan as plan_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.models import Survey, SurveyQuestions


def surveys_of(world, case):
    return world.rows(Survey, Survey.case_id == case.id)


def test_accepting_asks_the_contact(world):
    case = world.case_in("closed", by="cora", contact="jan")
    [survey] = surveys_of(world, case)
    assert (survey.user_id, survey.cycle, survey.answered_at) == (world.jan.id, 1, None)


@pytest.mark.parametrize("by", ["rita", "ana"])
def test_closing_asks_too(world, by):
    case = world.open_case("rita")
    resolution.close(world.ctx(by), case)
    assert [s.user_id for s in surveys_of(world, case)] == [world.rita.id]


def test_closing_by_silence_asks_too(world, run_outbox, travel):
    case = world.case_in("resolved")
    travel(hours=73)
    run_outbox()
    assert len(surveys_of(world, case)) == 1


def test_the_default_questions_become_the_first_version_once(world):
    for _ in range(2):
        world.case_in("closed")
    [questions] = world.rows(SurveyQuestions)
    assert questions.version == 1 and [q["name"] for q in questions.questions] == ["q1", "q2"]


@pytest.mark.parametrize("per,asked", [("case", 1), ("cycle", 2)])
def test_a_second_ending_asks_again_only_where_the_provider_wants_it(world, per, asked):
    plan_actions.change_plan(world.ctx("ada"), SurveyTerms(per=per))
    case = world.case_in("closed")
    reopening.reopen(world.ctx("rita", "contact"), case, reason="It is back")
    resolution.close(world.ctx("rita", "contact"), world.reload(case))
    assert [s.cycle for s in surveys_of(world, case)] == list(range(1, asked + 1))


def test_merged_and_moved_cases_ask_nobody(world):
    from portal.tenants.models import Account

    merged, target = world.open_case("cora"), world.open_case("cora")
    links.merge(world.ctx("ana"), merged, target)
    moved = world.open_case("cora")
    links.move_account(
        world.ctx("ana"), moved, world.row(Account, world.accounts["ACMEPL"]), contact_id=world.cora.contact_id
    )
    assert world.rows(Survey) == []


@pytest.mark.check(46, "one survey an ending")
def test_asking_twice_for_the_same_ending_asks_once(world):
    plan_actions.change_plan(world.ctx("ada"), SurveyTerms(per="cycle"))
    case = world.case_in("closed")
    event = next(e for e in world.events_of(case) if e.name == "case.accepted")
    reactions.invite_contact(world.system(), event)
    assert len(surveys_of(world, case)) == 1
    live = world.session.query(TokenHash).filter(TokenHash.purpose == "survey", TokenHash.used_at.is_(None)).count()
    assert live == 1


def test_the_database_refuses_a_second_survey_of_one_ending(world):
    case = world.case_in("closed")
    [first] = surveys_of(world, case)
    copy = {c.key: getattr(first, c.key) for c in Survey.__table__.columns if c.key != "id"}
    world.session.add(Survey(**copy))
    with pytest.raises(IntegrityError), world.session.begin_nested():
        world.session.flush()
