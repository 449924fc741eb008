"""FEATURES F4: a temporary workaround stands at the top of the case, and everybody affected is told of it."""

import pytest
from sqlalchemy import select

from portal.announcements.models import Announcement
from portal.cases.actions import conversation, people, resolution, workarounds
from portal.cases.models import Case, Message
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import Event
from portal.notifications.models import MailChoice, OutgoingMail

WORDS = "Export by hand: **Orders**, then Export."


@pytest.fixture
def case(world):
    return world.open_case("cora", contact="jan", subject="Orders stand still", cc=["rita@acme.example"])


@pytest.fixture
def answer(world, case):
    return conversation.answer(world.ctx("ana"), case, body=WORDS)


def pin(world, case, message, by="ana"):
    workarounds.pin_workaround(world.ctx(by), world.reload(case), message.id)
    return world.reload(case)


def events_of(world, case, name):
    rows = select(Event).where(Event.case_id == case.id, Event.name == name).order_by(Event.id)
    return world.session.scalars(rows).all()


def workaround_of(browser, path):
    found = browser.get(path).page.all(id="workaround")
    return found[0].text if found else ""


def test_F4_everybody_on_the_case_is_told_and_reads_it_at_the_top(world, as_user, run_outbox, case, answer):
    run_outbox()
    page = as_user("ana").get(f"/desk/cases/{case.key}").page
    assert any(f"/workaround?message={answer.id}" in link.get("href") for link in page.all("a"))
    data = {"message": str(answer.id), "version": str(world.reload(case).version)}
    assert as_user("ana").post(f"/desk/cases/{case.key}/workaround", data=data).status_code == 303
    run_outbox()
    mails = [mail for mail in world.rows(OutgoingMail) if mail.kind == "workaround"]
    assert {mail.user_id for mail in mails} == {world.jan.id, world.cora.id, world.rita.id}
    assert all(mail.subject == f"A way around: Orders stand still [{case.key}]" for mail in mails)
    assert all(
        "Until it is fixed you can work like this" in mail.text and "Export by hand" in mail.text for mail in mails
    )
    for who, base in (("jan", "/cases"), ("cora", "/cases"), ("rita", "/cases"), ("ana", "/desk/cases")):
        said = workaround_of(as_user(who), f"{base}/{case.key}")
        assert "Export by hand" in said and "Ana" in said, who
        assert ("Change the workaround" in said) == (who == "ana")
    assert "pinned a workaround" in as_user("jan").get(f"/cases/{case.key}").page.text


def test_F4_whoever_switched_the_topic_off_gets_no_mail(world, run_outbox, case, answer):
    world.session.add(MailChoice(provider_id=case.provider_id, user_id=world.jan.id, topic="workarounds", mailed=False))
    pin(world, case, answer)
    run_outbox()
    mailed = {mail.user_id for mail in world.rows(OutgoingMail) if mail.kind == "workaround"}
    assert mailed == {world.cora.id, world.rita.id}


def test_F4_it_is_replaced_taken_off_and_gone_once_solved(world, as_user, case, answer):
    better = conversation.answer(world.ctx("ana"), world.reload(case), body="Better: use the app.")
    pin(world, case, answer)
    case = pin(world, case, better)
    assert [event.facts["replaced"] for event in events_of(world, case, "case.workaround_pinned")] == [False, True]
    jan = as_user("jan")
    assert "use the app" in workaround_of(jan, f"/cases/{case.key}")
    assert "by hand" not in workaround_of(jan, f"/cases/{case.key}")
    assert as_user("ana").post(f"/desk/cases/{case.key}/workaround", data={"message": "none"}).status_code == 303
    assert not workaround_of(jan, f"/cases/{case.key}")
    assert len(events_of(world, case, "case.workaround_unpinned")) == 1
    case = pin(world, case, answer)
    resolution.resolve(world.ctx("ana"), case, solution="Fixed")
    assert not workaround_of(jan, f"/cases/{case.key}")
    with pytest.raises(Conflict):
        workarounds.pin_workaround(world.ctx("ana"), world.reload(case), better.id)
    resolution.reject(world.ctx("jan", "contact"), world.reload(case), reason="Still")
    assert "by hand" in workaround_of(jan, f"/cases/{case.key}")


def test_F4_a_second_press_tells_nobody_again(world, case, answer):
    pin(world, pin(world, case, answer), answer)
    assert len(events_of(world, case, "case.workaround_pinned")) == 1


def test_F4_only_public_words_of_this_case(world, as_user, case, answer):
    note = conversation.note(world.ctx("ana"), world.reload(case), body="Their password is weak")
    question = world.open_case("rita", subject="Another")
    foreign = conversation.answer(world.ctx("ana"), question, body="Of another case")
    for wrong in (note, foreign):
        with pytest.raises(Refused):
            workarounds.pin_workaround(world.ctx("ana"), world.reload(case), wrong.id)
        refused = as_user("ana").post(f"/desk/cases/{case.key}/workaround", data={"message": str(wrong.id)})
        assert refused.status_code == 422 and "customer can read" in refused.page.text
    for text in ("", "x" * 41, "0" * 36, "\x00", "☃"):
        answer_ = as_user("ana").post(f"/desk/cases/{case.key}/workaround", data={"message": text})
        assert answer_.status_code == 422, text
    assert world.reload(case).workaround_position is None
    page = as_user("ana").get(f"/desk/cases/{case.key}/workaround?message={note.id}").page
    assert "password is weak" not in page.text and "Of another case" not in page.text


def test_F4_who_may(world, as_user, case, answer):
    for who in ("aud", "jan"):
        with pytest.raises(Forbidden):
            workarounds.pin_workaround(
                world.ctx(who, "contact" if who == "jan" else "staff"), world.reload(case), answer.id
            )
    path = f"/desk/cases/{case.key}/workaround"
    assert as_user("aud").get(path).status_code == 403
    assert as_user("jan").get(path).status_code in (403, 404)
    assert as_user("sam").get(path, checked=False).status_code == 404


def test_F4_somebody_else_was_faster(world, as_user, case, answer):
    seen = world.reload(case).version
    conversation.answer(world.ctx("lee"), world.reload(case), body="Wait")
    data = {"message": str(answer.id), "version": str(seen)}
    refused = as_user("ana").post(f"/desk/cases/{case.key}/workaround", data=data)
    assert refused.status_code == 409
    chosen = [one for one in refused.page.all("input", name="message") if "checked" in one.attributes]
    assert [one.get("value") for one in chosen] == [str(answer.id)]


def test_F4_excluded_people_neither_read_nor_hear_it(world, as_user, run_outbox, case, answer):
    people.exclude(world.ctx("ana"), world.reload(case), world.rita.id)
    pin(world, case, answer)
    run_outbox()
    assert world.rita.id not in {mail.user_id for mail in world.rows(OutgoingMail) if mail.kind == "workaround"}
    assert as_user("rita").get(f"/cases/{case.key}", checked=False).status_code == 404
    # Where somebody is kept out the mail says nothing of the case.
    assert not any("by hand" in mail.text for mail in world.rows(OutgoingMail) if mail.kind == "workaround")


def test_F4_other_clients_are_told_by_an_announcement_without_names(world, as_user, case):
    said = conversation.answer(
        world.ctx("lee"),
        case,
        body=f"Jan Nowak at Acme can export by hand, see {case.key} or mail jan@acme.example.",
    )
    pin(world, case, said, by="lee")
    page = as_user("lee").get(f"/desk/cases/{case.key}/workaround").page
    address = f"/desk/announcements/new?workaround={case.key}"
    assert any(link.get("href") == address for link in page.all("a"))
    assert "Write an announcement" not in as_user("ana").get(f"/desk/cases/{case.key}/workaround").page.text
    form = as_user("lee").get(address).page
    words = form.first("textarea", name="body").text
    assert "export by hand" in words
    assert not [name for name in ("Jan", "Nowak", "Acme", case.key, "acme.example") if name in words]
    assert case.key not in form.first("input", name="title").get("value")
    data = {"kind": "workaround", "title": "Orders", "body": words, "audience": "everybody"}
    made = as_user("lee").post("/desk/announcements/new", data=data)
    assert made.status_code == 303
    row = world.session.scalars(select(Announcement)).one()
    assert (row.kind, row.state) == ("workaround", "draft")
    # What was taken out must be rewritten before anybody else reads it.
    base = f"/desk/announcements/{row.id}"
    page = as_user("lee").get(f"{base}/publish").page
    assert "clients read it at once" in page.text and "people." in page.text
    assert as_user("lee").post(f"{base}/publish", data={"rhythm": "0", "version": str(row.version)}).status_code == 409
    assert as_user("lee").get("/desk/announcements/new?workaround=NOPE-1", checked=False).status_code == 404


def test_F4_its_place_is_a_number_of_the_case_itself(world, case, answer):
    """No key of another row: nothing can be pinned across cases."""
    case = pin(world, case, answer)
    assert (
        world.session.scalar(
            select(Message.id).where(Message.case_id == case.id, Message.position == case.workaround_position)
        )
        == answer.id
    )
    assert not [key for key in Case.__table__.foreign_keys if "messages" in key.target_fullname]
