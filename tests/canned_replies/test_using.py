"""Choosing a reply for a case: what is offered in which language, what sending does, and what waits meanwhile."""

import datetime as dt
import json

import pytest

from portal.canned_replies.models import CannedReplyUse
from portal.canned_replies.offers import find_offers
from portal.cases.actions import desk
from portal.cases.models import Case
from portal.identity.models import User
from tests.support.canned_replies import write_reply


def offers(world, case, q="", who="ana"):
    ctx = world.ctx(who, "staff")
    row = world.reload(case)
    return find_offers(ctx, row, row.contact_user, q).rows


def offer(world, case, q="", who="ana"):
    (found,) = offers(world, case, q, who)
    return found


def picked(browser, case, reply, **fields):
    """The composer with *reply* in it, as it comes without a script."""
    return browser.post(f"/desk/cases/{case.key}/compose", data={"with_pick": str(reply.id), **fields})


def send(browser, case, page, **fields):
    return browser.submit(page.page.form(f"/desk/cases/{case.key}/reply"), kind="reply", **fields)


# -- what is offered --------------------------------------------------------------------------------------------------


def test_the_text_has_what_is_known_of_the_case(world):
    write_reply(
        world,
        text="{contact first name}|{contact name}|{case key}|{subject}|{account}|{organization}|{agent name}|"
        "{agent first name}|{provider name}|{severity}|{case link}",
    )
    case = world.open_case("rita", subject="Blank {account} pages")
    with world.app.test_request_context(base_url=f"http://{world.northwind.host}"):
        shown = offer(world, case).text
    name = world.row(User, world.rita).name
    agent = world.row(User, world.ana).name
    text = shown.text.split("|")
    assert text[:4] == [name.split()[0], name, case.key, "Blank {account} pages"], "a subject stays text"
    assert text[4:8] == ["Acme", "Acme", agent, agent.split()[0]]
    assert text[10].endswith(f"/cases/{case.key}") and text[9]
    assert shown.missing == []


def test_the_language_is_that_of_the_contact_then_that_of_the_provider(world, app_request):
    write_reply(world, "Two", texts={"en": "Hello", "pl": "Dzień dobry"})
    case = world.open_case("rita")
    user = world.row(User, world.rita)
    for locale, expected in (("pl", ("pl", "Dzień dobry")), ("en", ("en", "Hello")), ("", ("en", "Hello"))):
        user.locale = locale
        world.session.flush()
        found = offer(world, case)
        assert (found.language, found.text.text) == expected
    user.locale = "de"
    world.session.flush()
    assert offer(world, case).language == "en"


def test_words_of_title_and_text_find_it_in_any_spelling(world, app_request):
    write_reply(world, "Prośba o zrzut", texts={"en": "A screenshot, please"})
    write_reply(world, "Other", text="Something else")
    case = world.open_case("rita")
    for q in ("prosba", "ZRZUT", "screenshot", "please zrzut"):
        assert [row.reply.title for row in offers(world, case, q)] == ["Prośba o zrzut"], q
    assert offers(world, case, "nothing of it") == [] and offers(world, case, "100%_") == []


def test_those_of_the_department_come_first_then_those_one_uses(world, app_request, as_user):
    case = world.case_in("open")
    desk.assign(world.ctx("ana"), case, owner_id=case.owner_id, department_id=world.departments["infrastructure"].id)
    often = write_reply(world, "B often")
    write_reply(world, "A never")
    write_reply(world, "Z here", department_id=world.departments["infrastructure"].id)
    ana = as_user("ana")
    assert send(ana, case, picked(ana, case, often)).status_code == 303
    assert [row.reply.title for row in offers(world, case)] == ["Z here", "B often", "A never"]


def test_the_next_answer_is_told_in_the_zone_of_the_contact(world, app_request):
    write_reply(world, text="By {next answer due}.")
    case = world.open_case("rita", severity=3)
    user = world.row(User, world.rita)
    user.zone = "Asia/Tokyo"
    world.session.flush()
    found = offer(world, case)
    if found.text.missing:
        pytest.skip("nothing is promised on this case")
    assert "(GMT+9)" in found.text.text or "JST" in found.text.text


def test_nothing_is_told_of_times_where_the_provider_shows_none(world, app_request):
    write_reply(world, text="By {next answer due}.")
    case = world.open_case("rita")
    world.system().provider.promises_shown = "state"
    world.session.flush()
    assert offer(world, case).text.missing == ["next answer due"]


# -- the composer -----------------------------------------------------------------------------------------------------


def test_the_list_for_the_script_has_texts_and_fields(world, as_user):
    reply = write_reply(world, "Ask", status="waiting")
    case = world.case_in("open")
    page = as_user("ana").get(f"/desk/cases/{case.key}/replies?q=ask", headers={"HX-Request": "true"})
    button = page.page.first("button", name="with_pick")
    assert not page.is_page
    assert button.get("value") == str(reply.id) and button.get("data-text").startswith("Hello ")
    assert json.loads(button.get("data-fields")) == {"status": "waiting"}


def test_without_a_script_the_draft_waits_and_the_text_is_added(world, as_user):
    reply = write_reply(world, text="Hello {contact first name}", status="waiting")
    case = world.case_in("open")
    ana = as_user("ana")
    composer = ana.get(f"/desk/cases/{case.key}").page.form(f"/desk/cases/{case.key}/reply")
    draft = {**composer.filled(body="What I wrote.\nTwo lines.", silent="y", kind="reply")}
    waiting = ana.post(f"/desk/cases/{case.key}/replies", data=draft)
    assert waiting.status_code == 200 and "Hello " in waiting.get_data(as_text=True)
    form = waiting.page.form(f"/desk/cases/{case.key}/compose")
    again = ana.post(f"/desk/cases/{case.key}/replies", data=form.filled(q="nothing like it"))
    assert "No reply has these words" in again.get_data(as_text=True)
    form = again.page.form(f"/desk/cases/{case.key}/compose")
    page = ana.submit(form, with_pick=str(reply.id))
    assert page.status_code == 200
    sent = page.page.form(f"/desk/cases/{case.key}/reply")
    assert sent["body"].startswith("What I wrote.\nTwo lines.\n\nHello ")
    assert sent["status"] == "waiting" and sent["silent"] == "y" and sent["with_replies"] == str(reply.id)
    assert world.messages_of(case) == [], "nothing was sent"
    assert ana.submit(sent, kind="reply", silent=None).status_code == 303
    assert world.reload(case).state == "waiting"


def test_back_without_choosing_brings_the_draft_back(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    waiting = ana.post(f"/desk/cases/{case.key}/replies", data={"body": "Half a sentence", "kind": "note"})
    page = ana.submit(waiting.page.form(f"/desk/cases/{case.key}/compose"))
    form = page.page.form(f"/desk/cases/{case.key}/reply")
    assert form["body"] == "Half a sentence" and form["kind"] == "note"


def test_a_draft_that_is_too_long_is_kept(world, as_user):
    case = world.case_in("open")
    body = "x" * 50_001
    answer = as_user("ana").post(f"/desk/cases/{case.key}/compose", data={"body": body})
    assert answer.status_code == 422 and body in answer.get_data(as_text=True)


def test_a_link_opens_the_composer_with_the_text(world, as_user):
    reply = write_reply(world)
    case = world.case_in("open")
    page = as_user("ana").get(f"/desk/cases/{case.key}/compose?with_pick={reply.id}")
    assert page.page.form(f"/desk/cases/{case.key}/reply")["body"].startswith("Hello ")


@pytest.mark.parametrize("wrong", ["nonsense", "01890000-0000-7000-8000-00000000dead"])
def test_a_reply_that_is_not_there_is_not_found(world, as_user, wrong):
    case = world.case_in("open")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/compose", data={"with_pick": wrong, "body": "x"})
    assert answer.status_code == 404


def test_replies_of_others_cannot_be_chosen(world, as_user):
    case = world.case_in("open")
    for reply in (
        write_reply(world, "Hers", text="Secret words", by="lee", shared=False),
        write_reply(world, "Theirs", text="Secret words", by="sue"),
    ):
        answer = picked(as_user("ana"), case, reply)
        assert answer.status_code == 404 and "Secret words" not in answer.get_data(as_text=True)
        listed = as_user("ana").get(f"/desk/cases/{case.key}/replies?with_replies={reply.id}")
        assert "Secret words" not in listed.get_data(as_text=True)
        as_user("ana").post(
            f"/desk/cases/{case.key}/reply",
            data={"body": "Text", "kind": "reply", "with_replies": str(reply.id), "with_macro": str(reply.id)},
        )
    assert world.rows(CannedReplyUse) == []


def test_who_may_not_answer_has_no_picker(world, as_user):
    case = world.case_in("open")
    for method in ("get", "post"):
        assert getattr(as_user("aud"), method)(f"/desk/cases/{case.key}/replies").status_code == 403
        assert getattr(as_user("aud"), method)(f"/desk/cases/{case.key}/compose").status_code == 403


# -- placeholders without a value -------------------------------------------------------------------------------------


def test_whoever_sends_is_warned_once_of_what_is_not_known(world, as_user):
    reply = write_reply(world, text="We look at {environment}.")
    case = world.case_in("open")
    assert case.environment is None
    ana = as_user("ana")
    page = picked(ana, case, reply)
    assert "Nothing is known for {environment}" in page.get_data(as_text=True)
    first = send(ana, case, page)
    assert first.status_code == 422 and world.messages_of(case) == []
    assert "send again to send the text as it is" in first.get_data(as_text=True)
    assert send(ana, case, first).status_code == 303
    assert world.messages_of(case)[-1].body == "We look at {environment}."


def test_whoever_filled_it_in_is_not_warned(world, as_user):
    reply = write_reply(world, text="We look at {environment}.")
    case = world.case_in("open")
    ana = as_user("ana")
    assert send(ana, case, picked(ana, case, reply), body="We look at the server.").status_code == 303


def test_braces_of_ones_own_are_nobodys_business(world, as_user):
    case = world.case_in("open")
    answer = as_user("ana").post(
        f"/desk/cases/{case.key}/reply", data={"body": "Write {environment} there", "kind": "reply"}
    )
    assert answer.status_code == 303


# -- macros -----------------------------------------------------------------------------------------------------------


def test_it_says_beforehand_what_follows_and_does_it(world, as_user):
    reply = write_reply(world, "Urgent", severity=2, severity_reason="It spreads", takes=True, status="in_progress")
    case = world.open_case("rita", severity=3)
    desk.assign(world.ctx("lee"), case, owner_id=world.lee.staff_id, department_id=None)
    ana = as_user("ana")
    page = picked(ana, case, reply)
    shown = page.get_data(as_text=True)
    for sentence in ("The case becomes “In progress”.", "It spreads", "You take the case over from Lee Chen."):
        assert sentence in shown
    assert send(ana, case, page).status_code == 303
    after = world.reload(case)
    assert (after.state, after.severity, after.owner_id) == ("in_progress", 2, world.ana.staff_id)
    assert after.severity_reason == "It spreads"
    assert {"case.severity_changed", "case.taken", "case.started"} <= set(world.event_names(case))


def test_severity_and_owner_are_left_out_where_the_box_is_not_ticked(world, as_user):
    reply = write_reply(world, severity=2, severity_reason="It spreads")
    case = world.case_in("open", severity=3)
    ana = as_user("ana")
    assert send(ana, case, picked(ana, case, reply), with_macro=None).status_code == 303
    assert world.reload(case).severity == 3


def test_a_case_that_nobody_owns_is_taken_by_the_box_that_is_there(world, as_user):
    reply = write_reply(world, takes=True)
    case = world.open_case("rita")
    ana = as_user("ana")
    page = picked(ana, case, reply)
    assert page.page.form(f"/desk/cases/{case.key}/reply")["take"] == "y"
    assert send(ana, case, page).status_code == 303
    assert world.reload(case).owner_id == world.ana.staff_id


def test_on_hold_brings_its_reason_and_its_day(world, as_user):
    reply = write_reply(world, status="on_hold", reason="The vendor sends a part", days=3)
    case = world.case_in("open")
    ana = as_user("ana")
    assert send(ana, case, picked(ana, case, reply)).status_code == 303
    after = world.reload(case)
    assert (after.state, after.hold_reason) == ("on_hold", "The vendor sends a part")
    assert dt.timedelta(days=2) < after.hold_until - world.ctx("ana").now < dt.timedelta(days=4)


def test_resolved_brings_how_to_check(world, as_user):
    reply = write_reply(world, status="resolved", check="Open the list again")
    case = world.case_in("open")
    ana = as_user("ana")
    assert send(ana, case, picked(ana, case, reply)).status_code == 303
    assert world.reload(case).state == "resolved"


def test_what_the_state_forbids_is_said_before_and_not_done(world, as_user):
    reply = write_reply(world, severity=2, severity_reason="So", status="waiting", takes=True)
    case = world.case_in("resolved", severity=3)
    ana = as_user("ana")
    page = picked(ana, case, reply)
    shown = page.get_data(as_text=True)
    assert "The status stays" in shown and "The severity stays" in shown
    assert "with_macro" not in shown
    assert send(ana, case, page).status_code == 303
    after = world.reload(case)
    assert (after.state, after.severity) == ("resolved", 3)


def test_a_macro_that_became_impossible_sends_nothing(world, as_user):
    """The case was resolved after the composer was drawn, and nobody spoke since: the reply alone would pass."""
    reply = write_reply(world, severity=2, severity_reason="So")
    case = world.case_in("resolved", severity=3)
    before = len(world.messages_of(case))
    answer = as_user("ana").post(
        f"/desk/cases/{case.key}/reply",
        data={"body": "My text", "kind": "reply", "with_replies": str(reply.id), "with_macro": str(reply.id)},
    )
    assert answer.status_code == 409 and "My text" in answer.get_data(as_text=True)
    assert len(world.messages_of(case)) == before and world.rows(CannedReplyUse) == []
    assert world.reload(case).severity == 3


def test_a_reply_with_a_level_that_is_gone_does_not_change_the_severity(world, app_request):
    reply = write_reply(world, severity=2, severity_reason="So")
    reply.severity = 9
    world.session.flush()
    found = offer(world, world.case_in("open"))
    assert found.used.macro == "" and "severity" not in found.fields and found.used.blocked


# -- uses -------------------------------------------------------------------------------------------------------------


def test_uses_are_counted_once_a_reply_that_was_sent(world, as_user):
    reply = write_reply(world)
    case = world.case_in("open")
    ana, lee = as_user("ana"), as_user("lee")
    page = picked(ana, case, reply)
    assert world.rows(CannedReplyUse) == [], "choosing is not sending"
    assert send(ana, case, page).status_code == 303
    assert send(ana, case, page).status_code == 303, "the same form again"
    assert send(lee, case, picked(lee, case, reply)).status_code == 303
    assert send(ana, case, picked(ana, case, reply), body="Changed").status_code == 303
    assert sorted((row.user_id, row.uses) for row in world.rows(CannedReplyUse)) == sorted(
        [(world.ana.id, 2), (world.lee.id, 1)]
    )
    listed = lee.get("/admin/replies").get_data(as_text=True)
    assert ">3</td>" in listed.replace(" ", "").replace("\n", "")


def test_two_replies_in_one_draft_count_both(world, as_user):
    one, two = write_reply(world, "One"), write_reply(world, "Two", text="Bye")
    case = world.case_in("open")
    ana = as_user("ana")
    form = picked(ana, case, one).page.form(f"/desk/cases/{case.key}/reply")
    page = ana.post(f"/desk/cases/{case.key}/compose", data={**form.filled(), "with_pick": str(two.id)})
    assert send(ana, case, page).status_code == 303
    assert {row.reply_id for row in world.rows(CannedReplyUse)} == {one.id, two.id}
    assert world.rows(Case)[0].message_count >= 1


def test_a_note_counts_nothing(world, as_user):
    reply = write_reply(world)
    case = world.case_in("open")
    ana = as_user("ana")
    form = picked(ana, case, reply).page.form(f"/desk/cases/{case.key}/reply")
    assert ana.submit(form, kind="note").status_code == 303
    assert world.messages_of(case)[-1].kind == "note" and world.rows(CannedReplyUse) == []
