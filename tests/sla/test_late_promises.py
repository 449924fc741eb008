"""E12: where a rule says so, the customer hears of a broken promise: once, while it is broken, what they may see."""

import datetime as dt

import pytest

from portal.cases.actions import desk, people
from portal.kernel.errors import Refused
from portal.notifications.models import Notification, OutgoingMail
from portal.sla.actions import escalation
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule, FiredStep
from portal.tenants.actions.providers import change_provider
from tests.sla import cached_clocks


@pytest.fixture
def rule(world):
    """Let one rule, and none of Northwind's own, notify *whom* at *percent* of the time."""
    for row in world.rows(EscalationRule):
        row.active = False
    world.session.flush()

    def add(percent=100, whom=("customers", "lead"), kinds=("first_response",)):
        steps = [StepDesign(percent, "notify", list(whom))]
        return escalation.add_rule(world.ctx("ada"), name="Late", kinds=kinds, severities=(), steps=steps)

    cached_clocks.travel_to(cached_clocks.TUESDAY)
    return add


@pytest.fixture
def late_mails(world, run_outbox):
    """The mails about late promises, after all work that is due; by the name of their reader."""

    def read():
        run_outbox()
        world.session.expire_all()
        names = {world.person(who).id: who for who in ("rita", "cora", "jan", "mel", "olga")}
        return {names[mail.user_id]: mail for mail in world.rows(OutgoingMail, OutgoingMail.kind == "late_promise")}

    return read


def test_contact_and_reporter_are_told_once_what_was_promised_and_who_knows(world, travel, rule, late_mails):
    rule()
    case = world.open_case("cora", contact="jan", severity=1, visibility="shared", cc=["rita@acme.example"])
    travel(minutes=14)
    assert late_mails() == {}
    travel(minutes=2)
    mails = late_mails()
    assert set(mails) == {"jan", "cora"}
    mail = mails["jan"]
    assert mail.subject == f"We are late: {case.subject} [{case.key}]"
    assert "Our first reply was promised by" in mail.text and "10:15" in mail.text
    assert "The team lead knows about it." in mail.text
    lines = world.rows(Notification, Notification.user_id == world.jan.id, Notification.reason == "contact")
    assert lines
    travel(hours=2)
    assert {name: one.id for name, one in late_mails().items()} == {name: one.id for name, one in mails.items()}
    [step] = world.rows(FiredStep)
    assert step.did["customers"] is True and step.did["names"] == [world.lee.name]


def test_a_customer_who_was_answered_before_the_worker_came_hears_nothing(world, travel, rule, late_mails):
    rule()
    case = world.open_case("rita", severity=1)
    travel(minutes=16)
    world.answer(case)
    assert late_mails() == {}
    assert [row.did["percent"] for row in world.rows(FiredStep)] == [100], "staff hear of it nevertheless"


def test_a_customer_whose_turn_it_is_hears_nothing(world, travel, rule, late_mails):
    rule(kinds=("resolution",))
    case = world.open_case("rita", severity=1)
    travel(hours=20)
    desk.ask(world.ctx("ana"), case, question="Which?")
    assert late_mails() == {}


def test_outside_support_hours_they_are_told_in_the_morning_unless_they_were_answered(world, travel, rule, late_mails):
    rule()
    cached_clocks.travel_to(cached_clocks.TUESDAY + dt.timedelta(hours=9))  # 19:00 in Warsaw
    waits, answered = (world.open_case("rita", severity=2, subject=subject) for subject in ("Waits", "Answered"))
    travel(hours=5)
    assert late_mails() == {} and len(world.rows(FiredStep, FiredStep.told_at.is_(None))) == 2
    world.answer(world.reload(answered))
    travel(hours=9, minutes=1)
    assert late_mails()["rita"].subject.endswith(f"[{waits.key}]")
    assert len(world.rows(OutgoingMail, OutgoingMail.kind == "late_promise")) == 1


@pytest.mark.parametrize(("shown", "told"), [("state", True), ("nothing", False)])
def test_the_mail_says_no_more_than_the_portal_shows(world, travel, rule, late_mails, shown, told):
    ctx = world.ctx("ada")
    change_provider(ctx, ctx.provider, promises_shown=shown)
    rule()
    world.open_case("rita", severity=1)
    travel(minutes=16)
    mails = late_mails()
    assert bool(mails) == told
    if told:
        assert "Our first reply is later than we promised." in mails["rita"].text and "10:15" not in mails["rita"].text


def test_who_is_excluded_or_muted_hears_nothing_and_an_excluding_case_tells_no_times(world, travel, rule, late_mails):
    rule()
    case = world.open_case("cora", contact="jan", severity=1, visibility="shared")
    people.exclude(world.ctx("cora", "contact"), case, person="rita@acme.example")
    people.subscribe(world.ctx("jan", "contact"), world.reload(case), "mute")
    travel(minutes=16)
    mails = late_mails()
    assert set(mails) == {"cora"}
    assert case.subject not in mails["cora"].subject and "promised by" not in mails["cora"].text


def test_a_rule_notifies_customers_of_broken_promises_only(world, rule):
    with pytest.raises(Refused, match="at 100 % of the time or later") as refused:
        rule(percent=99)
    assert refused.value.field == "whom"


def test_the_form_offers_the_customer_and_the_history_names_them(world, as_user, travel, rule, late_mails):
    ada = as_user("ada")
    form = ada.get("/admin/escalation-rules/new").page.form("/admin/escalation-rules/new")
    assert "customers" in [option.attributes["value"] for option in form.element.all("input", name="whom_0")]
    rule()
    assert "the customer" in ada.get("/admin/escalation-rules").page.first("main").text
    case = world.open_case("rita", severity=1)
    travel(minutes=16)
    assert late_mails()
    assert "notified the customer, Lee" in as_user("ana").get(f"/desk/cases/{case.key}/history").page.first("main").text
