"""The links in mails: they act only by POST, for one person and one purpose, for a while."""

import re
from email import message_from_bytes
from email.policy import default

import pytest

from portal.cases.actions import people, reopening, resolution
from portal.cases.models import Case, CaseSubscription
from portal.notifications import mail_links
from portal.notifications.mail_links import OF_SUBSCRIBERS, Purpose, derive_link_token
from portal.notifications.models import MailChoice, OutgoingMail


def link(mail, purpose):
    return f"/a/{derive_link_token(mail.provider_id, mail.id, purpose)}"


@pytest.fixture
def solved(world, mailed):
    """A solved case of Rita, and the mail that asks her."""
    case = world.case_in("resolved", subject="Scanner offline")
    return case, mailed(case)["resolved", "rita"]


@pytest.fixture
def over(world, mailed):
    """A closed case of Rita, and the mail that says so."""
    case = world.case_in("closed", subject="Scanner offline")
    return case, mailed(case)["closed", "rita"]


def muted(world, case, who="rita"):
    person = world.person(who).id
    rows = world.rows(CaseSubscription, CaseSubscription.case_id == case.id, CaseSubscription.user_id == person)
    return any(row.mode == "mute" for row in rows)


def test_accepting_needs_no_sign_in_but_a_button(world, client, solved, events_of):
    case, mail = solved
    path = link(mail, Purpose.ACCEPT)
    shown = client().get(path)
    assert shown.status_code == 200 and "We restarted the service." in shown.page.text
    assert world.reload(case).state == "resolved"
    answer = client().post(path)
    assert answer.status_code == 303 and world.reload(case).state == "closed"
    assert "case.accepted" in events_of(case)
    assert {one.actor_user_id for one in world.events_of(case) if one.name == "case.accepted"} == {world.rita.id}
    assert "Thank you" in client().get(answer.headers["Location"]).page.text


def test_a_decision_is_made_once(world, client, solved):
    case, mail = solved
    for _press in range(2):
        answer = client().post(link(mail, Purpose.ACCEPT))
        assert answer.status_code == 303
        assert "Thank you" in client().get(answer.headers["Location"]).page.text
    other = client().post(link(mail, Purpose.REJECT), data={"reason": "Still white."})
    assert other.status_code == 409 and "Still white." in other.page.text
    assert world.reload(case).state == "closed"


TEXTS = [Purpose.REJECT, Purpose.REOPEN]


def case_for(request, purpose):
    return request.getfixturevalue("solved" if purpose is Purpose.REJECT else "over")


@pytest.mark.parametrize("purpose", TEXTS)
def test_a_decision_with_words_is_thanked_for_and_a_second_press_loses_none(
    world, client, request, travel, events_of, purpose
):
    case, mail = case_for(request, purpose)
    path = link(mail, purpose)
    travel(minutes=5)
    for _press in range(2):
        answer = client().post(path, data={"reason": "Still\r\nwhite."})
        assert answer.status_code == 303
        shown = client().get(answer.headers["Location"])
        assert shown.status_code == 200 and "We reopened the case." in shown.page.text
    other = client().post(path, data={"reason": "And it smells."})
    assert other.status_code == 409 and "We reopened the case." in other.page.text
    assert "And it smells." in other.page.text and f"/cases/{case.key}" in other.text
    assert events_of(case).count("case.rejected" if purpose is Purpose.REJECT else "case.reopened") == 1


@pytest.mark.parametrize("purpose", TEXTS)
def test_words_for_a_case_that_somebody_else_reopened_are_shown_again(world, client, request, travel, purpose):
    case, mail = case_for(request, purpose)
    path = link(mail, purpose)
    assert client().get(f"{path}?done=1").page.form(path), "the address alone says of nothing that it was done"
    travel(minutes=5)
    reopening.reopen(world.ctx("ana"), case, reason="We look again")
    answer = client().post(path, data={"reason": "Still white."})
    assert answer.status_code == 410 and "It was reopened since this email" in answer.page.text
    assert "Still white." in answer.page.text and f"/cases/{case.key}" in answer.text
    assert "We reopened the case." not in client().get(f"{path}?done=1").page.text


def test_words_about_an_earlier_solution_are_shown_again(world, client, solved, travel):
    case, mail = solved
    reopening.reopen(world.ctx("ana"), case, reason="We look again")
    travel(minutes=5)
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Another", check="Look")
    answer = client().post(link(mail, Purpose.REJECT), data={"reason": "Still white."})
    assert answer.status_code == 410 and "another solution since this email" in answer.page.text
    assert "Still white." in answer.page.text and world.reload(case).state == "resolved"


@pytest.mark.parametrize("purpose", TEXTS)
def test_words_by_a_link_that_is_too_old_are_shown_again(world, client, request, purpose):
    _case, mail = case_for(request, purpose)
    mail.created_at -= mail_links.LASTS
    world.session.flush()
    answer = client().post(link(mail, purpose), data={"reason": "Still white."})
    assert answer.status_code == 410 and "Still white." in answer.page.text


def test_rejecting_asks_for_the_reason_and_keeps_what_was_typed(world, client, solved):
    case, mail = solved
    path = link(mail, Purpose.REJECT)
    assert client().post(path, data={"reason": " "}).status_code == 422
    assert world.reload(case).state == "resolved"
    assert client().post(path, data={"reason": "Still white."}).status_code == 303
    assert world.reload(case).state == "open"


def test_a_link_belongs_to_the_solution_of_its_mail(world, client, solved, travel, run_outbox):
    case, mail = solved
    resolution.reject(world.ctx("rita"), case, reason="No")
    travel(minutes=5)
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Another", check="Look")
    answer = client().post(link(mail, Purpose.ACCEPT))
    assert answer.status_code == 410 and world.reload(case).state == "resolved"


def test_a_closed_case_is_reopened_from_its_mail(world, client, over):
    case, mail = over
    path = link(mail, Purpose.REOPEN)
    assert "Reopen" in client().get(path).page.text
    assert client().post(path, data={"reason": "It is back."}).status_code == 303
    assert world.reload(case).state == "open"


def test_where_a_closed_case_opens_a_new_one_a_link_opens_one(world, client, over):
    case, mail = over
    world.system().provider.after_close = "new_case"
    before = len(world.rows(Case))
    path = link(mail, Purpose.REOPEN)
    for reason, status in (("It is back.", 303), ("It is back.", 303), ("Really now.", 409)):
        answer = client().post(path, data={"reason": reason})
        assert answer.status_code == status
    assert "Really now." in answer.page.text
    shown = client().get(path)
    [new] = world.rows(Case, Case.description == "It is back.")
    assert "We opened a linked case for you." in shown.page.text and f"/cases/ACME-{new.number}" in shown.text
    assert len(world.rows(Case)) == before + 1 and world.reload(case).state == "closed"


def test_a_case_is_muted_and_heard_of_again(world, client, solved):
    case, mail = solved
    path = link(mail, Purpose.MUTE)
    client().get(path)
    assert not muted(world, case)
    assert client().post(path, data={"muted": "yes"}).status_code == 303 and muted(world, case)
    shown = client().get(path).page
    assert shown.form(path)["muted"] == "no"
    assert client().post(path, data={"muted": "no"}).status_code == 303 and not muted(world, case)


def test_one_click_mutes_this_case_and_nothing_else(world, client, solved, run_outbox, post_office):
    """RFC 8058: the mail program posts without a cookie and without a form token."""
    case, mail = solved
    other = world.open_case("rita")
    browser = client()
    answer = browser.post(link(mail, Purpose.MUTE), data={"List-Unsubscribe": "One-Click"}, csrf=False)
    assert (answer.status_code, answer.data) == (200, b"") and muted(world, case) and not muted(world, other)
    assert world.rows(MailChoice) == []
    again = {"List-Unsubscribe": "One-Click", "muted": "no"}
    assert browser.post(link(mail, Purpose.MUTE), data=again, csrf=False).status_code == 200
    assert muted(world, case), "one click never ends a mute"


@pytest.mark.parametrize("purpose", [Purpose.ACCEPT, Purpose.REJECT, Purpose.REOPEN])
def test_one_click_decides_nothing(world, client, solved, purpose):
    case, mail = solved
    data = {"List-Unsubscribe": "One-Click", "reason": "No"}
    assert client().post(link(mail, purpose), data=data, csrf=False).status_code == 404
    assert world.reload(case).state == "resolved"


def test_a_mail_says_how_to_unsubscribe(world, post_office, run_outbox):
    world.open_case("rita")
    run_outbox()
    [sent] = [message_from_bytes(one.as_bytes(), policy=default) for one in post_office.sent]
    [mail] = world.rows(OutgoingMail)
    site = "http://northwind.localhost:8000"
    assert sent["List-Unsubscribe"] == f"<{site}{link(mail, Purpose.MUTE)}>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_database_and_the_administration_hold_no_usable_link(world, as_user, solved, monkeypatch):
    _case, mail = solved
    for purpose in Purpose:
        assert derive_link_token(mail.provider_id, mail.id, purpose) not in mail.text + mail.html
    shown = as_user("ada").get(f"/admin/mail/{mail.id}").page.text
    assert mail_links.link_mark(mail.id, Purpose.ACCEPT) not in shown and "not shown here" in shown


def test_who_may_not_see_the_case_any_more_gets_nothing_by_a_link(world, client, solved):
    case, mail = solved
    world.exclude(case, "rita")
    for purpose in set(Purpose) - OF_SUBSCRIBERS:
        assert client().get(link(mail, purpose)).status_code == 404
        assert client().post(link(mail, purpose), data={"reason": "No"}).status_code == 404


def test_who_may_not_decide_is_told_so_before_they_press(world, client, solved):
    """Rita was asked as the contact; now she is only in copy."""
    case, mail = solved
    case.contact_id, case.contact_user_id, case.reported_by_id = world.mel.contact_id, world.mel.id, world.mel.id
    world.session.flush()
    world.put_in_copy(case, "rita@acme.example")
    for purpose in (Purpose.ACCEPT, Purpose.REJECT):
        shown = client().get(link(mail, purpose)).page
        assert not shown.forms and "It needs: " in shown.text and "Contact of the case" in shown.text
        pressed = client().post(link(mail, purpose), data={"reason": "Unbearable"})
        assert pressed.status_code == 403 and not pressed.page.forms and "Unbearable" in pressed.page.text
    assert client().get(link(mail, Purpose.MUTE)).page.forms and world.reload(case).state == "resolved"


def test_a_page_without_sign_in_shows_no_words_where_somebody_is_kept_out(world, client, solved):
    case, mail = solved
    world.exclude(case, "mel")
    shown = client().get(link(mail, Purpose.ACCEPT)).page.text
    assert case.key in shown and "Scanner offline" not in shown and "We restarted" not in shown


def test_a_link_is_too_old_after_a_month(world, client, solved, travel):
    case, mail = solved
    mail.created_at -= mail_links.LASTS
    world.session.flush()
    for purpose in set(Purpose) - {Purpose.CHOOSE, Purpose.NO_MORE} - OF_SUBSCRIBERS:
        assert client().get(link(mail, purpose)).status_code == 410
        assert client().post(link(mail, purpose), data={"reason": "No"}).status_code == 410
    assert world.reload(case).state == "resolved" and not muted(world, case)


def test_no_token_is_made_by_changing_one(world, client, solved):
    _case, mail = solved
    token = derive_link_token(mail.provider_id, mail.id, Purpose.MUTE)
    other = derive_link_token(mail.provider_id, mail.id, Purpose.ACCEPT)
    foreign = derive_link_token(world.southgate.id, mail.id, Purpose.MUTE)
    mixed = other[:23] + token[23:]
    for wrong in (token[:-1], token + "A", token.swapcase(), mixed, foreign, "x", "x" * 44, "ł" * 44, "%00" * 9):
        assert client().get(f"/a/{wrong}").status_code == 404, wrong


def test_staff_mute_from_their_mail_too(world, client, mailed):
    case = world.open_case("rita", severity=1)
    mail = next(row for row in mailed(case).values() if row.kind == "staff_news")
    who = re.match(r"[a-z]+", mail.recipient)[0]
    assert client().post(link(mail, Purpose.MUTE), data={"muted": "yes"}).status_code == 303
    assert muted(world, case, who)
    assert f"/desk/cases/{case.key}" in client().get(link(mail, Purpose.MUTE)).text


def test_muting_by_a_link_keeps_the_end_of_the_case(world, client, mailed):
    case = world.open_case("rita")
    assert client().post(link(mailed(case)["opened", "rita"], Purpose.MUTE), data={"muted": "yes"}).status_code == 303
    world.answer(world.reload(case))
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Done", check="Look")
    kinds = {kind for kind, who in mailed(case) if who == "rita"}
    assert "answered" not in kinds and "resolved" in kinds
    people.subscribe(world.ctx("rita"), world.reload(case), "")
