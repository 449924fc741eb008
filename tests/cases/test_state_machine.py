"""Every (state, verb, role) cell of the life of a case: what the table promises is what the actions do."""

import datetime as dt

import pytest

from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole
from portal.cases import states
from portal.cases.actions import conversation, desk, details, links, reopening, resolution, splits
from portal.cases.queries import detail, request_type
from portal.cases.states import State
from portal.kernel.errors import Conflict, Forbidden, NotFound, PortalError
from portal.tenants.actions.contacts import end_contact
from portal.tenants.models import Account, Contact, Provider

pytestmark = pytest.mark.slow

# Who plays the role on a case that rita opened for herself in ACME (shared, so that colleagues see it).
STAFF = {"agent": "ana", "lead": "lee", "admin": "ada", "platform_admin": "pat", "auditor": "aud"}
CONTACTS = {"contact": "rita", "member": "mel", "coordinator": "cora", "organization_admin": "olga"}


def own_note(world, case):
    """A note in *case*, which may become part of another one in every state."""
    return world.note(case)


def act(verb, ctx, case, world):
    """Call the action behind *verb* with facts that satisfy it."""
    match verb:
        case "take":
            desk.take(ctx, case)
        case "route":
            desk.assign(ctx, case, owner_id=world.ana.staff_id, department_id=None)
        case "answer":
            conversation.answer(ctx, case, body="Hello")
        case "note":
            conversation.note(ctx, case, body="Between us")
        case "start":
            desk.start(ctx, case)
        case "ask":
            desk.ask(ctx, case, question="Which one?")
        case "hold":
            desk.hold(ctx, case, reason="Courier", until=ctx.now + dt.timedelta(days=2))
        case "wake":
            desk.wake(ctx, case)
        case "reply":
            conversation.reply(ctx, case, body="It is the blue one")
        case "resolve":
            resolution.resolve(ctx, case, solution="Replaced", check="Print")
        case "accept":
            resolution.accept(ctx, case)
        case "reject":
            resolution.reject(ctx, case, reason="No")
        case "reopen":
            reopening.reopen(ctx, case, reason="Again")
        case "close":
            resolution.close(ctx, case)
        case "edit":
            details.edit(
                ctx,
                case,
                subject="Other words",
                request_type=request_type(ctx, "question"),
                contact_id=case.contact_id,
                environment_id=case.environment_id,
                department_id=None,
            )
        case "edit own words":
            details.edit_own_text(ctx, case, subject="Mine", description="Better")
        case "redefine severity":
            desk.redefine_severity(ctx, case, severity=4 if case.severity != 4 else 3, reason="Smaller")
        case "escalate":
            desk.escalate(ctx, case, tier=2 if case.tier != 2 else 3, note="Please")
        case "move account":
            links.move_account(ctx, case, world.row(Account, world.accounts["GLOBEX"]), contact_id=world.gil.contact_id)
        case "split":
            splits.split(ctx, case, splits.Split([own_note(world, case).id], "A part", "We go on here."))
        case "merge":
            links.merge(ctx, case, detail.by_id(ctx, world.open_case("rita", visibility="shared").id))


VERBS = [step for step in states.STEPS if step.side != "system"]


def expected(step, state, role, side):
    """What the table says about one cell: the state afterwards, or the error."""
    if step.side not in (side, "both"):
        return Forbidden
    held = (
        ROLES[StaffRole(role)]
        if side == "staff"
        else (ROLES[CaseRole.CONTACT] | ROLES[CaseRole.REPORTER] if role == "contact" else ROLES[ContactRole(role)])
    )
    if step.permission not in held:
        return Forbidden
    if State(state) not in step.sources:
        return Conflict
    if step.to is not None:
        return step.to
    if step.verb in ("take", "route", "answer") and state == State.NEW:
        return State.OPEN
    if step.verb == "reply" and state in (State.WAITING, State.ON_HOLD, State.RESOLVED, State.CLOSED):
        return State.OPEN
    return State(state)


@pytest.mark.parametrize("state", [state.value for state in State])
@pytest.mark.parametrize("step", VERBS, ids=lambda step: step.verb)
def test_every_cell(step, state, world, ctx_of):
    case = world.case_in(state, by="rita", visibility="shared")
    answered = case.first_answer_at is not None
    for side, cast in (("staff", STAFF), ("contact", CONTACTS)):
        for role, name in cast.items():
            ctx = ctx_of(name, side)
            with world.session.begin_nested() as savepoint:
                wanted = expected(step, state, role, side)
                try:
                    seen = detail.by_id(ctx, case.id, lock=True)
                except NotFound:
                    assert role == "platform_admin", f"{role} should see the case"
                    savepoint.rollback()
                    continue
                try:
                    act(step.verb, ctx, seen, world)
                    got = State(seen.state)
                except PortalError as problem:
                    got = type(problem)
                if step.verb == "edit own words" and wanted == State(state) and answered:
                    wanted = Conflict
                assert got == wanted, f"{state} × {step.verb} × {side} {role}"
                savepoint.rollback()
            world.session.expire_all()


def test_staff_never_accept_even_if_they_opened_it(world, ctx_of):
    case = world.case_in("resolved", by="ana", contact="rita")
    with pytest.raises(Forbidden):
        resolution.accept(ctx_of("ana"), detail.by_id(ctx_of("ana"), case.id))


def test_the_second_rejection_raises_the_tier(world, ctx_of):
    case = world.case_in("resolved", by="rita")
    resolution.reject(ctx_of("rita", "contact"), case, reason="No")
    assert case.tier == 1
    resolution.resolve(ctx_of("ana"), case, solution="Now")
    resolution.reject(ctx_of("rita", "contact"), case, reason="Still no")
    assert case.tier == 2


def test_resolved_closes_itself_after_the_agreed_hours_and_not_before(world, run_outbox, travel):
    case = world.case_in("resolved", by="rita")
    travel(hours=71)
    run_outbox()
    assert case.state == "resolved" and "case.closing_soon" in world.event_names(case)
    travel(hours=73)
    run_outbox()
    assert (case.state, case.closed_by) == ("closed", "system")
    assert world.event_names(case).count("case.closing_soon") == 1


def test_a_rejected_case_does_not_close_itself(world, ctx_of, run_outbox, travel):
    case = world.case_in("resolved", by="rita")
    resolution.reject(ctx_of("rita", "contact"), case, reason="No")
    travel(hours=80)
    run_outbox()
    assert case.state == "open"


def test_a_held_case_wakes_on_its_day(world, ctx_of, run_outbox, travel):
    case = world.case_in("open", by="rita")
    ctx = ctx_of("ana")
    desk.hold(ctx, case, reason="Courier", until=ctx.now + dt.timedelta(days=2))
    travel(hours=49)
    run_outbox()
    assert case.state == "in_progress" and case.hold_until is None


def test_thanks_neither_reopens_nor_restarts(world, ctx_of):
    case = world.case_in("closed", by="rita")
    conversation.reply(ctx_of("rita", "contact"), case, body="Thank you very much!")
    assert case.state == "closed"


@pytest.mark.parametrize("state", ["resolved", "closed"])
def test_the_author_of_thanks_can_say_that_more_was_meant(world, as_user, state):
    case = world.case_in(state, by="rita", visibility="shared")
    here = f"/cases/{case.key}"
    taken = "taken as thanks"
    assert taken not in as_user("rita").get(here).text
    assert as_user("rita").post(f"{here}/replies", data={"body": "Thank you very much!"}).status_code == 303
    assert taken in as_user("rita").get(here).text
    assert taken not in as_user("mel").get(here).text
    assert as_user("rita").post(f"{here}/reopen", data={"reason": "Not yet"}).status_code == 303
    assert world.reload(case).state == "open"
    assert taken not in as_user("rita").get(here).text


@pytest.mark.parametrize(("policy", "state"), [("reopen", "open"), ("new_case", "closed"), ("refuse", "closed")])
def test_a_reply_to_a_closed_case_does_what_the_provider_says(policy, state, world, as_user):
    case = world.case_in("closed", by="rita")
    world.row(Provider, world.northwind.id).after_close = policy
    world.session.flush()
    answer = as_user("rita").post(f"/cases/{case.key}/replies", data={"body": "It is broken again"})
    assert case.state == state
    if policy == "refuse":
        assert answer.status_code == 422 and "It is broken again" in answer.text
    else:
        assert answer.status_code == 303
    if policy == "new_case":
        landed = world.case(answer.headers["Location"].split("/")[-1].partition("#")[0])
        assert landed.id != case.id and landed.description == "It is broken again"


def test_people_who_leave_lose_what_they_were_let_into(world, ctx_of):
    case = world.open_case("rita", visibility="private", cc=[world.mel.email])
    assert detail.by_id(ctx_of("mel", "contact"), case.id)
    end_contact(ctx_of("ada"), world.rows(Contact, Contact.id == world.mel.contact_id)[0])
    with pytest.raises(NotFound):
        detail.by_id(ctx_of("mel", "contact"), case.id)
