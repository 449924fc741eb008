"""Rules at work: on openings, replies and time, through the actions that every channel uses."""

import random

import pytest

from portal.cases.actions import conversation, desk
from portal.cases.models import CaseSubscription, Message
from portal.kernel.errors import Forbidden, Refused
from portal.rules.actions.case_rules import CaseRuleFacts, add_rule, change_rule, delete_rule, switch_rule
from portal.rules.engine.case_rules import Trigger
from portal.rules.models import CaseRule, CaseRuleFiring
from portal.tenants.models import StaffMember
from tests.support.case_rules import firings_of, make_case_rule, outcomes


def departments(world):
    return list(world.departments.values())


def test_a_case_is_routed_when_it_is_opened(world):
    first, second = departments(world)[:2]
    make_case_rule(
        world,
        name="Network faults",
        subject_words="vpn, wifi",
        set_department_id=second.id,
        set_owner_id=world.ana.staff_id,
        set_tier=2,
        set_severity=2,
        reason="The network is urgent",
        follower_id=world.lee.staff_id,
        note="Check the tunnel first.",
    )
    case = world.open_case("rita", subject="The VPN is down", severity=3, department_id=first.id)
    assert (case.department_id, case.owner_id, case.tier, case.severity) == (second.id, world.ana.staff_id, 2, 2)
    assert case.state == "open" and case.severity_asked == 3 and case.number
    names = world.event_names(case)
    assert names[0] == "case.submitted" and names[-1] == "case_rule.fired"
    assert {"case.routed", "case.assigned", "case.escalated", "case.severity_changed", "case.noted"} <= set(names)
    follows = world.rows(CaseSubscription, CaseSubscription.case_id == case.id)
    assert [(row.user_id, row.mode) for row in follows] == [(world.lee.id, "follow")]
    notes = [one.body for one in world.messages_of(case) if one.kind == "note"]
    assert any("Check the tunnel" in body and "Network faults" in body for body in notes)
    assert all(one.author_side == "system" for one in world.messages_of(case))
    assert {outcome for _rule, _effect, outcome in outcomes(world, case)} == {"done"}
    other = world.open_case("rita", subject="The invoice", severity=3)
    assert other.state == "new" and firings_of(world, other) == []


def test_every_rule_that_fits_runs_and_the_first_decides(world):
    one, two = departments(world)[:2]
    make_case_rule(world, name="B", position=2, set_department_id=two.id, note="from B")
    make_case_rule(world, name="A", position=1, set_department_id=one.id)
    case = world.open_case("rita", department_id=two.id)
    assert case.department_id == one.id
    assert outcomes(world, case) == [
        ("A", "department", "done"),
        ("B", "department", "decided"),
        ("B", "note", "done"),
    ]
    assert [row.did[0]["why"] for row in firings_of(world, case)] == ["", "A"]


def test_what_a_rule_does_makes_no_other_rule_fit(world):
    one, two = departments(world)[:2]
    make_case_rule(world, name="First", position=1, set_department_id=two.id)
    make_case_rule(world, name="Second", position=2, department_id=two.id, note="must not run")
    case = world.open_case("rita", department_id=one.id)
    assert outcomes(world, case) == [("First", "department", "done")]


def test_rules_follow_messages_of_both_sides_and_notes_are_none(world):
    make_case_rule(world, name="Theirs", trigger="customer_replied", set_tier=2)
    make_case_rule(world, name="Ours", trigger="staff_replied", follower_id=world.lee.staff_id)
    case = world.open_case("rita")
    assert firings_of(world, case) == []
    conversation.note(world.ctx("ana", "staff"), case, body="Only for us")
    assert firings_of(world, case) == []
    conversation.reply(world.ctx("rita"), case, body="Any news?")
    assert outcomes(world, case) == [("Theirs", "tier", "done")]
    conversation.reply(world.ctx("rita"), case, body="And now?")
    assert outcomes(world, case)[1:] == [("Theirs", "tier", "same")]
    desk.ask(world.ctx("ana", "staff"), case, question="Which printer?")
    assert outcomes(world, case)[2:] == [("Ours", "follower", "done")]
    conversation.answer(world.ctx("ana", "staff"), case, body="We look.")
    assert outcomes(world, case)[3:] == [("Ours", "follower", "same")]


def test_what_is_not_possible_is_logged_and_stops_nothing(world):
    one = departments(world)[0]
    make_case_rule(world, name="Gone", set_owner_id=world.ana.staff_id, note="still said")
    world.row(StaffMember, world.ana.staff_id).active = False
    world.session.flush()
    case = world.open_case("rita", department_id=one.id)
    assert case.owner_id is None and case.number
    assert outcomes(world, case) == [("Gone", "owner", "failed"), ("Gone", "note", "done")]
    assert "looks after this account" in firings_of(world, case)[0].did[0]["why"]


def test_only_administrators_write_rules(world):
    rule = make_case_rule(world)
    for who in ("ana", "lee", "aud"):
        with pytest.raises(Forbidden):
            add_rule(world.ctx(who, "staff"), CaseRuleFacts(name="X", trigger=Trigger.OPENED, note="x"))
        with pytest.raises(Forbidden):
            delete_rule(world.ctx(who, "staff"), world.row(CaseRule, rule))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "set_department"),
        ({"trigger": Trigger.SINCE_OPENED, "note": "x"}, "hours"),
        ({"trigger": Trigger.IN_STATUS, "hours": 3, "status": "open", "note": "x"}, "status"),
        ({"client": "nobody knows", "note": "x"}, "client"),
        ({"environment": "Production", "note": "x"}, "environment"),
        ({"client": "ACME", "environment": "nowhere", "note": "x"}, "environment"),
        ({"domain": "no domain", "note": "x"}, "domain"),
        ({"set_severity": 2}, "reason"),
        ({"set_severity": 9, "reason": "x"}, "set_severity"),
    ],
)
def test_wrong_rules_are_refused_with_the_field(world, wrong, field):
    facts = CaseRuleFacts(**{"name": "X", "trigger": Trigger.OPENED, **wrong})
    with pytest.raises(Refused) as refused:
        add_rule(world.ctx("ada", "staff"), facts)
    assert refused.value.field == field


def test_a_rule_of_one_provider_names_nothing_of_another(world):
    south = next(iter(world.southgate.departments.values()), None)
    foreign = [{"set_owner_id": world.sam.staff_id}, {"follower_id": world.sam.staff_id}]
    foreign += [{"set_department_id": south.id}] if south else []
    foreign += [{"request_type_id": next(iter(world.southgate.types.values())).id, "note": "x"}]
    for one in foreign:
        with pytest.raises(Refused):
            make_case_rule(world, **one)


def test_rules_are_switched_changed_and_deleted(world):
    row = make_case_rule(world, name="Switch")
    ada = world.ctx("ada", "staff")
    switch_rule(ada, row, active=False)
    assert firings_of(world, world.open_case("rita")) == []
    switch_rule(ada, row, active=True)
    change_rule(ada, row, CaseRuleFacts(name="Renamed", trigger=Trigger.OPENED, note="x"))
    case = world.open_case("rita", subject="Another")
    assert [one.rule_name for one in firings_of(world, case)] == ["Renamed"]
    delete_rule(ada, row)
    assert [one.rule_name for one in firings_of(world, case)] == ["Renamed"], "the log stays"
    assert firings_of(world, world.open_case("rita", subject="A third")) == []


@pytest.mark.parametrize("seed", range(6))
def test_the_number_of_runs_is_bounded_whatever_the_rules_say(world, seed):
    """Random rules on random conversations: at most one run for each rule and message, and the same again."""
    dice = random.Random(seed)
    offered = departments(world)[:3]
    triggers = ("opened", "customer_replied", "staff_replied")
    rules = [
        make_case_rule(
            world,
            name=f"R{n}",
            trigger=dice.choice(triggers),
            position=dice.randint(1, 9),
            department_id=dice.choice([None, *(one.id for one in offered)]),
            set_department_id=dice.choice(offered).id,
            set_tier=dice.choice([None, 1, 2, 3]),
            note=dice.choice(["", "ping"]),
        )
        for n in range(8)
    ]
    case = world.open_case("rita", department_id=offered[0].id)
    people = 1
    for n in range(4):
        people += 1
        if dice.random() < 0.5:
            conversation.reply(world.ctx("rita"), case, body=f"More {n}")
        else:
            conversation.answer(world.ctx("ana", "staff"), case, body=f"We look {n}")
    runs = firings_of(world, case)
    assert len(runs) <= len(rules) * people
    assert len({(row.rule_id, row.occasion) for row in runs}) == len(runs)
    notes = world.rows(Message, Message.case_id == case.id, Message.author_side == "system")
    assert len(notes) <= 2 * len(runs)
    assert world.rows(CaseRuleFiring, CaseRuleFiring.case_id == case.id)
