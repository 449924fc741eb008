"""The smallest histories in which a word, a case or a question got out of everybody's sight."""

import pytest

from portal.cases.actions import conversation, desk, details, links, people, resolution
from portal.cases.actions.reopening import follow_up
from portal.cases.labels import sent_sentence
from portal.cases.models import CaseExclusion, RequestType
from portal.cases.queries import lists
from portal.cases.queries.detail import by_key
from portal.cases.queries.lists import Filters
from portal.identity.models import User
from portal.kernel.errors import Refused
from portal.notifications.mail_rules import find_receivers
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.actions import contacts, staff
from portal.tenants.models import Account, Contact, StaffMember


def end_staff(world, who, *, by="ada"):
    """A member of the staff leaves at once."""
    person = world.person(who)
    staff.end_staff(world.ctx(by), world.row(StaffMember, person.staff_id), world.row(User, person))
    world.session.flush()


def queue(world, who, view):
    return [row.id for row in lists.view_page(world.ctx(who), view, Filters()).rows]


def rung(world, run_outbox, case, name):
    """Whose bells on the desk ring about the last event *name* of *case*."""
    run_outbox()
    event = [one for one in world.events_of(case) if one.name == name][-1]
    rows = world.rows(Notification, Notification.event_id == event.id, Notification.side == "staff")
    return {next(p.key for p in world.people.values() if p.id == row.user_id) for row in rows}


def excluded(world, case):
    return {row.user_id for row in world.rows(CaseExclusion, CaseExclusion.case_id == case.id)}


def test_a_case_that_comes_back_after_its_owner_left_is_unassigned(world, run_outbox):
    case = world.case_in("resolved", by="rita")
    end_staff(world, "ana")
    resolution.reject(world.ctx("rita"), world.reload(case), reason="Still down")
    assert world.reload(case).owner_id is None
    assert case.id in queue(world, "lee", "unassigned")
    assert "lee" in rung(world, run_outbox, case, "case.rejected")


def test_a_case_whose_owner_is_excluded_is_unassigned(world):
    case = world.case_in("open", by="rita")
    people.exclude(world.ctx("lee"), case, world.ana.id)
    assert world.reload(case).owner_id is None
    assert case.id in queue(world, "lee", "unassigned")


def test_the_last_person_of_support_cannot_be_excluded(world):
    case = world.open_case("gil")
    for who in ("ana", "ada"):
        people.exclude(world.ctx("lee"), case, world.person(who).id)
    people.exclude(world.ctx("lee"), case, world.tom.id)
    with pytest.raises(Refused, match="nobody in support"):
        people.exclude(world.system(), case, world.lee.id)


def test_the_last_administrator_cannot_be_ended_nor_lowered(world):
    with pytest.raises(Refused, match="last administrator"):
        end_staff(world, "ada", by="pat")


def test_no_case_waits_when_its_last_reader_is_taken_out_of_copy(world):
    case = world.open_case("rita", cc=["mel@acme.example"])
    desk.ask(world.ctx("ana"), case, question="Which?")
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.rita.contact_id))
    assert world.reload(case).state == "waiting"  # Mel can answer
    grant = next(one for one in world.reload(case).grants if one.user_id == world.mel.id)
    people.remove_person(world.ctx("ana"), world.reload(case), grant.id)
    assert world.reload(case).state == "in_progress"


def test_no_case_waits_when_its_last_reader_in_copy_leaves(world):
    case = world.open_case("rita", cc=["mel@acme.example"])
    desk.ask(world.ctx("ana"), case, question="Which?")
    for who in ("rita", "mel"):
        contacts.end_contact(world.ctx("ada"), world.row(Contact, world.person(who).contact_id))
    assert world.reload(case).state == "in_progress"


def test_no_case_waits_when_its_last_reader_is_excluded(world):
    case = world.open_case("rita", cc=["mel@acme.example"])
    desk.ask(world.ctx("ana"), case, question="Which?")
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.rita.contact_id))
    people.exclude(world.ctx("ana"), world.reload(case), world.mel.id)
    assert world.reload(case).state == "in_progress"


def test_a_question_reaches_people_who_muted_the_case(world, run_outbox):
    case = world.open_case("rita")
    people.subscribe(world.ctx("rita"), case, "mute")
    desk.ask(world.ctx("ana"), case, question="Which?")
    run_outbox()
    assert "asked" in {row.kind for row in world.rows(OutgoingMail, OutgoingMail.case_id == case.id)}


def test_the_sentence_says_that_readers_muted_the_case(world):
    case = world.open_case("rita")
    people.subscribe(world.ctx("rita"), case, "mute")
    ctx = world.ctx("ana")
    conversation.answer(ctx, world.reload(case), body="Done")
    assert find_receivers(ctx, world.reload(case), "case.answered") == []
    assert "muted" in sent_sentence([], readable=True)
    assert "nobody there can read" in sent_sentence([], readable=False)


def test_a_follower_who_may_only_read_is_not_enough(world, run_outbox):
    case = world.open_case("rita")
    people.subscribe(world.ctx("ana"), case, "follow")
    world.row(StaffMember, world.ana.staff_id).role = "auditor"
    for who in ("lee", "tom"):
        end_staff(world, who)
    world.reply(case, "Is anybody there?")
    assert rung(world, run_outbox, case, "case.replied") == {"ada", "ana"}


def test_a_participant_takes_themself_out_of_a_case_of_another_company(world, as_user):
    case = world.open_case("rita")
    people.add_people(world.ctx("ana"), case, ["gil@globex.example"])
    grant = next(one for one in world.reload(case).grants if one.user_id == world.gil.id)
    answer = as_user("gil").post(f"/cases/{case.key}/people", data={"remove": str(grant.id)})
    assert answer.status_code == 303
    assert world.reload(case).grants == []


def test_a_case_that_goes_on_elsewhere_keeps_out_who_was_kept_out(world):
    case = world.open_case("rita")
    people.exclude(world.ctx("ada"), case, world.lee.id)
    moved = links.move_account(
        world.ctx("ada"),
        world.reload(case),
        world.row(Account, world.accounts["ACMEPL"]),
        contact_id=world.cora.contact_id,
    )
    assert excluded(world, moved) == {world.lee.id}
    closed = world.case_in("closed", by="rita")
    people.exclude(world.ctx("ada"), closed, world.lee.id)
    new = follow_up(world.ctx("rita"), world.reload(closed), body="Again", staged=[], idempotency_key=None)
    assert excluded(world, new) == {world.lee.id}


def test_nobody_becomes_the_contact_of_a_case_that_they_must_not_see(world):
    case = world.open_case("rita")
    people.exclude(world.ctx("ana"), case, world.mel.id)
    ctx = world.ctx("ana")
    case = by_key(ctx, world.reload(case).key)
    with pytest.raises(Refused, match="must not see"):
        details.edit(
            ctx,
            case,
            subject=case.subject,
            request_type=ctx.session.get(RequestType, case.request_type_id),
            contact_id=world.mel.contact_id,
            environment_id=None,
            department_id=None,
        )


def test_somebody_of_another_company_opens_no_new_case_by_a_reply(world):
    case = world.open_case("rita")
    desk.take(world.ctx("ana"), case)
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Done")
    people.add_people(world.ctx("ana"), world.reload(case), ["gil@globex.example"])
    resolution.accept(world.ctx("rita"), world.reload(case))
    ctx = world.ctx("gil")
    ctx.provider.after_close = "new_case"
    with pytest.raises(Refused, match="somebody at the company"):
        conversation.reply(ctx, by_key(ctx, world.reload(case).key), body="It is still broken")
