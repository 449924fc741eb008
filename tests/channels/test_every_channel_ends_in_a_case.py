"""FEATURES H9: whatever way somebody takes to support, it ends in a case of theirs that says by which way it came."""

from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from portal.announcements import actions as announcements
from portal.announcements.models import Announcement
from portal.announcements.rules import AnnouncementPlace
from portal.calls.actions.calls import CallFacts, CaseOfCall, log_call
from portal.calls.queries.call_backs import open_slots
from portal.calls.queries.hotlines import lines
from portal.cases.labels import CHANNELS
from portal.cases.models import Case, Message, RequestType
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.community.models import CommunityTopic
from portal.community.queries import topics
from portal.kernel import clock
from portal.tenants.models import Account, Contact
from tests.support import community
from tests.support.announcements import write_announcement
from tests.support.chats import open_chat_hours, take_chats_as
from tests.support.hotlines import make_hotline

SUPPORT = "support@northwind.example"


def by_mail(world, as_user):
    add_mailbox(world.system(), SUPPORT)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "rita@acme.example", SUPPORT, "No paper"
    mail["Message-ID"] = "<h9@acme.example>"
    mail["Authentication-Results"] = "mx.northwind.example; dmarc=pass header.from=acme.example"
    mail.set_content("The printer has no paper.")
    take_in(world.system(), mail.as_bytes(), MailDelivery("lmtp", clock.now()), IntakeRules())


def open_in_portal(as_user, address):
    """Fill in the form at *address*, which leads to it by its first request type."""
    rita = as_user("rita")
    shown = rita.get(address)
    form = next(form for form in shown.page.forms if form.action == urlsplit(address).path)
    subject = form.filled().get("subject") or "Paper"
    answer = rita.submit(form, description="The printer has no paper.", subject=subject, severity="3")
    assert answer.status_code == 303, answer.page.text


def by_portal(world, as_user):
    open_in_portal(as_user, "/new/question?account=ACME")


def by_chat(world, as_user):
    open_chat_hours(world)
    take_chats_as(world)
    assert (
        as_user("rita").post("/chat", data={"account": "ACME", "body": "The printer has no paper."}).status_code == 303
    )


def by_phone(world, as_user):
    ctx = world.ctx("ana", "staff")
    account, kind = world.row(Account, world.acme), world.northwind.types["question"]
    person = world.rows(Contact, Contact.user_id == world.rita.id)[0]
    about = CaseOfCall(account, person.id, world.row(RequestType, kind), "Paper", "The printer has no paper.")
    log_call(ctx, CallFacts("in", 5, "talked", number="+48 600 100 200"), about)


def by_call_back(world, as_user):
    make_hotline(world)
    ctx = world.ctx("rita", "contact")
    start = open_slots(ctx, lines(ctx)[0])[0]
    wish = {"phone": "+48 600 100 200", "type": "question", "subject": "Paper", "words": "The printer has no paper."}
    answer = as_user("rita").post("/calls/new", data={**wish, "slot": start.isoformat()})
    assert answer.status_code == 303, answer.page.text


def by_community(world, as_user):
    space = community.add_space(world, "Printers")
    topic = world.row(
        CommunityTopic, community.ask(world, space, "No paper", by="rita", body="The printer has no paper.")
    )
    post = topics.question_of(world.system(), topic)
    rita = as_user("rita")
    shown = rita.get(f"/community/posts/{post.id}/case")
    answer = rita.submit(next(form for form in shown.page.forms if form.action.endswith("/case")))
    assert answer.status_code == 303, answer.page.text


def by_announcement(world, as_user):
    row = world.row(Announcement, write_announcement(world, "Printers", accounts=["ACME"], kind="outage"))
    place = AnnouncementPlace(account_id=world.acme.id, organization_id=world.acme.organization_id, environment_id=None)
    announcements.join(world.ctx("rita", "contact"), row, place, impact="The printer has no paper.")
    announcements.end(world.ctx("lee", "staff"), row, body="Paper came.")
    answer = as_user("rita").post(f"/announcements/{row.id}/answer", data={"answer": "broken"})
    query = urlsplit(answer.headers["Location"]).query
    assert "Still+broken" in query
    open_in_portal(as_user, f"/new/question?account=ACME&{query}")
    assert world.rows(Case)[-1].subject == "Still broken: Printers"


WAYS = {
    by_mail: "mail",
    by_portal: "portal",
    by_chat: "chat",
    by_phone: "phone",
    by_call_back: "phone",
    by_community: "community",
    by_announcement: "portal",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_h9_every_way_to_support_ends_in_a_case(world, as_user, way):
    before = {case.id for case in world.rows(Case)}
    way(world, as_user)
    case = next(case for case in world.rows(Case) if case.id not in before)
    assert (case.channel, case.account_id, case.contact_user_id) == (WAYS[way], world.acme.id, world.rita.id)
    words = [case.description, *(row.body for row in world.rows(Message) if row.case_id == case.id)]
    assert any("The printer has no paper." in text for text in words), "what was written is in the case"
    assert case.channel in CHANNELS
    assert case.subject in as_user("rita").get(f"/cases/ACME-{case.number}").text
    assert case.subject in as_user("ana").get(f"/desk/cases/ACME-{case.number}").text
