"""Who else got a mail: colleagues come into copy, others are proposed and get nothing until somebody lets them in."""

import datetime as dt

import pytest

from portal.cases.actions import links, people
from portal.cases.queries.people import PARTICIPANTS
from portal.channels.mail.actions import copies
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.actions.originals import delete_old_originals
from portal.channels.mail.engine.copies import is_machine
from portal.channels.mail.models import CopyProposal
from portal.channels.mail.queries.copies import PROPOSALS, open_proposals
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused
from portal.notifications.mail_rules import case_mails
from portal.tenants.models import Contact, Organization
from tests.channels.mail.test_intake import SUPPORT, Post

BOSS = "boss@other.example"


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


def reply_to(post, case, who="rita", text="It smokes again.", **headers):
    """An answer of *who* to a mail of ours about *case*."""
    sent = post.sent(case, "rita" if "@" in who else who, f"{case.message_count}.{who[:3]}@north.example")
    return post.send(who, text, In_Reply_To=sent, **headers)


def proposed(world, case, who="ana"):
    return [row.email for row in open_proposals(world.ctx(who), world.reload(case))]


def in_copy(world, case):
    return {grant.user_id for grant in world.reload(case).grants if grant.kind == "participant"}


def test_an_outsider_of_a_new_case_is_proposed_and_told_nothing(post, world):
    row = post.send("rita", Cc=f'"Big Boss" <{BOSS}>')
    case = post.case_of(row)
    [one] = open_proposals(world.ctx("ana"), case)
    assert (one.email, one.name, one.mail_id, one.proposed_by_id) == (BOSS, "Big Boss", row.id, world.rita.id)
    assert (case.open_proposals, case.grants) == (1, [])
    [event] = [event for event in world.events_of(case) if event.name == "case.copies_proposed"]
    assert event.facts == {"emails": [BOSS], "mail": str(row.id)}


def test_an_answer_brings_colleagues_into_copy_and_proposes_others(post, world):
    case = world.open_case("rita")
    row = reply_to(post, case, Cc=f"mel@acme.example, {BOSS}")
    assert row.fate == "comment", row.facts
    assert in_copy(world, case) == {world.mel.id}
    assert proposed(world, case) == [BOSS]
    assert row.facts["copies"] == ["mel@acme.example"]


def test_who_may_not_add_people_only_proposes(post, world):
    case = world.open_case("rita")
    world.put_in_copy(case, "mel@acme.example")
    row = reply_to(post, case, "mel", Cc="jan@acme.example")
    assert row.fate == "comment", row.facts
    assert in_copy(world, case) == {world.mel.id}
    assert proposed(world, case) == ["jan@acme.example"]
    assert proposed(world, case, "mel") == ["jan@acme.example"]
    with pytest.raises(Forbidden):
        copies.accept(world.ctx("mel"), world.reload(case), open_proposals(world.ctx("ana"), case)[0].id)


def test_support_that_answers_by_mail_brings_colleagues_too(post, world):
    case = world.open_case("rita")
    row = reply_to(
        post, case, "ana@northwind.example", To=f"{SUPPORT}, rita@acme.example", Cc=f"mel@acme.example, {BOSS}"
    )
    assert row.fate == "comment", (row.reason, row.facts)
    assert in_copy(world, case) == {world.mel.id}
    assert proposed(world, case) == [BOSS]


def test_the_excluded_neither_join_nor_are_proposed(post, world):
    case = world.open_case("rita")
    world.exclude(case, "mel")
    world.put_in_copy(case, BOSS)
    [grant] = world.reload(case).grants
    people.exclude(world.ctx("ana"), world.reload(case), grant.user_id)
    row = reply_to(post, case, Cc=f"mel@acme.example, {BOSS}")
    assert row.fate == "comment", row.facts
    assert (in_copy(world, case), proposed(world, case)) == (set(), [])


def test_who_was_taken_out_is_only_proposed(post, world):
    case = world.open_case("rita")
    world.put_in_copy(case, "mel@acme.example")
    [grant] = world.reload(case).grants
    people.remove_person(world.ctx("rita"), world.reload(case), grant.id)
    reply_to(post, case, Cc="mel@acme.example")
    assert (in_copy(world, case), proposed(world, case)) == (set(), ["mel@acme.example"])


@pytest.mark.parametrize(
    "email",
    [
        "no-reply@shop.example", "noreply@shop.example", "donotreply+7@shop.example", "bounces@shop.example",
        "postmaster@other.example", "staff-request@other.example", "owner-staff@other.example",
        "dev@lists.other.example", "team@googlegroups.com", "news-list@other.example",
        SUPPORT, "support+acme@northwind.example", "helpdesk@northwind.example", "rita@acme.example",
        "ana@northwind.example",
    ],
)  # fmt: skip
def test_what_is_no_person_is_not_proposed(post, world, email):
    case = post.case_of(post.send("rita", Cc=email))
    assert not case.open_proposals and not case.grants
    assert not is_machine("reply.all@other.example") and not is_machine("alist@other.example")


def test_an_alias_that_the_mail_arrived_by_is_not_proposed(post, world):
    mail = post.mail("rita", To="it-help@brand.example", Delivered_To=SUPPORT)
    row = post.take(mail, "it-help@brand.example")
    assert not post.case_of(row).open_proposals


def test_nobody_is_proposed_twice_nor_again_after_no(post, world):
    case = world.open_case("rita")
    reply_to(post, case, Cc=BOSS)
    reply_to(post, case, text="And again.", Cc=BOSS)
    assert proposed(world, case) == [BOSS]
    [row] = open_proposals(world.ctx("ana"), case)
    copies.dismiss(world.ctx("ana"), world.reload(case), row.id)
    assert "case.copy_dismissed" in world.event_names(case)
    reply_to(post, case, text="Once more.", Cc=BOSS)
    assert (proposed(world, case), world.reload(case).open_proposals, in_copy(world, case)) == ([], 0, set())
    with pytest.raises(Conflict):
        copies.accept(world.ctx("ana"), world.reload(case), row.id)


def test_the_accepted_come_into_copy_and_answer(post, world):
    case = post.case_of(post.send("rita", Cc=BOSS))
    [row] = open_proposals(world.ctx("rita"), case)
    copies.accept(world.ctx("rita"), case, row.id)
    assert world.reload(case).open_proposals == 0
    [grant] = [grant for grant in world.reload(case).grants if grant.kind == "participant"]
    assert "case.person_added" in world.event_names(case)
    assert world.row(CopyProposal, row.id).decision == "accepted"
    answer = post.send(BOSS, "I agree.", Subject=f"Re: [{case.key}]")
    assert (answer.fate, answer.user_id) == ("comment", grant.user_id), (answer.reason, answer.facts)


def test_a_proposed_stranger_stays_a_stranger(post, world):
    case = post.case_of(post.send("rita", Cc=BOSS))
    answer = post.send(BOSS, "I agree.", Subject=f"Re: [{case.key}]")
    assert (answer.fate, answer.reason) == ("quarantine", "unknown_sender")
    world.answer(case)
    [event] = [event for event in world.events_of(case) if event.name == "case.answered"]
    assert {mail.person.id for mail in case_mails(world.system(), event, world.reload(case))} == {world.rita.id}


def test_staff_make_a_contact_of_the_proposed(post, world):
    case = post.case_of(post.send("rita", Cc="Nora New <nora@acme.example>"))
    [row] = open_proposals(world.ctx("ana"), case)
    copies.accept(world.ctx("ana"), case, row.id, as_contact=True)
    [grant] = world.reload(case).grants
    [contact] = world.rows(Contact, Contact.user_id == grant.user_id)
    assert contact.organization_id == case.organization_id
    assert world.row(User, grant.user_id).name == "Nora New"


def test_a_rule_of_the_client_holds_for_the_proposed(post, world):
    world.row(Organization, world.organizations["Acme"].id).outside_copy = False
    world.session.flush()
    case = post.case_of(post.send("rita", Cc=BOSS))
    [row] = open_proposals(world.ctx("ana"), case)
    with pytest.raises(Refused):
        copies.accept(world.ctx("ana"), case, row.id)


def test_an_address_put_in_copy_by_hand_or_excluded_waits_no_more(post, world):
    case = post.case_of(post.send("rita", Cc=f"{BOSS}, jan@other.example, rest@other.example"))
    world.put_in_copy(case, BOSS, "jan@other.example")
    assert proposed(world, case) == ["rest@other.example"]
    assert world.reload(case).open_proposals == 1


def test_a_case_has_so_many_in_copy_and_no_more(post, world):
    case = world.open_case("rita")
    world.put_in_copy(case, *(f"p{n}@other.example" for n in range(PARTICIPANTS)))
    with pytest.raises(Refused, match="at most"):
        people.add_people(world.ctx("rita"), world.reload(case), ["one.more@other.example"])
    row = reply_to(post, case, Cc="mel@acme.example")
    assert row.fate == "comment", row.facts
    assert len(in_copy(world, case)) == PARTICIPANTS
    assert proposed(world, case) == ["mel@acme.example"]
    [one] = open_proposals(world.ctx("ana"), case)
    with pytest.raises(Refused, match="at most"):
        copies.accept(world.ctx("ana"), world.reload(case), one.id)


def test_the_receivers_of_a_large_mail_are_bounded(post, world):
    case = world.open_case("rita")
    for part in range(4):
        cc = ", ".join(f"p{part}.{n}@other.example" for n in range(60))
        row = reply_to(post, case, text=f"Part {part}", Cc=cc)
        assert row.fate == "comment" and row.facts["copies_left_out"] >= 40
    assert len(proposed(world, case)) == world.reload(case).open_proposals == PROPOSALS


def test_a_merge_takes_what_waits_along(post, world):
    case = post.case_of(post.send("rita", Cc=f"{BOSS}, two@other.example"))
    other = post.case_of(post.send("rita", "Another thing.", Cc=BOSS))
    links.merge(world.ctx("ana"), other, case)
    assert proposed(world, case) == [BOSS, "two@other.example"]
    assert (world.reload(case).open_proposals, world.reload(other).open_proposals) == (2, 0)


def test_others_do_not_see_whom_a_mail_proposes(post, world):
    case = world.open_case("rita", visibility="shared")
    reply_to(post, case, Cc=BOSS)
    assert proposed(world, case, "rita") == [BOSS]
    for who in ("mel", "olga", "gil", "tom"):
        assert proposed(world, case, who) == [], who
    [row] = open_proposals(world.ctx("ana"), case)
    with pytest.raises(NotFound):
        copies.dismiss(world.ctx("olga"), world.reload(case), row.id)


def test_proposals_end_with_the_originals_of_their_mails(post, world):
    case = post.case_of(post.send("rita", Cc=BOSS))
    delete_old_originals(world.system(), clock.now() - dt.timedelta(days=1), 100)
    assert proposed(world, case) == [BOSS]
    delete_old_originals(world.system(), clock.now() + dt.timedelta(days=1), 100)
    assert (proposed(world, case), world.reload(case).open_proposals) == ([], 0)


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "base"), [("ana", "/desk/cases/"), ("rita", "/cases/")])
def test_the_pages_decide(post, world, as_user, who, base):
    case = post.case_of(post.send("rita", Cc=f'"<b>Boss</b>" <{BOSS}>, two@other.example'))
    browser, here = as_user(who), f"{base}{case.key}/proposals"
    assert here in browser.get(f"{base}{case.key}").text
    page = browser.get(here)
    assert "&lt;b&gt;Boss" in page.text and "two@other.example" in page.text
    first, second = (row.id for row in open_proposals(world.ctx("ana"), case))
    assert browser.post(here, data={"accept": str(first)}).status_code == 303
    assert browser.post(here, data={"accept": str(first)}).status_code == 409
    for wrong in ({}, {"accept": "x"}, {"dismiss": "01890000"}):
        assert browser.post(here, data=wrong).status_code == 422, wrong
    assert browser.post(here, data={"dismiss": "01890000-0000-7000-8000-00000000dead"}).status_code == 404
    answer = browser.post(here, data={"dismiss": str(second)})
    assert answer.location == f"{base}{case.key}"
    assert "Nobody is waiting" in browser.get(here).text
    assert here not in browser.get(f"{base}{case.key}").text
    if who == "ana":
        history = browser.get(f"{base}{case.key}/history").text
        assert "Not put in copy: two@other.example" in history and "In the email, not in copy" in history


def test_the_pages_are_for_whoever_may_add_people(post, world, as_user):
    case = world.open_case("rita", visibility="shared")
    reply_to(post, case, Cc=BOSS)
    key = case.key
    assert as_user("mel").get(f"/cases/{key}/proposals").status_code == 403
    assert as_user("gil").get(f"/cases/{key}/proposals").status_code == 404
    assert as_user("tom").get(f"/desk/cases/{key}/proposals").status_code == 404
    assert as_user("aud").get(f"/desk/cases/{key}/proposals").status_code == 403
    page = as_user("olga").get(f"/cases/{key}/proposals")
    assert page.status_code == 200 and BOSS not in page.text
    assert "proposals" not in as_user("aud").get(f"/desk/cases/{key}").text
