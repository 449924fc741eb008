"""A file says enough by itself; where words are asked for, a file is not enough."""

import io

import pytest

from portal.cases.models import RequestType
from portal.notifications.models import OutgoingMail


def sent(world, case, kind):
    return [m for m in world.messages_of(case) if m.kind == kind]


@pytest.mark.parametrize(
    ("who", "path", "kind"),
    [
        ("rita", "/cases/{}/replies", "reply"),
        ("ana", "/desk/cases/{}/reply", "reply"),
        ("ana", "/desk/cases/{}/note", "note"),
    ],
)
def test_a_staged_file_needs_no_words(world, as_user, run_outbox, who, path, kind):
    case, staged = world.case_in("open", by="rita"), world.stage(by=who, name="screen.png")
    before = len(sent(world, case, kind))
    answer = as_user(who).post(path.format(case.key), data={"body": "", "staged": str(staged.id)})
    assert answer.status_code == 303
    run_outbox()
    assert len(sent(world, case, kind)) == before + 1
    page = as_user("ana").get(f"/desk/cases/{case.key}")
    assert "screen.png" in page.text and "Write" not in page.page.title


def test_a_plain_file_needs_no_words(world, as_user):
    case = world.open_case("rita")
    data = {"body": "", "attachments": (io.BytesIO(b"x"), "log.txt")}
    assert as_user("rita").post(f"/cases/{case.key}/replies", data=data).status_code == 303


def test_neither_words_nor_file_is_refused(world, as_user):
    case = world.open_case("rita")
    answer = as_user("rita").post(f"/cases/{case.key}/replies", data={"body": " "})
    assert answer.status_code == 422 and "Write your message" in answer.text


@pytest.mark.parametrize("status", ["waiting", "resolved"])
def test_a_question_and_a_solution_are_words(world, as_user, status):
    case, staged = world.case_in("open", by="rita"), world.stage(by="ana", name="screen.png")
    data = {"body": "", "status": status, "staged": str(staged.id)}
    answer = as_user("ana").post(f"/desk/cases/{case.key}/reply", data=data)
    assert answer.status_code == 422 and "Write the reply" in answer.text and "screen.png" in answer.text
    assert world.reload(case).state == "open"


def test_the_mail_of_a_file_without_words_names_the_file(world, as_user, run_outbox):
    case, staged = world.case_in("open", by="rita"), world.stage(by="ana", name="screen.png")
    assert as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"staged": str(staged.id)}).status_code == 303
    run_outbox()
    mail = world.rows(OutgoingMail)[-1]
    assert "screen.png" in mail.text and "screen.png" in mail.html


def test_an_untouched_template_is_no_description(world, as_user):
    """Its questions stand in the box; sent as they are, nobody answered them. All errors come at once."""
    world.row(RequestType, world.types["question"]).template = "What did you do?\nWhat happened?"
    world.session.flush()
    rita = as_user("rita")
    form = rita.get("/new/question").page.form("/new/question")
    assert form["description"] == "What did you do?\nWhat happened?"
    refused = rita.submit(form, account="ACME", subject="")
    assert refused.status_code == 422 and "Describe what is happening" in refused.text
    assert "Write a subject" in refused.text
    answered = "What did you do? I pressed Print.\nWhat happened? Nothing."
    assert rita.submit(form, account="ACME", subject="No print", severity="3", description=answered).status_code == 303
