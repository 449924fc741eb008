"""A link in mails about announcements and about the community ends mails of that kind, with one click."""

import pytest

from portal.announcements import actions as announcements
from portal.kernel import ids
from portal.notifications import actions
from portal.notifications.mail_links import Purpose, derive_link_token
from portal.notifications.models import MailChoice, OutgoingMail, QuietHours
from portal.notifications.rules import ENDED_BY_LINK, Topic
from portal.tenants.actions.contacts import end_contact
from portal.tenants.models import Contact
from tests.support.announcements import write_announcement
from tests.support.community import add_space, ask, reply

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def mail_to(world, who, kind):
    found = world.rows(OutgoingMail, OutgoingMail.kind == kind, OutgoingMail.user_id == world.person(who).id)
    return max(found, key=lambda row: row.id) if found else None


def link(mail, purpose=Purpose.NO_MORE):
    return f"/a/{derive_link_token(mail.provider_id, mail.id, purpose)}"


def choices(world, who):
    return {row.topic: row.mailed for row in world.rows(MailChoice, MailChoice.user_id == world.person(who).id)}


@pytest.fixture(params=["announcement", "community_news"])
def mailed(request, world, run_outbox, post_office):
    """A mail of each kind to Rita, and how its next one comes about."""
    topic = ask(world, add_space(world))

    def cause():
        if request.param == "announcement":
            write_announcement(world, "Down", accounts=["ACME"])
        else:
            reply(world, topic, f"Answer {ids.new_id()}", by="gil")

    def again():
        own = (OutgoingMail.user_id == world.rita.id, OutgoingMail.kind == request.param)
        before = len(world.rows(OutgoingMail, *own))
        cause()
        run_outbox()
        return len(world.rows(OutgoingMail, *own)) - before

    assert again() == 1
    return mail_to(world, "rita", request.param), again


def test_one_click_ends_mails_of_this_kind_and_nothing_else(world, client, mailed):
    mail, again = mailed
    actions.choose_mails(world.ctx("rita", "contact"), {Topic.ANSWERS: False}, (22, 6))
    answer = client().post(link(mail), data=ONE_CLICK, csrf=False)
    assert (answer.status_code, answer.data) == (200, b""), "a mail program follows no redirect"
    assert choices(world, "rita") == {"answers": False, str(ENDED_BY_LINK[mail.kind]): False}
    assert world.rows(QuietHours), "the hours without mails stay"
    assert again() == 0
    assert client().post(link(mail), data=ONE_CLICK | {"muted": "no"}, csrf=False).status_code == 200
    assert not choices(world, "rita")[str(ENDED_BY_LINK[mail.kind])], "one click never begins"


def test_looking_changes_nothing_and_the_button_goes_both_ways(world, client, mailed, as_user):
    mail, again = mailed
    browser, path, name = client(), link(mail), str(ENDED_BY_LINK[mail.kind])
    for _look in range(2):
        shown = browser.get(path)
        assert "Unsubscribe" in shown.text and shown.page.form(path)["muted"] == "yes"
    assert not choices(world, "rita")
    assert browser.post(path, data={"muted": "yes"}, csrf=False).status_code != 303
    assert not choices(world, "rita")
    assert browser.post(path, data={"muted": "yes"}).status_code == 303
    assert choices(world, "rita") == {name: False}
    assert "checked" not in as_user("rita").get("/me/notifications").page.first(id=name).attributes
    assert "You get no more of these emails" in browser.get(path).text
    assert browser.post(path, data={"muted": "no"}).status_code == 303
    assert choices(world, "rita") == {name: True}
    assert again() == 1


def test_the_mail_says_so_in_its_headers_and_its_text(world, mailed, post_office):
    mail, _again = mailed
    (sent,) = [one for one in post_office.sent if one["Message-ID"] == mail.message_id]
    path = link(mail)
    assert sent["List-Unsubscribe"].endswith(f"{path}>")
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert path in sent.get_body((kind,)).get_content()
    assert path not in mail.text + mail.html, "the database holds no usable link"


def test_a_link_is_of_one_provider_kind_and_mail(world, client, mailed, run_outbox):
    mail, _again = mailed
    for other in Purpose:
        if other is not Purpose.NO_MORE:
            answer = client().post(link(mail, other), data=ONE_CLICK, csrf=False, checked=False)
            assert answer.status_code in (200, 404), other
    assert client(host=world.southgate.host).post(link(mail), data=ONE_CLICK, csrf=False).status_code == 404
    wrong = derive_link_token(world.southgate.id, mail.id, Purpose.NO_MORE)
    assert client().post(f"/a/{wrong}", data=ONE_CLICK, csrf=False).status_code == 404
    assert client().get(f"/a/{derive_link_token(mail.provider_id, ids.new_id(), Purpose.NO_MORE)}").status_code == 404
    case = world.open_case("rita")
    run_outbox()
    (opened,) = world.rows(OutgoingMail, OutgoingMail.case_id == case.id)
    assert client().post(link(opened), data=ONE_CLICK, csrf=False).status_code == 404
    assert not choices(world, "rita")


def test_it_works_after_a_year_and_for_who_left(world, client, mailed, travel):
    mail, _again = mailed
    travel(days=365)
    assert client().get(link(mail)).status_code == 200
    end_contact(world.ctx("ada"), world.row(Contact, world.rita.contact_id))
    assert client().post(link(mail), data=ONE_CLICK, csrf=False).status_code == 200
    assert choices(world, "rita") == {str(ENDED_BY_LINK[mail.kind]): False}


def test_who_follows_an_announcement_is_not_mailed_about_it_any_more(world, client, run_outbox, post_office):
    row = write_announcement(world, "Down", accounts=["ACME"])
    announcements.follow(world.ctx("rita", "contact"), row, "follow")
    run_outbox()
    mail = mail_to(world, "rita", "announcement")
    assert client().post(link(mail), data=ONE_CLICK, csrf=False).status_code == 200
    announcements.write_update(world.ctx("lee"), row, body="B", rhythm=0)
    run_outbox()
    assert mail_to(world, "rita", "announcement").id == mail.id
