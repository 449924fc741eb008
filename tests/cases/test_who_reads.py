"""Nobody writes into the void: who reads a case is known before, and said after; nothing waits for nobody."""

import pytest

from portal.authz.roles import ContactRole
from portal.cases.actions import conversation, desk, people
from portal.cases.models import CaseSubscription
from portal.kernel import mail
from portal.kernel.errors import Refused
from portal.notifications.models import Notification, OutgoingMail
from portal.tenants.actions import contacts
from portal.tenants.models import Contact, Organization, StaffMember


def end(world, who):
    contacts.end_contact(world.ctx("ada"), world.row(Contact, world.person(who).contact_id))


def move(world, who, key):
    """*who* works in another account of their company from now on."""
    contact = world.row(Contact, world.person(who).contact_id)
    grants = [contacts.Grant(world.accounts[key].id, None, ContactRole.REQUESTER)]
    contacts.change_access(world.ctx("ada"), contact, grants=grants)


def send(as_user, case, **data):
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": "Restart it", **data})
    assert answer.status_code == 303, answer.page.text
    return as_user("ana").get(answer.headers["Location"]).page.text


def test_the_notice_names_everybody_who_is_mailed(world, as_user):
    case = world.open_case("cora", contact="jan", cc=["mel@acme.example"])
    assert "Your reply was sent to Jan Nowak, Cora Whitfield, Mel Harper." in send(as_user, case)


def test_the_composer_says_before_that_nobody_reads_and_who_could(world, as_user):
    case = world.case_in("open", by="rita")
    end(world, "rita")
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    assert "Rita Costa cannot read this case any more" in page.text and "nobody will read your reply" in page.text
    assert "These people could take it over: Cora Whitfield" in page.text
    assert f"/desk/cases/{case.key}/edit" in page.links
    assert "waiting" not in [radio.get("value") for radio in page.all("input", name="status")]
    assert "Add to the case" in page.text and "Send to Rita" not in page.text
    text = send(as_user, case)
    assert "nobody on the customer's side gets it" in text and "sent to" not in text
    assert [m.kind for m in world.rows(OutgoingMail, OutgoingMail.case_id == case.id)] == []


@pytest.mark.parametrize(
    ("state", "page"),
    [
        *(("open", f"status?set={chosen}") for chosen in ("waiting", "on_hold", "resolved", "closed")),
        *(("open", page) for page in ("update", "severity", "close")),
        ("closed", "reopen"),
    ],
)
def test_the_page_of_a_public_text_says_so_too(world, as_user, state, page):
    """Without scripts, Ask, Hold and Resolve are pages of their own."""
    case = world.case_in(state, by="rita")
    path = f"/desk/cases/{case.key}/{page}"
    assert "cannot read this case" not in as_user("ana").get(path).page.text
    end(world, "rita")
    text = as_user("ana").get(path).page.text
    assert "Rita Costa cannot read this case any more" in text and "nobody will read your reply" in text
    assert "Cora Whitfield" in text


def test_with_a_reporter_left_the_reply_goes_to_them(world, as_user):
    case = world.open_case("cora", contact="jan")
    end(world, "jan")
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    assert "Jan Nowak cannot read this case any more" in page.text and "Send to Cora" in page.text
    assert "Your reply was sent to Cora Whitfield." in send(as_user, case)


def test_a_question_that_nobody_can_answer_is_refused_and_no_clock_pauses(world, as_user):
    case = world.case_in("open", by="rita")
    end(world, "rita")
    with pytest.raises(Refused):
        desk.ask(world.ctx("ana"), world.reload(case), question="Which one?")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": "Which one?", "status": "waiting"})
    assert answer.status_code == 422 and "Which one?" in answer.page.text
    assert world.reload(case).state == "open"


def test_a_case_that_waits_goes_on_when_the_last_who_could_answer_leaves(world, run_outbox):
    case = world.case_in("waiting", by="rita")
    end(world, "rita")
    assert world.reload(case).state == "in_progress"
    run_outbox()
    assert world.rows(Notification, Notification.case_id == case.id, Notification.user_id == world.ana.id)


def test_a_case_that_waits_goes_on_waiting_while_somebody_can_answer(world):
    case = world.open_case("cora", contact="jan")
    desk.ask(world.ctx("ana"), case, question="Which one?")
    end(world, "jan")
    assert world.reload(case).state == "waiting"


def asked_with_a_copy(world, who="mel"):
    """A case that waits for an answer and that only *who*, in copy, reads: its contact is gone."""
    case = world.open_case("rita", cc=[f"{who}@acme.example"])
    end(world, "rita")
    desk.ask(world.ctx("ana"), world.reload(case), question="Which one?")
    return world.reload(case)


def drop(world, case, by):
    (grant,) = case.grants
    people.remove_person(world.ctx(by), case, grant.id)


@pytest.mark.parametrize(
    "lose",
    [
        lambda world, case: drop(world, case, "ana"),
        lambda world, case: drop(world, case, "mel"),
        lambda world, case: people.exclude(world.ctx("ana"), case, world.mel.id),
        lambda world, case: end(world, "mel"),
    ],
    ids=["taken out of copy", "leaves the copy", "excluded", "ended"],
)
def test_a_case_that_waits_goes_on_when_the_last_in_copy_is_lost(world, lose):
    case = asked_with_a_copy(world)
    lose(world, case)
    assert world.reload(case).state == "in_progress"
    assert world.events_of(case)[-1].name == "case.started" and world.events_of(case)[-1].facts["nobody_answers"]


def test_a_case_that_waits_for_somebody_else_goes_on_waiting_without_the_copy(world):
    case = world.open_case("rita", cc=["mel@acme.example"])
    desk.ask(world.ctx("ana"), case, question="Which one?")
    drop(world, world.reload(case), "ana")
    assert world.reload(case).state == "waiting"


def test_an_archived_organization_is_waited_for_no_more(world):
    from portal.tenants.actions.organizations import change_organization

    case = world.case_in("waiting", by="rita")
    change_organization(world.ctx("ada"), world.row(Organization, world.organizations["Acme"]), active=False)
    assert world.reload(case).state == "in_progress"


def test_who_moves_to_another_account_goes_on_with_what_they_opened(world, as_user, run_outbox):
    own = world.open_case("rita", subject="Scanner offline")
    other = world.open_case("mel", subject="Not for Rita", visibility="shared")
    move(world, "rita", "ACMEPL")
    assert "Scanner offline" in as_user("rita").get(f"/cases/{own.key}").page.text
    assert as_user("rita").get(f"/cases/{other.key}").status_code == 404
    assert as_user("rita").post(f"/cases/{own.key}/replies", data={"body": "Still there"}).status_code == 303
    assert "Your reply was sent to Rita Costa." in send(as_user, own)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == own.id, OutgoingMail.kind == "answered")
    assert [m.recipient for m in mails] == ["rita@acme.example"]
    assert "Not for Rita" not in as_user("rita").get("/cases?tab=all&status=any").page.text


def test_who_is_not_mailed_is_said_to_read_it_on_the_portal(world, as_user):
    from portal.notifications.models import MailChoice

    case = world.open_case("rita")
    world.session.add(MailChoice(provider_id=world.northwind.id, user_id=world.rita.id, topic="answers", mailed=False))
    world.session.flush()
    text = send(as_user, case)
    assert "Rita Costa can read it on the portal and was not emailed." in text and "was sent to" not in text


def test_who_answers_a_case_that_nobody_owns_follows_it_or_takes_it(world, as_user, run_outbox):
    case = world.open_case("rita")
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    assert page.first("input", name="take").get("type") == "checkbox"
    send(as_user, case)
    assert [row.mode for row in world.rows(CaseSubscription, CaseSubscription.user_id == world.ana.id)] == ["follow"]
    conversation.reply(world.ctx("rita", "contact"), world.reload(case), body="Done, still the same")
    run_outbox()
    reasons = {row.reason for row in world.rows(Notification, Notification.user_id == world.ana.id)}
    assert "follower" in reasons
    other = world.open_case("rita")
    send(as_user, other, take="y")
    assert world.reload(other).owner.user_id == world.ana.id
    assert not as_user("ana").get(f"/desk/cases/{other.key}").page.all("input", name="take")


@pytest.mark.parametrize(
    ("data", "owner", "status"),
    [
        ({}, None, 303),
        ({"owner": "lee"}, "lee", 303),
        ({"owner": "keep", "keep_reason": "I am in the middle of it"}, "ana", 303),
        ({"owner": "keep"}, "ana", 422),
    ],
)
def test_a_hand_over_changes_the_owner_or_says_why_not(world, as_user, data, owner, status):
    case = world.case_in("open", staff="ana")
    if data.get("owner") == "lee":
        data = {"owner": str(world.row(StaffMember, world.lee.staff_id).id)}
    answer = as_user("ana").post(f"/desk/cases/{case.key}/escalate", data={"tier": "2", "note": "Deep", **data})
    assert answer.status_code == status
    got = world.reload(case).owner
    assert (got.user_id if got else None) == (world.person(owner).id if owner else None)


def test_an_owner_of_the_new_tier_stays(world):
    case = world.case_in("open", staff="lee")
    desk.escalate(world.ctx("ana"), case, tier=3, note="Deep")
    assert world.reload(case).owner.user_id == world.lee.id


def test_mails_can_be_answered_is_said_only_where_a_mailbox_is_read(world, as_user, monkeypatch):
    sentence = "You can answer every email about a case"
    assert sentence not in as_user("rita").get("/support").page.text
    monkeypatch.setattr(mail, "_reads_mail", (lambda ctx: True,))
    assert sentence in as_user("rita").get("/support").page.text


def test_the_clients_composer_says_before_that_a_colleague_reads_no_more(world, as_user):
    case = world.open_case("rita", visibility="shared", cc=["mel@acme.example"])
    addresses = (f"/cases/{case.key}", f"/cases/{case.key}/replies")
    for who in ("olga", "mel"):
        for path in addresses:
            assert "cannot read this case" not in as_user(who).get(path).page.text
    end(world, "rita")
    world.session.flush()
    person = f"/org/acme/people/{world.rita.contact_id}"
    for who in ("olga", "mel"):
        for path in addresses:
            page = as_user(who).get(path).page
            assert "Rita Costa cannot read this case any more" in page.text and "They left Acme." in page.text
            assert (person in page.links) == (who == "olga"), who
    assert as_user("mel").post(f"/cases/{case.key}/replies", data={"body": "Still down"}).status_code == 303
    page = as_user("olga").get(person).page
    assert as_user("olga").submit(page.form(person), hand_to=str(world.mel.contact_id)).status_code == 303
    assert "cannot read this case" not in as_user("mel").get(addresses[0]).page.text  # who took it over knows
    page = as_user("olga").get(addresses[0]).page
    assert "Rita Costa cannot read this case any more" in page.text and person not in page.links


def test_the_clients_composer_names_a_reporter_who_left(world, as_user):
    case = world.open_case("cora", contact="jan", visibility="shared")
    end(world, "cora")
    world.session.flush()
    page = as_user("olga").get(f"/cases/{case.key}").page
    assert "Cora Whitfield cannot read this case any more" in page.text
    assert f"/org/acme/people/{world.cora.contact_id}" not in page.links  # the contact is somebody else


def test_an_outsider_in_copy_is_not_told_who_left(world, as_user):
    case = world.open_case("rita", cc=["gil@globex.example"])
    end(world, "rita")
    world.session.flush()
    page = as_user("gil").get(f"/cases/{case.key}").page
    assert page.first("textarea", name="body") and "cannot read this case" not in page.text


def test_who_cannot_answer_is_told_nothing_about_it(world, as_user):
    case = world.open_case("rita", visibility="shared")
    end(world, "rita")
    world.session.flush()
    page = as_user("mel").get(f"/cases/{case.key}").page  # who may only read what is shared
    assert not page.all("textarea", name="body") and "cannot read this case" not in page.text


def test_the_desks_composer_leaves_out_a_reporter_who_is_excluded(world, as_user):
    case = world.open_case("cora", contact="jan", visibility="shared")
    assert "Send to Jan + 1" in as_user("ana").get(f"/desk/cases/{case.key}").page.text
    people.exclude(world.ctx("ana"), case, world.cora.id)
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    assert "Send to Jan" in page.text and "Send to Jan + 1" not in page.text
    assert "cannot read this case" not in as_user("olga").get(f"/cases/{case.key}").page.text  # no word to colleagues
