"""What is agreed with whom, versions, previews and backtests, and the runs that follow a change."""

import datetime as dt

import pytest

from portal.cases.actions import resolution
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.sla.actions import assignments, calendars, disputes, policies, runs
from portal.sla.actions.runs import backtest_batch, start_backtest
from portal.sla.models import CaseSlaState, PolicyVersion, SlaCalendar, SlaPolicy
from portal.sla.queries import assignments as assignment_queries
from portal.sla.queries import case_clocks, impact, previews, reports
from portal.sla.queries import disputes as dispute_queries
from portal.sla.queries import runs as run_queries
from portal.sla.queries.assignments import agreement
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.models import Account, Contact, Environment, Organization
from tests.sla import cached_clocks


def gold(world):
    return world.rows(SlaPolicy, SlaPolicy.name == "Gold")[0]


def warsaw(world):
    return world.rows(SlaCalendar, SlaCalendar.name == "Warsaw business hours")[0]


def account(world, key="ACME"):
    return world.row(Account, world.accounts[key])


def effective(world, key="ACME"):
    row = account(world, key)
    return assignment_queries.effective_rules(world.ctx("ada"), row.organization_id, row.id)


def content(**first):
    return {"severities": {rank: {"first_response": text} for rank, text in first.items()}}


def finish(world, run):
    while run is not None and runs.recompute_batch(world.system(), run):
        pass


def test_the_narrowest_agreement_holds_and_says_where_it_comes_from(world):
    ctx = world.ctx("ada")
    assert (effective(world).policy_name, effective(world).policy_source) == ("Gold", "provider")
    silver = policies.add_policy(ctx, name="Silver", calendar=warsaw(world), content=content(**{"1": "2 hours"}))
    assignments.assign(ctx, policy=silver, organization=world.row(Organization, world.organizations["Acme"]))
    assert effective(world).policy_source == "organization" and effective(world, "ACMEPL").policy_name == "Silver"
    always = world.rows(SlaCalendar, SlaCalendar.name == "Around the clock")[0]
    assignments.assign(ctx, policy=None, calendar=always, account=account(world))
    assert effective(world).calendar_name == "Around the clock" and effective(world).calendar_source == "account"
    assert effective(world).policy_name == "Silver" and effective(world, "ACMEPL").calendar_source == "policy"
    assignments.assign(ctx, policy=None, account=account(world))
    assert effective(world).calendar_source == "policy"


def test_every_change_is_a_new_version_and_the_old_one_stays(world):
    row = gold(world)
    policies.change_policy(
        world.ctx("ada"), row, name="Gold", calendar=warsaw(world), content=content(**{"3": "2 hours"}), seen=1
    )
    assert row.current == 2 and len(world.rows(PolicyVersion, PolicyVersion.policy_id == row.id)) == 2
    with pytest.raises(Conflict):
        policies.change_policy(
            world.ctx("ada"), row, name="Gold", calendar=warsaw(world), content=content(**{"3": "1 hour"}), seen=1
        )


def test_nonsense_is_refused_with_the_field(world):
    ctx = world.ctx("ada")
    with pytest.raises(Refused) as wrong:
        policies.add_policy(ctx, name="X", calendar=warsaw(world), content=content(**{"1": "soon"}))
    assert wrong.value.field == "severities.1.first_response"
    for bad, field in (
        ({"zone": "Mars/Base", "always": True}, "zone"),
        ({"week": {}}, "week"),
        ({"week": {"monday": "25:00-26:00"}}, "week.monday"),
        ({"always": True, "country": "XX"}, "country"),
        ({"always": True, "holidays": ["13-45"]}, "holidays"),
    ):
        with pytest.raises(Refused) as wrong:
            calendars.add_calendar(ctx, name="Y", content=bad)
        assert wrong.value.field == field
    with pytest.raises(Refused):
        calendars.add_calendar(ctx, name="warsaw BUSINESS hours", content={"always": True})


def test_only_those_who_configure_may(world):
    with pytest.raises(Forbidden):
        assignments.assign(world.ctx("ana"), policy=None, account=account(world))
    with pytest.raises(Forbidden):
        calendars.add_calendar(world.ctx("lee"), name="Z", content={"always": True})


def test_what_is_in_use_cannot_be_archived(world):
    with pytest.raises(Conflict):
        policies.archive_policy(world.ctx("ada"), gold(world))
    with pytest.raises(Conflict):
        calendars.archive_calendar(world.ctx("ada"), warsaw(world))


def test_a_run_touches_only_what_the_change_can_affect(world):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    touched, basic = world.open_case("rita", severity=3), world.open_case("gil", severity=3)
    over = world.case_in("resolved", by="rita")
    before = {c.id: cached_clocks.cached_rows(world, c) for c in (basic, over)}
    run = policies.change_policy(
        world.ctx("ada"), gold(world), name="Gold", calendar=warsaw(world), content=content(**{"3": "1 hour"})
    )
    assert run.total == 1
    finish(world, run)
    assert run.changed == 1 and run.done == 1
    assert cached_clocks.rows_of(world, touched)["first_response", 1].target_version == 2
    assert {c.id: cached_clocks.cached_rows(world, c) for c in (basic, over)} == before


def test_the_worker_finishes_a_run(world, run_outbox):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=3)
    run = policies.change_policy(
        world.ctx("ada"), gold(world), name="Gold", calendar=warsaw(world), content=content(**{"3": "1 hour"})
    )
    run_outbox()
    world.session.expire_all()
    assert run.state == "done" and run.changed == 1
    assert cached_clocks.cached_rows(world, case) == cached_clocks.replayed_rows(world, case)


def test_a_case_that_comes_back_takes_up_the_rules_of_today(world):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.case_in("resolved", by="rita", severity=3)
    run = policies.change_policy(
        world.ctx("ada"),
        gold(world),
        name="Gold",
        calendar=warsaw(world),
        content={"severities": {"3": {"resolution": "1 hour"}}},
    )
    finish(world, run)
    resolution.reject(world.ctx("rita", "contact"), world.reload(case), reason="No")
    assert cached_clocks.rows_of(world, case)["resolution", 1].terms["tracks"] == [[3600, False]]
    assert cached_clocks.cached_rows(world, case) == cached_clocks.replayed_rows(world, case)


def test_a_promise_agreed_later_reaches_cases_from_before(world):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rob")
    assert not case_clocks.latest_clocks(world.ctx("sam"), case)
    world.session.query(CaseSlaState).filter(CaseSlaState.case_id == case.id).delete()  # from before there were any
    system = world.system(world.southgate)
    calendar = calendars.add_calendar(system, name="Always", content={"always": True})
    policy = policies.add_policy(system, name="Plain", calendar=calendar, content=content(**{"3": "1 hour"}))
    run = assignments.assign(system, policy=policy)
    while runs.recompute_batch(system, run):
        pass
    assert [one.kind for _row, one in case_clocks.latest_clocks(world.ctx("sam"), case)] == ["first_response"]


def test_the_preview_counts_and_changes_nothing(world):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=3)
    before = cached_clocks.cached_rows(world, case)
    draft = policies.read_policy(content(**{"3": "1 hour"}))
    seen = impact.preview_impact(world.ctx("ada"), impact.Proposal(policy_id=gold(world).id, policy=draft))
    assert [a.key for a in seen.accounts] == ["ACME", "ACMEPL"]
    assert (seen.open_cases, seen.earlier, seen.later) == (1, 1, 0)
    assert cached_clocks.cached_rows(world, case) == before


def test_the_backtest_says_what_would_have_turned_and_changes_nothing(world, run_outbox):
    ago = dt.timedelta(days=10)
    late = world.open_case("rita", severity=1, ago=ago)
    world_answer_after(world, late, ago, hours=1)
    kept = world.open_case("rita", severity=3, ago=ago)
    world_answer_after(world, kept, ago, minutes=30)
    old = world.open_case("rita", severity=1, ago=dt.timedelta(days=120))
    world_answer_after(world, old, dt.timedelta(days=120), hours=1)
    before = [cached_clocks.cached_rows(world, case) for case in (late, kept, old)]
    draft = policies.read_policy(content(**{"1": "2 hours always", "3": "10 minutes always"}))
    run = start_backtest(world.ctx("ada"), impact.Proposal(policy_id=gold(world).id, policy=draft))
    while backtest_batch(world.system(), run, size=1):
        pass
    (found,) = run_queries.findings(world.ctx("ada"), run)
    assert (found.account.key, found.to_met, found.to_missed) == ("ACME", 1, 1)
    assert {case.id for case in found.cases} == {late.id, kept.id} and run.done == 2
    assert [cached_clocks.cached_rows(world, case) for case in (late, kept, old)] == before
    run_outbox()


def world_answer_after(world, case, ago, **after):
    from portal.cases.actions import conversation

    conversation.answer(world.ctx("ana", ago=ago - dt.timedelta(**after)), world.reload(case), body="We look.")


# -- what people see --------------------------------------------------------------------------------------------------


def test_the_form_shows_what_the_engine_will_count(world):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    shown = previews.preview_promises(world.ctx("rita", "contact"), account(world), None, [1, 2, 3, 4])
    case = world.open_case("rita", severity=3)
    due = cached_clocks.rows_of(world, case)["first_response", 1].due_at
    assert abs(shown.times[3].first_response - due) < dt.timedelta(minutes=1)
    kept = case_clocks.shown_promise(world.ctx("rita", "contact"), case)
    assert kept.severity == 3 and kept.content["first_response"] == due.isoformat()


def test_an_emergency_on_a_test_environment_shows_the_times_of_the_next_level(world):
    test = world.row(Environment, world.environments["ACME", "Test"])
    shown = previews.preview_promises(world.ctx("rita", "contact"), account(world), test, [1, 2])
    assert shown.times[1].severity == 2 and shown.times[1].reason == "not_production"
    assert shown.times[1].first_response == shown.times[2].first_response


def test_where_nothing_is_agreed_no_number_is_shown(world):
    rob = world.ctx("rob", "contact")
    place = world.southgate.accounts["ACME"]
    row = rob.session.get(Account, place.id)
    shown = previews.preview_promises(rob, row, None, [1, 2])
    assert not shown.effective.agreed and not any(t.anything for t in shown.times.values())
    found = agreement(rob, row)
    assert not found.effective.agreed and found.policy is None and found.calendar is None
    case = world.open_case("rob")
    assert case_clocks.latest_clocks(rob, case) == [] and dispute_queries.receipt(rob, case) == []


def test_client_and_staff_read_the_same_receipt(world, travel):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    case = world.open_case("rita", severity=3)
    travel(minutes=30)
    from portal.cases.actions import desk

    desk.ask(world.ctx("ana"), world.reload(case), question="Which?")
    travel(hours=2)
    world.reply(case, "Firefox")
    travel(minutes=15)
    mine, theirs = (dispute_queries.receipt(ctx, case) for ctx in (world.ctx("rita", "contact"), world.ctx("ana")))
    for a, b in zip(mine, theirs, strict=True):
        assert [(x.segment, x.counted) for x in a.lines][:-1] == [(x.segment, x.counted) for x in b.lines][:-1]
    ledger = next(one for one in theirs if one.status.kind == "resolution")
    assert [entry.segment.why for entry in ledger.lines] == ["", "waiting", ""]
    assert sum((entry.counted for entry in ledger.lines), dt.timedelta()) == ledger.total
    assert ledger.lines[1].segment.by == "Ana Silva" and ledger.lines[1].segment.message


def test_a_customer_objects_once_and_support_answers_once(world):
    case = world.open_case("rita", severity=3)
    clock = cached_clocks.rows_of(world, case)["resolution", 1]
    made = disputes.object_to(world.ctx("rita", "contact"), case, clock, segment=0, text="I called at nine")
    with pytest.raises(Conflict):
        disputes.object_to(world.ctx("rita", "contact"), case, clock, segment=0, text="Again")
    disputes.answer_objection(world.ctx("ana"), case, made, agree=True, answer="You did.")
    assert made.verdict == "agreed"
    with pytest.raises(Conflict):
        disputes.answer_objection(world.ctx("ana"), case, made, agree=False, answer="No")


def test_a_pause_needs_a_question(world):
    case = world.case_in("waiting", by="rita")
    assert reports.pauses_without_question(world.ctx("ana"), cached_clocks.TUESDAY) == []
    row = cached_clocks.rows_of(world, case)["resolution", 1]
    row.segments = [{**one, "message": ""} for one in row.segments]  # as data from elsewhere might be
    world.session.flush()
    (found,) = reports.pauses_without_question(world.ctx("ana"), cached_clocks.TUESDAY)
    assert found.case.id == case.id and found.end is None and found.by == "Ana Silva"


def test_a_very_important_person_is_raised(world):
    contact = world.row(Contact, world.rita.contact_id)
    contact_actions.set_severity_floor(world.ctx("ada"), contact, 2)
    case = world.open_case("rita", severity=4)
    assert (case.severity_asked, case.severity, case.severity_reason) == (4, 2, "important_person")
    assert cached_clocks.rows_of(world, case)["first_response", 1].severity == 2


def test_support_hours_say_until_when_and_which_holiday(world, as_user):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    said = as_user("rita").get("/support").page.text
    assert "Open now, until 18:00" in said and "09:00–18:00" in said
    cached_clocks.travel_to(dt.datetime(2026, 12, 25, 10, 0, tzinfo=dt.UTC))
    said = as_user("rita").get("/support").page.text
    assert "Closed now. We open Mon 09:00" in said and "Christmas Day" in said


def test_kept_promises_are_counted(world, travel):
    cached_clocks.travel_to(cached_clocks.TUESDAY)
    for minutes in (5, 20):
        case = world.open_case("rita", severity=1)
        travel(minutes=minutes)
        world.answer(case)
    found = reports.compliance(world.ctx("lee"), cached_clocks.TUESDAY, cached_clocks.TUESDAY + dt.timedelta(days=1))
    assert [(k.key, k.kind, k.count.kept, k.count.total) for k in found] == [("ACME", "first_response", 1, 2)]
    assert round(found[0].median.total_seconds()) == 12.5 * 60
