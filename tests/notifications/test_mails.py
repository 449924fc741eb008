"""What is mailed, to whom, in which words."""

import pytest

from portal.cases.actions import conversation, desk, people, resolution
from portal.identity import actions as identity
from portal.identity.models import User
from portal.notifications import mime
from portal.notifications.models import OutgoingMail

SITE = "http://northwind.localhost:8000"


def lines(mail):
    return [line for line in mail.text.splitlines() if line]


def test_whoever_opens_a_case_gets_a_receipt(world, mailed):
    case = world.open_case("rita", subject="Scanner offline", description="It hums.")
    mail = mailed(case)["opened", "rita"]
    assert mail.subject == f"We have your case: Scanner offline [{case.key}]"
    assert lines(mail)[0] == f"{case.key} · Scanner offline · New"
    assert lines(mail)[1].startswith(f"We opened {case.key} on ")
    assert "It hums." in lines(mail)
    assert f"Open the case: {SITE}/cases/{case.key}" in lines(mail)
    assert any(line.startswith(f"Mute this case: {SITE}/a/") for line in lines(mail))


def test_the_person_a_case_was_opened_for_gets_the_second_mail(world, mailed):
    case = world.open_case("cora", contact="jan", subject="Scanner offline")
    mails = mailed(case)
    assert set(mails) == {("opened", "cora"), ("opened_for_you", "jan")}
    mail = mails["opened_for_you", "jan"]
    assert mail.subject == f"{world.cora.name} opened a case for you: Scanner offline [{case.key}]"
    assert {
        f"{world.cora.name} told us about this for you",
        "You can answer and follow it like your own case.",
    } <= set(lines(mail))


def test_nobody_is_mailed_about_a_silent_case_but_the_reporter(world, mailed):
    assert set(mailed(world.open_case("cora", contact="jan", notify=False))) == {("opened", "cora")}


def test_staff_who_open_a_case_get_no_receipt(world, mailed):
    assert set(mailed(world.open_case("ana", account="ACME", contact="rita"))) == {("opened_for_you", "rita")}


def test_somebody_without_a_sign_in_reads_how_to_answer(world, mailed):
    case = world.open_case("cora", contact="jan")
    world.answer(case, "Please restart it.")
    mail = mailed(case)["answered", "jan"]
    assert "Please restart it." in lines(mail)
    assert "Change what you get" not in mail.text
    assert any(line.startswith("You cannot sign in yet. To answer, ") and case.key in line for line in lines(mail))


def test_a_public_reply_is_mailed_and_says_so_in_both_bodies(world, mailed):
    case = world.open_case("rita", subject="Scanner offline")
    world.answer(case, "Please restart **it**.\n\nThen look at <the lamp>.", by="ana")
    mail = mailed(case)["answered", "rita"]
    assert mail.subject == f"{world.ana.name} replied: Scanner offline [{case.key}]"
    assert "Then look at <the lamp>." in mail.text
    assert "<strong>it</strong>" in mail.html and "&lt;the lamp&gt;" in mail.html


def test_a_reply_sent_without_mail_is_not_mailed(world, mailed):
    case = world.open_case("rita")
    conversation.answer(world.ctx("ana"), case, body="Just for the record.", emailed=False)
    assert ("answered", "rita") not in mailed(case)


def test_a_question_is_mailed(world, mailed):
    case = world.case_in("open", subject="Scanner offline")
    desk.ask(world.ctx("ana"), case, question="Which colour is the lamp?")
    mail = mailed(case)["asked", "rita"]
    assert mail.subject == f"{world.ana.name} needs an answer: Scanner offline [{case.key}]"
    assert {f"{world.ana.name} needs an answer", "We pause until you answer."} <= set(lines(mail))
    assert "Which colour is the lamp?" in lines(mail)


def test_a_solution_is_mailed_with_the_way_to_decide_and_the_day_it_closes(world, mailed):
    case = world.case_in("resolved", subject="Scanner offline")
    mail = mailed(case)["resolved", "rita"]
    assert mail.subject == f"Solved? Scanner offline [{case.key}]"
    assert "We restarted the service." in lines(mail) and "Open the list again." in lines(mail)
    for verb in ("Accept", "Reject"):
        assert any(line.startswith(f"{verb} the solution: {SITE}/a/") for line in lines(mail))
    assert any(line.startswith("If we hear nothing it closes ") for line in lines(mail))


def test_people_in_copy_read_the_solution_but_are_not_asked_to_decide(world, mailed):
    case = world.open_case("rita")
    world.put_in_copy(case, "mel@acme.example")
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Restarted", check="Look")
    mail = mailed(case)["resolved", "mel"]
    assert "Restarted" in mail.text and "the solution: " not in mail.text and "/resolution" not in mail.html
    assert "Accept" not in mail.html


@pytest.mark.check(46, "the warning 24 hours before")
def test_a_day_before_it_closes_the_customer_is_warned(world, mailed, travel):
    case = world.case_in("resolved", subject="Scanner offline")
    travel(hours=49)
    mail = mailed(case)["closing_soon", "rita"]
    assert mail.subject == f"Closes within 24 hours: Scanner offline [{case.key}]"


def test_the_warning_is_not_written_when_it_closed_meanwhile(world, mailed, travel):
    case = world.case_in("resolved")
    travel(hours=73)
    mails = mailed(case)
    assert ("closing_soon", "rita") not in mails and ("closed", "rita") in mails


def test_the_end_asks_the_contact_even_when_they_ended_it(world, mailed):
    case = world.case_in("closed", subject="Scanner offline")
    mail = mailed(case)["closed", "rita"]
    assert mail.subject == f"How did we do? Scanner offline [{case.key}]"
    mark = mime.link_mark(mail.token_id)
    assert f"4 ★★★★  {SITE}/s/{mark}?r=4" in lines(mail)
    assert mime.fill_link(mail, mail.text).count(f"{SITE}/s/") == 5 and mark not in mime.fill_link(mail, mail.html)


def test_what_a_person_typed_is_never_taken_for_the_link(world, mailed):
    """Whoever knows how links are put into mails could have had the key printed into a subject."""
    case = world.case_in("closed", subject="link-of-this-mail")
    mail = mailed(case)["closed", "rita"]
    for body in (mime.fill_link(mail, mail.text), mime.fill_link(mail, mail.html)):
        assert "link-of-this-mail" in body and f"{SITE}/s/" in body


def test_others_hear_that_it_closed_without_being_asked(world, mailed):
    case = world.open_case("cora", contact="jan")
    resolution.close(world.ctx("ana"), case)
    mails = mailed(case)
    assert mails["closed", "cora"].subject.startswith("Closed: ")
    assert "/s/" not in mails["closed", "cora"].text and "/s/" in mails["closed", "jan"].text


def test_a_note_is_never_mailed(world, mailed):
    case = world.case_in("open")
    before = set(mailed(case))
    world.note(case, "The customer is wrong")
    assert set(mailed(case)) == before
    assert not any("wrong" in mail.text + mail.html for mail in mailed(case).values())


def test_not_even_an_event_that_names_a_note_mails_it(world, mailed):
    from portal.kernel.events import record

    case = world.case_in("open")
    note = world.note(case, "The customer is wrong")
    record(world.ctx("ana"), "case.answered", case, case=case, message=str(note.id))
    assert ("answered", "rita") not in mailed(case)


def test_who_is_excluded_is_not_mailed_and_the_others_get_links_only(world, mailed):
    case = world.open_case("cora", contact="jan", subject="Dismissal of a colleague", description="Do not tell anybody")
    mailed(case)
    world.exclude(case, "cora")
    world.answer(world.reload(case), "The account is locked on Friday")
    mails = mailed(case)
    assert ("answered", "cora") not in mails
    mail = mails["answered", "jan"]
    for secret in ("Dismissal", "Friday", "anybody"):
        assert secret not in mail.subject + mail.text + mail.html
    assert mail.subject == f"{world.ana.name} replied [{case.key}]"
    assert f"Open the case: {SITE}/cases/{case.key}" in lines(mail)


def test_muting_stops_mails_but_not_the_solution(world, mailed):
    case = world.open_case("rita")
    people.subscribe(world.ctx("rita"), case, "mute")
    world.answer(case)
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Restarted", check="Look")
    kinds = {kind for kind, who in mailed(case) if who == "rita"}
    assert kinds == {"opened", "resolved"}


def test_one_mail_for_one_event_and_person_however_often_it_is_written(world, run_outbox):
    from portal.notifications import jobs

    case = world.open_case("rita")
    run_outbox()
    event = world.events_of(case)[0]
    jobs.write_mails(world.system(), event)
    jobs.write_mails(world.system(), event)
    assert len(world.rows(OutgoingMail, OutgoingMail.case_id == case.id)) == 1


def test_an_invitation_carries_a_link_that_is_not_stored(world, mailed):
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    mail = mailed()["invitation", "jan"]
    assert mail.subject == f"{world.olga.name} invited you to Northwind MSP"
    assert f"Accept the invitation: {SITE}/invite/{mime.link_mark(mail.token_id)}" in lines(mail)
    token = mime.fill_link(mail, mail.text).partition("/invite/")[2].split()[0]
    assert identity.find_link_owner(world.system(), identity.INVITATION, token).id == world.jan.id
    assert token not in mail.text + mail.html


def test_a_reset_and_a_changed_password_are_mailed(world, mailed):
    identity.ask_reset(world.system(), "rita@acme.example")
    identity.set_password(world.system(), world.row(User, world.rita), "a fresh pass phrase")
    mails = mailed()
    mail = mails["password_reset", "rita"]
    assert f"Choose a new password: {SITE}/password/{mime.link_mark(mail.token_id)}" in lines(mail)
    assert mails["password_set", "rita"].subject == "Your password for Northwind MSP was set"


@pytest.mark.parametrize(
    "base,site",
    [
        ("https://anything.example", "https://northwind.localhost"),
        ("http://localhost:9000", "http://northwind.localhost:9000"),
        ("", SITE),
    ],
)
def test_links_take_scheme_and_port_from_the_setting_and_the_host_from_the_provider(
    world, mailed, monkeypatch, base, site
):
    monkeypatch.setattr(world.app.config["PARLEY"], "base_url", base)
    case = world.open_case("rita")
    assert f"Open the case: {site}/cases/{case.key}" in lines(mailed(case)["opened", "rita"])


def test_times_stand_in_the_readers_zone_with_its_name(world, mailed):
    reader = world.row(User, world.rita)
    reader.zone = "Asia/Ho_Chi_Minh"
    case = world.open_case("rita")
    there = case.opened_at.astimezone(__import__("zoneinfo").ZoneInfo("Asia/Ho_Chi_Minh"))
    first = lines(mailed(case)["opened", "rita"])[1]
    assert there.strftime("%H:%M") in first and "(" in first


def test_people_of_the_neighbor_get_mails_of_the_neighbor(world, run_outbox):
    from portal.kernel.database import db

    case = world.open_case("rob")
    run_outbox()
    bound = world.reload(case)
    found = db.session.query(OutgoingMail).filter(OutgoingMail.case_id == bound.id).all()
    assert {mail.sender for mail in found} == {f"support@{world.southgate.host}"}
    assert all(f"//{world.southgate.host}:8000/cases/" in mail.text for mail in found)


def test_what_was_pasted_is_the_same_in_both_bodies(world, mailed):
    case = world.open_case("rita", subject="Scanner offline")
    pasted = "[INFO]: C:\\x\\_y\\*.z  &lt;\n\n\n\n3. __main__\n# comment"
    world.answer(case, pasted, by="ana")
    mail = mailed(case)["answered", "rita"]
    assert pasted in mail.text
    assert "[INFO]: C:\\x\\_y\\*.z  &amp;lt;" in mail.html
    assert "3. __main__" in mail.html
    assert "# comment" in mail.html
