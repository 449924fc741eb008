"""Answers and notes: what is said, to whom, and that nothing crosses in the mail."""

import io

import pytest


def composer(browser, case):
    return browser.get(f"/desk/cases/{case.key}").page.form(f"/desk/cases/{case.key}/reply")


def send(browser, case, **fields):
    return browser.post(f"/desk/cases/{case.key}/reply", data=fields)


def test_an_answer_is_public_and_opens_a_new_case(world, as_user):
    case = world.open_case("rita")
    ana = as_user("ana")
    answer = ana.submit(composer(ana, case), body="We are on it.", kind="reply", status="", silent=None, note=None)
    assert answer.status_code == 303
    assert case.state == "open" and world.messages_of(case)[-1].kind == "reply"
    assert "We are on it." in as_user("rita").get(f"/cases/{case.key}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("status", "fields", "event"),
    [
        ("waiting", {}, "case.asked"),
        ("in_progress", {}, "case.started"),
        ("resolved", {"check": "Look again"}, "case.resolved"),
        ("on_hold", {"reason": "The vendor sends a part", "until": "2099-01-01"}, None),
        ("closed", {}, "case.closed"),
        ("keep", {}, "case.answered"),
    ],
)
def test_an_answer_may_carry_the_next_status(world, as_user, status, fields, event):
    case = world.case_in("open")
    answer = send(as_user("ana"), case, body="Here is what happens next.", status=status, **fields)
    if status == "on_hold":  # farther than a year away
        assert answer.status_code == 422 and case.state == "open" and world.messages_of(case) == []
        assert "Here is what happens next." in answer.get_data(as_text=True)
        return
    assert answer.status_code == 303
    assert case.state == {"keep": "open"}.get(status, status) and event in world.event_names(case)


def test_holding_keeps_the_reason_and_the_date(world, as_user):
    case = world.case_in("open")
    until = (world.ctx("ana").now.date().replace(day=1)).isoformat()
    assert send(as_user("ana"), case, body="We wait.", status="on_hold", reason="", until=until).status_code == 422
    day = world.ctx("ana").now.date().toordinal() + 10
    import datetime as dt

    good = dt.date.fromordinal(day).isoformat()
    assert (
        send(as_user("ana"), case, body="We wait.", status="on_hold", reason="The vendor", until=good).status_code
        == 303
    )
    assert (case.state, case.hold_reason) == ("on_hold", "The vendor")
    assert [m.body for m in world.messages_of(case)] == ["We wait."]


@pytest.mark.parametrize("status", ["new", "nonsense", "open", "<script>"])
def test_a_status_that_cannot_be_set_is_refused_and_says_nothing(world, as_user, status):
    case = world.case_in("in_progress")
    answer = send(as_user("ana"), case, body="Kept words", status=status)
    assert answer.status_code == 422 and "Kept words" in answer.get_data(as_text=True)
    assert world.messages_of(case) == [] and case.state == "in_progress"


def test_an_empty_answer_is_refused(world, as_user):
    case = world.case_in("open")
    answer = send(as_user("ana"), case, body="  ")
    assert answer.status_code == 422 and "Write the reply" in answer.get_data(as_text=True)


def test_a_refused_answer_keeps_its_files(world, as_user):
    case = world.case_in("open")
    data = {"body": "", "status": "waiting", "attachments": (io.BytesIO(b"log line"), "log.txt")}
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data=data)
    staged = answer.page.first("input", name="staged").get("value")
    assert answer.status_code == 422 and "log.txt" in answer.get_data(as_text=True)
    assert send(as_user("ana"), case, body="With the file", staged=staged).status_code == 303
    page = as_user("rita").get(f"/cases/{case.key}")
    assert any("log.txt" in link for link in page.page.links)


def test_the_same_press_twice_says_it_once(world, as_user):
    case = world.case_in("open")
    for _n in range(2):
        assert send(as_user("ana"), case, body="Once", status="in_progress", once="abc").status_code == 303
    assert len(world.messages_of(case)) == 1 and case.state == "in_progress"


@pytest.mark.check(49, "409, nothing sent")
def test_somebody_was_faster_nothing_is_sent_and_the_words_are_kept(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    form = composer(ana, case)
    world.reply(case, "It works again, forget it", by="rita")
    answer = ana.submit(form, body="My long answer", kind="reply", status="", silent=None)
    text = answer.page.first("main").text
    assert answer.status_code == 409
    assert "Rita Costa answered while you were writing" in text and "It works again, forget it" in text
    assert "My long answer" in answer.get_data(as_text=True)
    assert [m.body for m in world.messages_of(case)] == ["It works again, forget it"]
    again = answer.page.form(f"/desk/cases/{case.key}/reply")
    assert ana.submit(again, body="My long answer", kind="reply", status="", silent=None).status_code == 303
    assert world.messages_of(case)[-1].body == "My long answer"


def test_what_was_seen_at_the_conflict_can_be_sent_without_insisting(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    form = composer(ana, case)
    world.answer(case, "Lee was here", by="lee")
    stopped = ana.submit(form, body="Mine", kind="reply", status="", silent=None)
    assert stopped.status_code == 409
    fresh = stopped.page.form(f"/desk/cases/{case.key}/reply")
    assert ana.submit(fresh, body="Mine", kind="reply", status="", silent=None).status_code == 303


def test_a_note_or_another_property_does_not_stop_an_answer(world, as_user):
    case = world.case_in("open")
    ana = as_user("ana")
    form = composer(ana, case)
    world.note(case, "Only among us", by="lee")
    as_user("lee").post(f"/desk/cases/{case.key}/take")
    assert ana.submit(form, body="Still fine", kind="reply", status="", silent=None).status_code == 303


def test_an_old_version_alone_stops_too(world, as_user):
    case = world.case_in("open")
    world.reply(case)
    answer = send(as_user("ana"), case, body="Kept words", version="1")
    assert answer.status_code == 409 and "Kept words" in answer.get_data(as_text=True)
    assert len(world.messages_of(case)) == 1


def test_a_case_that_ended_meanwhile_stops_an_answer(world, as_user):
    case = world.case_in("resolved")
    ana = as_user("ana")
    form = composer(ana, case)
    as_user("rita").post(f"/cases/{case.key}/resolution/accept")
    answer = ana.submit(form, body="One more thing", kind="reply", status="", silent=None)
    assert answer.status_code == 409 and "Closed" in answer.page.first("main").text and case.state == "closed"


def test_answering_a_closed_case_can_reopen_it(world, as_user):
    case = world.case_in("closed")
    assert send(as_user("ana"), case, body="Just so you know").status_code == 303 and case.state == "closed"
    assert send(as_user("ana"), case, body="We will look again", status="open").status_code == 303
    assert case.state == "open" and case.reopened_count == 1


def test_an_answer_that_is_not_emailed_says_so(world, as_user):
    case = world.case_in("open")
    assert send(as_user("ana"), case, body="For the record", silent="y").status_code == 303
    assert world.messages_of(case)[-1].emailed is False
    assert "not emailed" in as_user("ana").get(f"/desk/cases/{case.key}").get_data(as_text=True)


@pytest.mark.parametrize("status", ["waiting", "resolved", "closed"])
def test_what_asks_something_of_the_customer_is_always_emailed(world, as_user, status):
    case = world.case_in("open")
    assert send(as_user("ana"), case, body="Quietly", silent="y", status=status).status_code == 422
    assert case.state == "open" and world.messages_of(case) == []


def test_a_note_is_seen_by_staff_alone(world, as_user):
    case = world.case_in("open")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/note", data={"body": "Password xyzzy leaked"})
    assert answer.status_code == 303
    assert "xyzzy" in as_user("lee").get(f"/desk/cases/{case.key}").get_data(as_text=True)
    for who in ("rita", "olga"):
        assert "xyzzy" not in as_user(who).get(f"/cases/{case.key}", checked=False).get_data(as_text=True)
    as_user("ana").post(f"/desk/cases/{case.key}/as-customer", data={"reason": "To see it"})
    seen = as_user("ana").get(f"/desk/cases/{case.key}/as-customer").get_data(as_text=True)
    assert "You are viewing what" in seen and "xyzzy" not in seen


def test_what_was_meant_as_a_note_never_goes_out(world, as_user):
    case = world.case_in("open")
    assert send(as_user("ana"), case, kind="note", body="Between us").status_code == 303
    assert world.messages_of(case)[-1].kind == "note"


def test_an_empty_note_is_refused(world, as_user):
    case = world.case_in("open")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/note", data={"body": ""})
    assert answer.status_code == 422 and "Write the note" in answer.get_data(as_text=True)


def test_a_note_in_a_resolved_case_reopens_nothing(world, as_user):
    case = world.case_in("resolved")
    before = case.updated_at
    assert as_user("ana").post(f"/desk/cases/{case.key}/note", data={"body": "Fine"}).status_code == 303
    assert case.state == "resolved" and case.updated_at == before


@pytest.mark.parametrize("verb", ["reply", "note"])
def test_the_address_of_a_verb_shows_its_form(world, as_user, verb):
    case = world.case_in("open")
    answer = as_user("ana").get(f"/desk/cases/{case.key}/{verb}")
    assert answer.status_code == 200 and answer.page.form(f"/desk/cases/{case.key}/{verb}")


@pytest.mark.parametrize("verb", ["reply", "note"])
def test_the_auditor_says_nothing(world, as_user, verb):
    case = world.case_in("open")
    aud = as_user("aud")
    assert aud.get(f"/desk/cases/{case.key}/{verb}").status_code == 403
    assert aud.post(f"/desk/cases/{case.key}/{verb}", data={"body": "Hello"}).status_code == 403
    assert world.messages_of(case) == []
    page = aud.get(f"/desk/cases/{case.key}").page
    assert not page.all("textarea") and not page.all("form", class_="composer")


def test_without_a_token_nothing_is_said(world, as_user):
    case = world.case_in("open")
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": "Kept words"}, csrf=False)
    assert answer.status_code == 422 and "Kept words" in answer.get_data(as_text=True)
    assert world.messages_of(case) == []
