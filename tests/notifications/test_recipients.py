"""Who is told of what: everybody whom it concerns, nobody who may not see the case, and never the one who did it."""

from portal.cases.actions import desk, people, resolution
from portal.cases.queries.staff import assignable_staff
from portal.tenants.models import StaffMember


def people_told(told, case, event):
    return {name.split()[0] for (happened, name) in told(case) if happened == event}


def test_support_answering_tells_reporter_contact_and_people_in_copy(world, told):
    case = world.open_case("cora", contact="jan")
    world.put_in_copy(case, "mel@acme.example")
    world.answer(case)
    assert people_told(told, case, "case.answered") == {"Cora", "Jan", "Mel"}


def test_each_is_told_why(world, told):
    case = world.open_case("cora", contact="jan")
    world.answer(case)
    reasons = {name.split()[0]: why for (event, name), why in told(case).items() if event == "case.answered"}
    assert reasons == {"Cora": ("contact", "reporter"), "Jan": ("contact", "contact")}


def test_nobody_is_told_of_what_they_did_themselves(world, told):
    case = world.open_case("rita")
    world.reply(case, by="rita")
    assert "Rita" not in people_told(told, case, "case.replied")


def test_a_customer_reply_tells_the_owner_on_the_desk(world, told):
    case = world.case_in("open", staff="ana")
    world.reply(case)
    assert told(case)["case.replied", name_of(world, "ana")] == ("staff", "owner")


def test_a_new_case_on_behalf_tells_the_contact_unless_that_was_switched_off(world, told):
    loud, silent = world.open_case("cora", contact="jan"), world.open_case("cora", contact="jan", notify=False)
    assert "Jan" in people_told(told, loud, "case.submitted")
    assert "Jan" not in people_told(told, silent, "case.submitted")


def test_a_muted_case_is_quiet_until_it_ends(world, told):
    case = world.open_case("rita")
    people.subscribe(world.ctx("rita"), case, "mute")
    world.answer(case)
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Restarted", check="Look again")
    assert people_told(told, case, "case.answered") == set()
    assert people_told(told, case, "case.resolved") == {"Rita"}


def test_a_note_tells_the_owner_and_no_customer(world, told):
    case = world.case_in("open", staff="ana")
    people.subscribe(world.ctx("mel"), world.reload(shared(world, case)), "follow")
    world.note(case, by="lee")
    heard = {name: why for (event, name), why in told(case).items() if event == "case.noted"}
    assert heard == {name_of(world, "ana"): ("staff", "owner")}


def test_a_follower_hears_although_not_concerned(world, told):
    case = shared(world, world.open_case("rita"))
    people.subscribe(world.ctx("mel"), case, "follow")
    world.answer(case)
    assert told(case)["case.answered", name_of(world, "mel")] == ("contact", "follower")


def test_a_follower_of_a_case_that_became_private_hears_nothing(world, told):
    case = shared(world, world.open_case("rita"))
    people.subscribe(world.ctx("mel"), case, "follow")
    people.set_visibility(world.ctx("rita"), world.reload(case), "private")
    world.answer(world.reload(case))
    assert "Mel" not in people_told(told, case, "case.answered")


def test_who_is_excluded_hears_nothing_by_any_circle(world, told):
    case = world.open_case("cora", contact="jan")
    world.put_in_copy(case, "mel@acme.example")
    desk.take(world.ctx("ana"), world.reload(case))
    for who in ("mel", "cora", "ana"):
        world.exclude(case, who)
    world.answer(world.reload(case), by="lee")
    world.reply(case, by="jan")
    heard = {name.split()[0] for (event, name) in told(case) if event in ("case.answered", "case.replied")}
    assert heard == {"Jan", "Lee"}  # Lee leads: the owner may not see the case any more, so nobody owns it


def test_the_last_word_on_who_may_see_is_spoken_when_it_is_told(world, told):
    """The exclusion comes after the answer and before the worker's turn."""
    case = world.open_case("cora", contact="jan")
    world.answer(case)
    world.exclude(case, "cora")
    assert people_told(told, case, "case.answered") == {"Jan"}


def test_assigning_tells_the_new_owner(world, told):
    case = world.open_case("rita")
    (lee,) = world.rows(StaffMember, StaffMember.user_id == world.lee.id)
    assert lee.id in assignable_staff(world.ctx("ana"), case)
    desk.assign(world.ctx("ana"), case, owner_id=lee.id, department_id=None)
    assert told(case)["case.assigned", name_of(world, "lee")] == ("staff", "owner")


def test_somebody_put_in_copy_is_told(world, told):
    case = world.open_case("rita")
    world.put_in_copy(case, "mel@acme.example")
    assert told(case)["case.person_added", name_of(world, "mel")] == ("contact", "participant")


def test_somebody_whose_access_ended_hears_nothing(world, told):
    from portal.identity.models import User

    case = world.open_case("cora", contact="jan")
    world.answer(case)
    world.row(User, world.cora).ended_at = world.system().now
    assert people_told(told, case, "case.answered") == {"Jan"}


def name_of(world, who):
    return world.person(who).name


def shared(world, case):
    people.set_visibility(world.ctx("rita"), case, "shared")
    return world.reload(case)
