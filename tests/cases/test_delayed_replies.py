"""Issue 15.3, "undo for ten seconds before anything leaves": a reply waits, is taken back, or is sent once."""

import io

import pytest

from portal.attachments.models import Attachment
from portal.cases.models import DelayedReply, Message
from portal.drafts.models import FormDraft
from portal.identity.actions import end_person
from portal.identity.models import User
from portal.kernel.events import Event
from portal.kernel.outbox import Delivery

WORDS = "Please try the second scanner.\nIt has <new> paper & toner"


@pytest.fixture
def case(world):
    return world.case_in("open", by="rita")


def send(browser, case, delay="y", checked=True, **fields):
    """Send the composer of the case page with *fields*, as its script does: it ticks `delay`."""
    form = browser.get(f"/desk/cases/{case.key}").page.form(f"/desk/cases/{case.key}/reply")
    data = form.filled(**{"body": WORDS, "delay": delay, **fields})
    answer = browser.post(f"/desk/cases/{case.key}/reply", data=data, checked=checked)
    answer.close()
    return answer


def waiting(world):
    return world.rows(DelayedReply)


def bodies(world, case):
    return [message.body for message in world.messages_of(case)]


def draft_of(world, who="ana"):
    rows = world.rows(FormDraft, FormDraft.user_id == world.person(who).id)
    return rows[0].fields if rows else None


def state_of(world, case):
    return world.reload(case).state


def everything(world):
    """What a reply would leave: messages, events, deliveries."""
    return [len(world.rows(model)) for model in (Message, Event, Delivery)]


def test_nothing_leaves_before_the_ten_seconds_are_over(world, as_user, travel, run_outbox):
    ana, case = as_user("ana"), world.open_case("rita")
    ana.get(f"/desk/cases/{case.key}")
    before = everything(world)
    answer = send(ana, case, status="waiting", take="y")
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/desk/cases/{case.key}#latest")
    assert everything(world) == before and state_of(world, case) == "new" and world.reload(case).owner_id is None
    (row,) = waiting(world)
    run_outbox()
    assert waiting(world) == [row], "not yet"
    page = ana.get(f"/desk/cases/{case.key}").page
    item = page.first("li", id=f"waiting-{row.id}")
    assert "Not sent yet" in item.text and "the second scanner" in item.text and item.get("data-waiting") == "10"
    assert "With it the case becomes “Waiting for customer”." in item.text
    for who, path in (("rita", f"/cases/{case.key}"), ("lee", f"/desk/cases/{case.key}")):
        assert "second scanner" not in as_user(who).get(path).text, "its writer's own affair"
    travel(seconds=13)
    run_outbox()
    assert bodies(world, case)[-1] == WORDS.replace("\r\n", "\n") and not waiting(world)
    assert state_of(world, case) == "waiting" and world.reload(case).owner_id == world.ana.staff_id
    assert "second scanner" in as_user("rita").get(f"/cases/{case.key}").text
    sent = world.messages_of(case)[-1]
    assert sent.author_id == world.ana.id and sent.author_side == "staff"
    travel(minutes=5)
    run_outbox()
    assert bodies(world, case).count(sent.body) == 1


def test_a_reply_is_taken_back_without_a_script_and_is_the_text_of_the_composer_again(world, as_user, case, travel):
    ana = as_user("ana")
    files = [(io.BytesIO(b"What the machine said"), "scan.txt")]
    send(ana, case, status="resolved", check="Print a page", attachments=files)
    (row,) = waiting(world)
    page = ana.get(f"/desk/cases/{case.key}").page
    undo = page.form(f"/desk/outbox/{row.id}/undo")
    answer = ana.submit(undo)
    assert answer.headers["Location"].endswith(f"/desk/cases/{case.key}#composer") and not waiting(world)
    page = ana.get(f"/desk/cases/{case.key}").page
    form = page.form(f"/desk/cases/{case.key}/reply")
    assert "Not sent. Your text is in the box below." in page.text and "scan.txt" in page.text
    assert (form["body"], form["status"], form["check"]) == (WORDS, "resolved", "Print a page")
    travel(seconds=30)
    assert bodies(world, case) == [] and state_of(world, case) == "open"
    # Sent after all, with its file.
    assert ana.submit(form, delay="").status_code == 303
    assert state_of(world, case) == "resolved" and draft_of(world) is None
    assert [row.filename for row in world.rows(Attachment, Attachment.case_id == case.id)] == ["scan.txt"]


def test_both_buttons_stand_on_a_page_of_their_own_and_say_when_they_come_late(world, as_user, case):
    ana = as_user("ana")
    send(ana, case)
    (row,) = waiting(world)
    for verb in ("undo", "send"):
        page = ana.get(f"/desk/outbox/{row.id}/{verb}").page
        assert "the second scanner" in page.text
    answer = ana.submit(page.form(f"/desk/outbox/{row.id}/send"))
    answer.close()
    assert bodies(world, case) == [WORDS] and not waiting(world)
    assert "Rita Costa" in ana.get(f"/desk/cases/{case.key}").page.first("div", id="notices").text
    for verb in ("undo", "send"):
        late = ana.post(f"/desk/outbox/{row.id}/{verb}", checked=False)
        assert late.status_code == 404 and "already sent, or taken back: look into its case" in late.text
    assert ana.get(f"/desk/outbox/{row.id}/undo", checked=False).status_code == 404
    assert bodies(world, case) == [WORDS]


def test_what_somebody_says_meanwhile_stops_it_and_its_writer_is_told(world, as_user, case, travel, run_outbox):
    ana = as_user("ana")
    send(ana, case, status="resolved")
    send(ana, case, body="One more thing")
    world.reply(case, "It works again by itself!", by="rita")
    travel(seconds=13)
    run_outbox()
    assert not waiting(world) and bodies(world, case) == ["It works again by itself!"]
    assert state_of(world, case) != "resolved"
    assert sorted(draft_of(world)["body"][0].split("\n\n")) == sorted([WORDS, "One more thing"]), "both texts"
    run_outbox()
    assert "Your reply was not sent, because the case changed" in ana.get("/notifications").page.text
    assert "was not sent" not in as_user("rita").get("/notifications").page.text
    form = ana.get(f"/desk/cases/{case.key}").page.form(f"/desk/cases/{case.key}/reply")
    assert "One more thing" in form["body"] and WORDS.splitlines()[0] in form["body"]


def test_send_now_says_why_it_cannot_be_sent_any_more(world, as_user, case):
    ana = as_user("ana")
    send(ana, case)
    (row,) = waiting(world)
    world.reply(case, "Never mind", by="rita")
    answer = ana.post(f"/desk/outbox/{row.id}/send")
    answer.close()
    assert answer.headers["Location"].endswith("#composer") and bodies(world, case) == ["Never mind"]
    page = ana.get(f"/desk/cases/{case.key}").page
    assert "answered while you were writing" in page.text and "Your text is in the box below." in page.text
    assert draft_of(world)["body"] == [WORDS]


def test_what_is_refused_at_once_never_waits(world, as_user, case):
    ana = as_user("ana")
    empty = send(ana, case, body="", checked=False)
    assert empty.status_code == 422 and not waiting(world)
    hold = send(ana, case, status="on_hold", reason="", checked=False)
    assert hold.status_code == 422 and WORDS.splitlines()[0] in hold.text and not waiting(world)
    silent = send(ana, case, status="waiting", silent="y", checked=False)
    assert silent.status_code == 422 and not waiting(world) and bodies(world, case) == []


def test_the_same_form_twice_waits_and_is_sent_once(world, as_user, case, travel, run_outbox):
    ana = as_user("ana")
    form = ana.get(f"/desk/cases/{case.key}").page.form(f"/desk/cases/{case.key}/reply")
    data = form.filled(body=WORDS, delay="y")
    for _press in range(2):
        ana.post(f"/desk/cases/{case.key}/reply", data=data).close()
    assert len(waiting(world)) == 1
    travel(seconds=13)
    run_outbox()
    ana.post(f"/desk/cases/{case.key}/reply", data=data).close()
    assert bodies(world, case) == [WORDS] and not waiting(world)


def test_a_promise_that_falls_due_meanwhile_is_not_put_at_risk(world, as_user, case, travel):
    due = world.reload(case).due_at
    assert due is not None
    travel(seconds=int((due - world.ctx("ana", "staff").now).total_seconds()) - 20)
    send(as_user("ana"), case)
    assert bodies(world, case) == [WORDS] and not waiting(world)


def test_notes_and_people_who_do_not_want_it_do_not_wait(world, as_user, case):
    ana = as_user("ana")
    page = ana.get("/me/preferences").page
    form = page.form("/me/preferences")
    assert form["delays_replies"] == "y"
    assert ana.submit(form, delays_replies="").status_code == 303
    page = ana.get(f"/desk/cases/{case.key}").page
    assert not page.all("input", name="delay")
    ada = as_user("ada")
    assert ada.get(f"/desk/cases/{case.key}").page.all("input", name="delay")
    send(ada, case, kind="note")
    assert not waiting(world) and world.messages_of(case)[-1].is_note


def test_only_its_writer_reaches_it(world, as_user, case):
    send(as_user("ana"), case)
    (row,) = waiting(world)
    for who in ("tom", "lee", "ada"):
        for verb in ("undo", "send"):
            path = f"/desk/outbox/{row.id}/{verb}"
            assert as_user(who).get(path, checked=False).status_code == 404
            assert as_user(who).post(path, checked=False).status_code == 404
    assert len(waiting(world)) == 1 and bodies(world, case) == []


def test_who_left_meanwhile_sends_nothing(world, as_user, case, travel, run_outbox):
    send(as_user("ana"), case)
    (ana,) = world.rows(User, User.id == world.ana.id)
    end_person(world.ctx("ada"), ana)
    travel(seconds=13)
    run_outbox()
    assert bodies(world, case) == [] and not waiting(world)
