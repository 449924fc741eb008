"""One intention, one effect: double click, Enter twice, Back and send again, two requests at the same moment."""

import threading

import pytest

from portal.cases.actions import conversation
from portal.cases.models import Case, Message
from portal.kernel.events import Event

OPENING = {
    "account": "ACME",
    "severity": "3",
    "subject": "The list stays empty",
    "description": "Since nine.",
    "notify": "1",
}


def cases(world):
    return world.rows(Case)


def bodies(world, case, kind="reply"):
    return [m.body for m in world.messages_of(case) if m.kind == kind]


# -- opening --------------------------------------------------------------------------------------------------------


@pytest.mark.check(35, "1 case")
def test_a_double_click_opens_one_case(world, as_user):
    rita = as_user("rita")
    form = rita.get("/new/outage").page.form("/new/outage")
    answers = [rita.submit(form, **OPENING) for _press in range(3)]
    assert [a.status_code for a in answers] == [303] * 3
    assert len({a.headers["Location"] for a in answers}) == 1
    assert len(cases(world)) == 1


def test_back_and_send_again_finds_the_first_case(world, as_user, run_outbox):
    rita = as_user("rita")
    form = rita.get("/new/outage").page.form("/new/outage")
    first = rita.submit(form, **OPENING).headers["Location"]
    rita.get(first)
    run_outbox()
    assert rita.submit(form, **OPENING).headers["Location"] == first
    assert len(cases(world)) == 1


def test_a_program_without_once_is_known_by_its_token_and_words(world, as_user):
    """contract.md asks for no `once`: the same token with the same words is the same press."""
    rita = as_user("rita")
    data = {"csrf_token": rita.csrf_token(), **OPENING}
    first, second = rita.post("/new/outage", data=data), rita.post("/new/outage", data=data)
    assert first.headers["Location"] == second.headers["Location"] and len(cases(world)) == 1
    third = rita.post("/new/outage", data={**data, "subject": "Another list"})
    assert third.headers["Location"] != first.headers["Location"] and len(cases(world)) == 2


def test_a_form_gone_back_to_and_written_anew_is_a_second_case(world, as_user):
    """Back, other words, send: whoever wrote something else meant something else, and must not lose it."""
    rita = as_user("rita")
    form = rita.get("/new/outage").page.form("/new/outage")
    rita.submit(form, **OPENING)
    rita.submit(form, **{**OPENING, "subject": "The printer too"})
    assert sorted(c.subject for c in cases(world)) == ["The list stays empty", "The printer too"]


def test_a_form_drawn_anew_by_back_leads_to_the_same_case(world, as_user):
    """A browser without scripts asks for the page again after Back: it comes with a new `once` and the old words."""
    rita = as_user("rita")
    answers = [rita.submit(rita.get("/new/outage").page.form("/new/outage"), **OPENING) for _time in range(2)]
    assert answers[0].headers["Location"].partition("?")[0] == answers[1].headers["Location"].partition("?")[0]
    assert len(cases(world)) == 1
    page = rita.get(answers[1].headers["Location"]).page
    assert "nothing was opened twice" in page.text


def test_the_same_words_later_are_a_second_case(world, as_user, travel):
    """The same trouble on another day is another case."""
    rita = as_user("rita")
    for _day in range(2):
        rita.submit(rita.get("/new/outage").page.form("/new/outage"), **OPENING)
        travel(minutes=10)
    assert len(cases(world)) == 2


def test_the_once_of_somebody_else_opens_ones_own_case(world, as_user):
    for who in ("rita", "mel"):
        as_user(who).post("/new/outage", data={**OPENING, "once": "copied"})
    assert {c.reported_by_id for c in cases(world)} == {world.rita.id, world.mel.id}


def test_a_refused_form_can_be_mended_and_sent(world, as_user):
    """The first press was refused, so it is no press."""
    rita = as_user("rita")
    form = rita.get("/new/outage").page.form("/new/outage")
    refused = rita.submit(form, **{**OPENING, "subject": ""})
    assert refused.status_code == 422
    assert rita.submit(refused.page.form("/new/outage"), subject="Now with one").status_code == 303
    assert len(cases(world)) == 1


def test_the_desk_opens_one_case_too(world, as_user):
    ana = as_user("ana")
    form = ana.get("/desk/new?account=ACME").page.form("/desk/new")
    data = {**OPENING, "type": "outage", "contact": str(world.rita.contact_id), "channel": "phone"}
    answers = [ana.submit(form, **data) for _press in range(2)]
    assert [a.status_code for a in answers] == [303, 303], answers[0].text[:500]
    assert len(cases(world)) == 1


# -- speaking -------------------------------------------------------------------------------------------------------


@pytest.mark.check(35, "1 reply")
def test_a_reply_pressed_twice_is_one(world, as_user):
    case, rita = world.open_case("rita"), as_user("rita")
    form = rita.get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/replies")
    for _press in range(3):
        assert rita.submit(form, body="Any news?").status_code == 303
    assert bodies(world, case) == ["Any news?"]


def test_a_reply_from_a_form_drawn_anew_is_the_same_reply(world, as_user, travel):
    case, rita = world.open_case("rita"), as_user("rita")

    def send(who=rita, path=f"/cases/{case.key}"):
        form = who.get(path).page.form(f"/cases/{case.key}/replies")
        assert who.submit(form, body="Any news?").status_code == 303

    send()
    send()
    assert bodies(world, case) == ["Any news?"]
    travel(minutes=10)
    send()
    assert bodies(world, case) == ["Any news?"] * 2, "the same question of another hour is another question"


def test_the_same_words_after_an_answer_are_another_reply(world, as_user):
    """Whoever says the same after something else was said means it anew."""
    case, rita, ana = world.open_case("rita"), as_user("rita"), as_user("ana")
    for words in ("No", "Is it back?"):
        form = rita.get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/replies")
        rita.submit(form, body="No")
        note = ana.get(f"/desk/cases/{case.key}/reply").page.form(f"/desk/cases/{case.key}/reply")
        assert ana.submit(note, body=words).status_code == 303
    assert bodies(world, case) == ["No", "No", "No", "Is it back?"]


def test_the_same_words_in_the_same_form_are_meant_anew_after_an_answer(world, as_user):
    """Back to the page as it was drawn, the same words, Send: support said something in between."""
    case, rita = world.open_case("rita"), as_user("rita")
    form = rita.get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/replies")
    rita.submit(form, body="Ping")
    conversation.note(world.ctx("ana"), case, body="Look at the proxy")
    rita.submit(form, body="Ping")
    assert bodies(world, case) == ["Ping"], "a note of support is no answer"
    conversation.answer(world.ctx("ana"), case, body="Which office?")
    for _press in range(2):
        assert rita.submit(form, body="Ping").status_code == 303
    assert bodies(world, case) == ["Ping", "Which office?", "Ping"]


def test_other_words_in_the_same_form_are_another_reply(world, as_user):
    """A reply that was answered with 303 is in the case: words may never vanish behind a success."""
    case, rita = world.open_case("rita"), as_user("rita")
    form = rita.get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/replies")
    assert rita.submit(form, body="Any news?").status_code == 303
    assert rita.submit(form, body="It works again since noon").status_code == 303
    assert bodies(world, case) == ["Any news?", "It works again since noon"]


def test_replies_without_once_are_told_apart_by_their_words(world, as_user):
    case, rita = world.open_case("rita"), as_user("rita")
    token = rita.csrf_token()
    for body in ("Hello?", "Hello?", "Hello again"):
        assert rita.post(f"/cases/{case.key}/replies", data={"csrf_token": token, "body": body}).status_code == 303
    assert bodies(world, case) == ["Hello?", "Hello again"]


@pytest.mark.parametrize(("path", "kind"), [("reply", "reply"), ("note", "note")])
def test_support_gone_back_and_written_anew_says_both(world, as_user, path, kind):
    case, ana = world.open_case("rita"), as_user("ana")
    form = ana.get(f"/desk/cases/{case.key}/{path}").page.form(f"/desk/cases/{case.key}/{path}")
    assert ana.submit(form, body="We look into it").status_code == 303
    answer = ana.submit(form, body="It was the proxy")
    said = bodies(world, case, kind)
    # A reply on an older page may be stopped (409 keeps the text); it may never seem sent and be gone.
    assert ("It was the proxy" in said) == (answer.status_code == 303)
    assert answer.status_code == 303 or "It was the proxy" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("path", "kind"), [("reply", "reply"), ("note", "note")])
def test_support_says_it_once(world, as_user, path, kind):
    case, ana = world.open_case("rita"), as_user("ana")
    form = ana.get(f"/desk/cases/{case.key}/{path}").page.form(f"/desk/cases/{case.key}/{path}")
    for _press in range(2):
        assert ana.submit(form, body="We look into it").status_code == 303
    assert bodies(world, case, kind) == ["We look into it"]


def test_resolving_twice_is_one_resolution(world, as_user, run_outbox):
    case, ana = world.case_in("open", by="rita"), as_user("ana")
    path = f"/desk/cases/{case.key}/status"
    form = ana.get(f"{path}?set=resolved").page.form(path)
    for _press in range(2):
        assert ana.submit(form, status="resolved", body="Restarted", check="Look").status_code == 303
    assert bodies(world, case, "resolution") == ["Restarted"]
    assert world.event_names(case).count("case.resolved") == 1


@pytest.mark.parametrize(
    ("verb", "data", "event"),
    [
        ("resolution/accept", {}, "case.accepted"),
        ("resolution/reject", {"reason": "Still down"}, "case.rejected"),
        ("close", {}, "case.closed"),
    ],
)
def test_a_decision_pressed_twice_is_one(world, as_user, verb, data, event):
    """The second press hears that it is decided, or is led to the same page; nothing happens twice."""
    case, rita = world.case_in("open" if verb == "close" else "resolved", by="rita"), as_user("rita")
    form = rita.get(f"/cases/{case.key}/{verb}").page.form(f"/cases/{case.key}/{verb}")
    answers = [rita.submit(form, **data).status_code for _press in range(2)]
    assert answers[0] == 303 and answers[1] in (303, 409)
    assert world.event_names(case).count(event) == 1
    assert case.rejected_count == (1 if verb.endswith("reject") else 0)


def test_people_are_let_in_once(world, as_user):
    case, rita = world.open_case("rita"), as_user("rita")
    for _press in range(2):
        assert rita.post(f"/cases/{case.key}/people", data={"cc": "mel@acme.example"}).status_code == 303
    assert [g.user_id for g in world.reload(case).grants] == [world.mel.id]


# -- at the same moment ---------------------------------------------------------------------------------------------


def at_once(*presses):
    """Let every one of *presses* run in a thread of its own, started together; returns what they returned."""
    start, results = threading.Barrier(len(presses)), [None] * len(presses)

    def run(number, press):
        start.wait()
        results[number] = press()

    threads = [threading.Thread(target=run, args=row) for row in enumerate(presses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.check(35, "1 case of two at the same moment")
def test_two_presses_at_the_same_moment_open_one_case(live):
    browsers = [live.client("rita") for _tab in range(2)]
    data = {**OPENING, "once": "pressed-together"}
    answers = at_once(*(lambda b=b: b.post("/new/outage", data=data) for b in browsers))
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with live.inside() as world:
        assert len(cases(world)) == 1


def test_two_presses_at_the_same_moment_without_once(live):
    browser, other = live.client("rita"), live.client("rita")
    other.remember(**browser.cookie)
    data = {**OPENING, "subject": "Without once", "csrf_token": browser.csrf_token()}
    other.remember(**browser.cookie)
    answers = at_once(*(lambda b=b: b.post("/new/outage", data=data) for b in (browser, other)))
    assert {a.status_code for a in answers} == {303}
    with live.inside() as world:
        assert len([c for c in cases(world) if c.subject == "Without once"]) == 1


def test_eight_people_at_the_same_moment_get_eight_numbers(live):
    """Gap-free and without doubles: the number is allotted last, under a lock that nobody holds long."""
    with live.inside() as world:
        before = len(cases(world))
    browsers = [live.client(who) for who in ("rita", "mel", "olga", "rita")]
    answers = at_once(
        *(
            lambda b=b, n=n: b.post("/new/outage", data={**OPENING, "subject": f"Number {n}", "once": f"n{n}"})
            for n, b in enumerate(browsers * 2)
        )
    )
    assert {a.status_code for a in answers} == {303}
    with live.inside() as world:
        numbers = sorted(c.number for c in cases(world))
    assert numbers == list(range(1, before + 9))


def test_replies_resolutions_and_decisions_at_the_same_moment_happen_once(live):
    with live.inside() as world:
        case = world.case_in("open", by="rita")
        key, case_id = case.key, case.id
    ritas, anas = [live.client("rita") for _tab in range(2)], [live.client("ana") for _tab in range(2)]
    steps = (
        (ritas, f"/cases/{key}/replies", {"body": "Together", "once": "r1"}, {303}),
        (anas, f"/desk/cases/{key}/status", {"status": "resolved", "body": "Done", "check": "", "once": "s1"}, {303}),
        (ritas, f"/cases/{key}/resolution/reject", {"reason": "No", "once": "j1"}, {303}),
        (anas, f"/desk/cases/{key}/reply", {"body": "Again done", "status": "resolved", "once": "s2"}, {303}),
        (ritas, f"/cases/{key}/resolution/accept", {}, {303, 409}),
        (ritas, f"/cases/{key}/survey", {"q1": "5"}, {303, 409}),
    )
    for browsers, path, data, allowed in steps:
        answers = at_once(*(lambda b=b, p=path, d=data: b.post(p, data=dict(d)) for b in browsers))
        assert {a.status_code for a in answers} <= allowed and 303 in {a.status_code for a in answers}, (path, answers)
    with live.inside() as world:
        found = sorted(m.kind for m in world.rows(Message, Message.case_id == case_id))
        names = [e.name for e in world.rows(Event, Event.case_id == case_id)]
    assert found == ["rejection", "reply", "resolution", "resolution"]
    for name in ("case.replied", "case.rejected", "case.accepted", "survey.answered"):
        assert names.count(name) == 1, name


def test_one_agent_resolves_while_the_customer_replies(live):
    """Whoever is second meets the other's change; neither word is lost, and the state fits the order."""
    with live.inside() as world:
        case = world.case_in("open", by="rita")
        key, case_id = case.key, case.id
    rita, ana = live.client("rita"), live.client("ana")
    answers = at_once(
        lambda: rita.post(f"/cases/{key}/replies", data={"body": "One more thing: it is the left one"}),
        lambda: ana.post(f"/desk/cases/{key}/status", data={"status": "resolved", "body": "Done"}),
    )
    assert {a.status_code for a in answers} == {303}
    with live.inside() as world:
        row = world.rows(Case, Case.id == case_id)[0]
        kinds = [m.kind for m in world.rows(Message, Message.case_id == case_id)]
        assert sorted(kinds) == ["reply", "resolution"]
        assert row.state == ("open" if kinds[-1] == "reply" else "resolved")
