"""FEATURES M14: a part of a conversation goes on in a case of its own. Nothing is lost, and nobody reads more."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.attachments.models import Attachment
from portal.cases.actions import conversation, people, resolution, splits
from portal.cases.actions.in_reply_to import mark_answer
from portal.cases.models import CaseExclusion, CaseGrant, CaseLink, Message
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.log import mail_of_message
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.notifications.models import OutgoingMail
from portal.search.models import SearchNotes
from portal.sla.models import SlaClock
from tests.support.received_mails import receive_mail

SUBJECT = "The scanner on floor two"


def split(world, case, messages, by="ana", **facts):
    wanted = splits.Split([one.id for one in messages], facts.pop("subject", SUBJECT), "We go on here.", **facts)
    return world.reload(splits.split(world.ctx(by), world.reload(case), wanted))


def newest(world, case):
    return max(world.messages_of(case), key=lambda message: message.position)


def said(world, case, body, by="rita", *, minutes_ago=0, names=()):
    """What a customer says, so many minutes ago, with files of those names."""
    ctx = world.ctx(by, "contact", ago=dt.timedelta(minutes=minutes_ago))
    staged = [world.stage(by, name).id for name in names]
    conversation.reply(ctx, world.reload(case), body=body, staged=staged)
    return newest(world, case)


def messages_by_id(world, *cases):
    return {one.id: one for case in cases for one in world.messages_of(case)}


def clocks(world, case):
    rows = world.rows(SlaClock, SlaClock.case_id == case.id)
    return {row.kind: row for row in sorted(rows, key=lambda row: row.number)}


@pytest.fixture
def case(world):
    return world.case_in("open", by="rita", ago=dt.timedelta(hours=5), subject="The printer is out of paper")


def test_chosen_messages_move_with_their_files_and_everything_else_stays(world, as_user, case):
    stays = said(world, case, "The printer again", names=["printer.txt"])
    moves = said(world, case, "And the scanner is dead", names=["scanner.txt", "scan-two.txt"])
    note = world.note(case, "The scanner is out of warranty")
    new = split(world, case, [moves, note])
    assert [one.id for one in world.messages_of(new)] == [moves.id, note.id]
    assert [one.position for one in world.messages_of(new)] == [1, 2] and new.message_count == 2
    assert stays.id in messages_by_id(world, case) and moves.id not in messages_by_id(world, case)
    files = {row.filename: row for row in world.rows(Attachment)}
    assert files["printer.txt"].case_id == case.id and files["scanner.txt"].case_id == new.id
    for browser, base in ((as_user("rita"), "/cases"), (as_user("ana"), "/desk/cases")):
        for name in ("scanner.txt", "scan-two.txt"):
            path = f"{base}/{new.key}/attachments/{files[name].id}/{name}"
            assert browser.get(path).status_code == 200
            assert browser.get(path.replace(new.key, case.key)).status_code == 404
    page = as_user("rita").get(f"/cases/{new.key}")
    assert "scanner is dead" in page.text and "warranty" not in page.text, "an internal note stays internal"
    assert "warranty" in as_user("ana").get(f"/desk/cases/{new.key}").text
    assert "scanner is dead" not in as_user("rita").get(f"/cases/{case.key}").text


def test_both_cases_say_what_happened_and_lead_to_each_other(world, as_user, case):
    moves, note = said(world, case, "And the scanner is dead"), world.note(case)
    new = split(world, case, [moves, note])
    (link,) = world.rows(CaseLink, CaseLink.case_id == case.id)
    assert (link.kind, link.other_id) == ("split_to", new.id)
    for who, base, notes in (("rita", "/cases", ""), ("ana", "/desk/cases", ", 1 internal note")):
        before, after = (as_user(who).get(f"{base}/{one.key}") for one in (case, new))
        assert f"A part of this case continues in {new.key} · 1 message{notes}" in before.page.text
        assert f"This was a part of {case.key} · 1 message{notes}" in after.page.text
        assert ("internal note" in before.page.text.lower()) == (who == "ana")
        assert f"/{new.key}" in before.text and f"/{case.key}" in after.text
    log = as_user("ana").get(f"/desk/cases/{case.key}/history").page.text
    assert "Split: a part goes on in a case of its own" in log and new.key in log


def test_the_new_case_has_the_same_place_and_people(world, case):
    people.add_people(world.ctx("ana"), case, ["mel@acme.example"])
    world.exclude(case, "olga")
    new = split(world, case, [said(world, case, "And the scanner is dead")])
    for name in ("account_id", "organization_id", "contact_id", "severity", "department_id", "visibility"):
        assert getattr(new, name) == getattr(case, name), name
    assert new.reported_by_id == world.ana.id and new.reported_side == "staff"
    assert {one.user_id for one in world.rows(CaseGrant, CaseGrant.case_id == new.id)} == {world.mel.id}
    assert {one.user_id for one in world.rows(CaseExclusion, CaseExclusion.case_id == new.id)} == {world.olga.id}


def test_a_colleague_who_opened_the_case_for_somebody_reads_the_part_too(world, as_user):
    case = world.open_case("cora", contact="jan")
    new = split(world, case, [said(world, case, "And the scanner is dead", by="jan")])
    assert as_user("cora").get(f"/cases/{new.key}").status_code == 200
    assert as_user("jan").get(f"/cases/{new.key}").status_code == 200
    readers = {who: as_user(who).get(f"/cases/{case.key}").status_code for who in ("rita", "mel", "olga", "gil")}
    assert readers == {who: as_user(who).get(f"/cases/{new.key}").status_code for who in readers}, "never wider"


def test_promises_of_the_new_case_count_from_the_first_moved_message_of_the_customer(world, as_user, case):
    first = said(world, case, "And the scanner is dead", minutes_ago=90)
    new = split(world, case, [first, said(world, case, "Still dead", minutes_ago=10)])
    assert new.opened_at == first.occurred_at and new.state == "new" and new.last_word == "customer"
    assert clocks(world, new)["first_response"].started_at == first.occurred_at
    assert clocks(world, new)["first_response"].stopped_at is None
    for browser, path in ((as_user("ana"), f"/desk/cases/{new.key}"), (as_user("rita"), f"/cases/{new.key}")):
        receipt = browser.get(f"{path}/promises").page.text
        assert f"This was a part of {case.key}. The promises here count from" in receipt
        assert "What the form showed" not in receipt, "the form of a split shows no promise"


def test_an_answer_that_moves_along_keeps_the_promise_and_a_later_question_is_owed_one(world, case):
    first = said(world, case, "And the scanner is dead", minutes_ago=90)
    answer = conversation.answer(world.ctx("ana", ago=dt.timedelta(minutes=60)), world.reload(case), body="Which one?")
    later = said(world, case, "The one on floor two", minutes_ago=20)
    assert clocks(world, case)["next_response"].stopped_at is None
    new = split(world, case, [first, answer, later])
    found = clocks(world, new)
    assert found["first_response"].stopped_at == answer.occurred_at and found["first_response"].outcome == "met"
    assert found["next_response"].started_at == later.occurred_at and found["next_response"].stopped_at is None
    assert new.first_answer_at == answer.occurred_at and new.state == "open"


def test_no_answer_is_owed_where_the_question_went(world, case):
    world.answer(case, "The paper comes tomorrow")
    moves = said(world, case, "And the scanner is dead")
    assert clocks(world, case)["next_response"].stopped_at is None
    split(world, case, [moves])
    assert clocks(world, case)["next_response"].outcome == "void" and world.reload(case).last_word == "support"


def test_an_answer_is_owed_while_another_question_is_left(world, case):
    world.answer(case, "The paper comes tomorrow")
    moves = said(world, case, "And the scanner is dead")
    said(world, case, "When tomorrow?")
    split(world, case, [moves])
    assert clocks(world, case)["next_response"].stopped_at is None and world.reload(case).last_word == "customer"


def test_what_the_state_rests_on_stays(world, as_user):
    waiting = world.case_in("waiting")
    with pytest.raises(Refused, match="until it is answered"):
        split(world, waiting, world.messages_of(waiting))
    solved = world.case_in("resolved")
    with pytest.raises(Refused, match="stay in the case"):
        split(world, solved, [newest(world, solved)])
    page = as_user("ana").get(f"/desk/cases/{waiting.key}/split")
    assert not page.page.all("input", name="messages") and "no message yet" in page.text


@pytest.mark.parametrize("who", ["rita", "lee", "ada"])
def test_who_may_split(world, case, who):
    moves = said(world, case, "And the scanner is dead")
    if who == "rita":
        with pytest.raises(Forbidden):
            split(world, case, [moves], by="rita")
    else:
        assert split(world, case, [moves], by=who).number


def test_messages_of_another_case_and_none_are_refused(world, case):
    other = world.open_case("mel")
    foreign = said(world, other, "My own words", by="mel")
    for chosen in ([], [foreign], [foreign, said(world, case, "Here")]):
        with pytest.raises(Refused):
            split(world, case, chosen)
    assert foreign.id in messages_by_id(world, other)


def test_a_merged_case_is_not_split(world, case):
    from portal.cases.actions import links

    moves = said(world, case, "And the scanner is dead")
    links.merge(world.ctx("ana"), world.reload(case), world.open_case("rita"))
    with pytest.raises(Conflict):
        split(world, case, [moves])


def test_what_answers_across_the_two_cases_says_where(world, as_user, case):
    asked = said(world, case, "And the scanner is dead")
    ana, rita = world.ctx("ana"), world.ctx("rita", "contact")
    answer = conversation.answer(ana, world.reload(case), body="Which one?")
    mark_answer(ana, case, asked)
    conversation.reply(rita, world.reload(case), body="Floor two")
    mark_answer(rita, case, asked)
    inside = newest(world, case)
    assert answer.in_reply_to_id == asked.id == world.row(Message, inside).in_reply_to_id
    new = split(world, case, [asked, inside])
    found = messages_by_id(world, case, new)
    assert found[answer.id].in_reply_to_id is None and found[inside.id].in_reply_to_id == asked.id
    assert f"to a message that is in {new.key}" in as_user("rita").get(f"/cases/{case.key}").page.text


def test_search_finds_each_word_where_it_is_now(world, as_user, case):
    moves, note = said(world, case, "The zeppelin is dead"), world.note(case, "The xylophone too")
    world.note(case, "A marimba stays")
    new = split(world, case, [moves, note])

    def found(word, who="ana", base="/desk"):
        text = as_user(who).get(f"{base}/search?q={word}").text
        return {one.key for one in (case, new) if f"/cases/{one.key}" in text}

    assert found("zeppelin") == {new.key} == found("xylophone") and found("marimba") == {case.key}
    assert found("zeppelin", "rita", "") == {new.key} and found("xylophone", "rita", "") == set()
    assert {row.case_id for row in world.rows(SearchNotes)} >= {case.id, new.id}


@pytest.mark.parametrize("tell", [True, False])
def test_the_contact_is_told_by_the_mail_of_a_case_opened_for_them(world, run_outbox, case, tell):
    moves = said(world, case, "And the scanner is dead")
    run_outbox()
    new = split(world, case, [moves], tell=tell)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == new.id)
    assert [(mail.kind, mail.user_id) for mail in mails] == ([("opened_for_you", world.rita.id)] if tell else [])


def test_an_answer_that_moves_before_its_mail_was_written_is_mailed_all_the_same(world, run_outbox, case):
    run_outbox()
    answer = world.answer(case, "The scanner is on its way")
    split(world, case, [answer], tell=False)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.user_id == world.rita.id)
    assert any("The scanner is on its way" in (mail.text or "") for mail in mails)


def test_a_second_press_of_the_same_form_opens_no_second_case(world, as_user, case):
    moves = said(world, case, "And the scanner is dead")
    ana, path = as_user("ana"), f"/desk/cases/{case.key}/split"
    form = ana.get(f"{path}?message={moves.id}").page
    assert [box.get("value") for box in form.all("input", name="messages") if box.get("checked") is not None] == [
        str(moves.id)
    ]
    data = form.form(path).filled(messages=str(moves.id), subject=SUBJECT)
    first, second = (ana.post(path, data=data) for _press in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location != path and case.key not in first.location


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": []},
        {"messages": "rubbish"},
        {"messages": "%00"},
        {"subject": ""},
        {"subject": "x" * 500},
        {"description": ""},
        {"messages": "0193a000-0000-7000-8000-000000000000"},
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(world, as_user, case, wrong):
    moves = said(world, case, "And the scanner is dead")
    path = f"/desk/cases/{case.key}/split"
    data = {"messages": str(moves.id), "subject": SUBJECT, "description": "We go on with it.", **wrong}
    answer = as_user("ana").post(path, data=data)
    assert answer.status_code == 422 and answer.page.all(**{"data-invalid": True})
    assert "description" in wrong or "We go on with it." in answer.text
    assert moves.id in messages_by_id(world, case)


def test_words_of_another_client_are_asked_about(world, as_user, case):
    moves, foreign = said(world, case, "And the scanner is dead"), world.open_case("gil")
    path = f"/desk/cases/{case.key}/split"
    data = {"messages": str(moves.id), "subject": f"As in {foreign.key}", "description": "We go on with it."}
    answer = as_user("ana").post(path, data=data)
    assert answer.status_code == 422 and "seems to belong to another client" in answer.text
    assert moves.id in messages_by_id(world, case), "nothing was moved yet"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_property_every_message_and_file_is_in_exactly_one_of_both(world, data):
    case = world.case_in("open", by="rita")
    kinds = data.draw(st.lists(st.sampled_from(["reply", "file", "answer", "note", "quote"]), min_size=1, max_size=7))
    for number, kind in enumerate(kinds):
        before = world.messages_of(case)
        if kind in ("answer", "note"):
            getattr(world, kind)(case, f"{kind} {number}")
        else:
            rita = world.ctx("rita", "contact")
            staged = [world.stage("rita", f"{number}.txt").id] if kind == "file" else []
            conversation.reply(rita, world.reload(case), body=f"{kind} {number}", staged=staged)
            if kind == "quote" and before:
                mark_answer(rita, case, data.draw(st.sampled_from(before)))
    every = messages_by_id(world, case)
    bodies = {one.id: one.body for one in every.values()}
    files = {row.id: row.message_id for row in world.rows(Attachment, Attachment.case_id == case.id)}
    chosen = data.draw(st.sets(st.sampled_from(sorted(every)), min_size=1))
    new = split(world, case, [every[one] for one in chosen], tell=False)
    here, there = (messages_by_id(world, one) for one in (case, new))
    assert set(there) == chosen and set(here) == set(every) - chosen
    assert {one.id: one.body for one in [*here.values(), *there.values()]} == bodies
    assert len({one.position for one in there.values()}) == len(there)
    for group in (here, there):
        assert all(one.in_reply_to_id in {None, *group} for one in group.values())
    place = {message_id: one.case_id for message_id, one in {**here, **there}.items()}
    for row in world.rows(Attachment, Attachment.id.in_(files)):
        assert row.message_id == files[row.id] and row.case_id == place[row.message_id]


def test_a_mail_that_became_a_moved_message_follows_it(world, case):
    said(world, case, "The printer again")
    moves = said(world, case, "And the scanner is dead")
    kept = receive_mail(world.system(), subject="Again", fate="comment", case_id=case.id)
    mail = receive_mail(world.system(), subject="Again", fate="comment", case_id=case.id)
    before = moves.position - 1
    for row, position in ((kept, before), (mail, before + 1)):
        row.facts = {**row.facts, "message": position}
    world.session.flush()
    new = split(world, case, [moves])
    found, same = world.row(InboundMail, mail), world.row(InboundMail, kept)
    assert (found.case_id, found.facts["message"], found.facts["key"]) == (new.id, 1, new.key)
    assert mail_of_message(world.ctx("ana"), new, moves.id).id == mail.id
    assert same.case_id == case.id and same.facts["message"] == before


def test_the_survey_of_the_original_stays_with_it(world, case):
    moves = said(world, case, "And the scanner is dead")
    # In business hours the five since it was opened break a promise, at night they do not.
    why = {"with_breach_reason": "vendor", "with_breach_note": "The line was cut"}
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Paper came.", check="Print.", answers=why)
    new = split(world, case, [moves])
    assert world.reload(case).state == "resolved" and new.state == "new"
