"""FEATURES F4 and N15: affected people are told of an announcement, its updates and its end, if they want it."""

from portal.announcements import actions
from portal.announcements.models import Announcement
from portal.notifications.actions import choose_mails
from portal.notifications.models import Notification, OutgoingMail
from portal.notifications.rules import Topic
from tests.support.announcements import account_target


def told(world):
    """Who has a mail about an announcement, by the kind of what happened: address → subjects."""
    found = {}
    for mail in world.rows(OutgoingMail, OutgoingMail.kind == "announcement"):
        found.setdefault(mail.recipient.partition("@")[0], []).append(mail.subject)
    return found


def test_F4_the_affected_are_told_of_beginning_updates_and_end(world, announce, run_outbox):
    row = announce("The VPN is down", accounts=["GLOBEX"])
    run_outbox()
    assert told(world) == {who: ["Outage: The VPN is down"] for who in ("gil", "gina")}
    actions.write_update(world.ctx("lee"), row, body="A part is on its way.", rhythm=60)
    run_outbox()
    actions.end(world.ctx("lee"), world.row(Announcement, row), body="The part is in.")
    run_outbox()
    subjects = ["Outage: The VPN is down", "Update on Outage: The VPN is down", "Ended: Outage: The VPN is down"]
    assert told(world) == dict.fromkeys(("gil", "gina"), subjects)
    texts = [mail.text for mail in world.rows(OutgoingMail, OutgoingMail.kind == "announcement")]
    assert any("A part is on its way." in text for text in texts)
    assert any("The part is in." in text for text in texts)
    assert all(f"/announcements/{row.id}" in text for text in texts)


def test_F4_whoever_does_not_want_it_reads_it_at_the_bell(world, announce, run_outbox, as_user):
    choose_mails(world.ctx("gil", "contact"), {Topic.ANNOUNCEMENTS: False})
    row = announce("The VPN is down", accounts=["GLOBEX"])
    run_outbox()
    assert set(told(world)) == {"gina"}
    bell = as_user("gil").get("/notifications").text
    assert "There is an outage" in bell
    assert f'href="/announcements/{row.id}"' in bell
    assert "There is an outage" not in as_user("rita").get("/notifications").text


def test_F4_a_silent_announcement_is_mailed_to_nobody(world, announce, run_outbox):
    announce("New prices", kind="notice", accounts=["GLOBEX"], mailed=False)
    run_outbox()
    assert not told(world)
    assert len(world.rows(Notification, Notification.reason == "affected_place")) == 2


def test_F4_everybody_is_told_once(world, announce, run_outbox):
    announce("Office closed", kind="notice")
    run_outbox()
    run_outbox()
    found = told(world)
    assert {"rita", "piotr", "gil", "gina", "olga"} <= set(found)
    assert all(len(subjects) == 1 for subjects in found.values())
    assert found["piotr"] == ["Komunikat: Office closed"]


def test_F4_who_is_no_longer_affected_gets_no_mail(world, announce, run_outbox):
    row = announce("The VPN is down", accounts=["GLOBEX"])
    facts = actions.AnnouncementFacts(
        kind=row.kind, title=row.title, body=row.body, targets=[account_target(world, "ACME")], starts_at=row.starts_at
    )
    actions.change(world.ctx("lee"), row, facts)
    run_outbox()
    assert not told(world), "whom it does not reach when the mail is written"


def test_F4_a_late_update_reminds_its_author(world, announce, run_outbox, travel):
    announce("The VPN is down", rhythm=60)
    travel(hours=1.1)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.kind == "announcement_due")
    assert [mail.recipient for mail in mails] == ["lee@northwind.example"]
    assert "/desk/announcements/" in mails[0].text


def test_F4_without_its_author_the_leads_and_administrators_are_reminded(world, announce, run_outbox, travel):
    row = announce("The VPN is down", rhythm=60)
    row.author_id = world.ana.id  # who may not write announcements
    world.session.flush()
    travel(hours=1.1)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.kind == "announcement_due")
    assert {mail.recipient.partition("@")[0] for mail in mails} == {"lee", "ada"}
