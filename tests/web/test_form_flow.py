"""The one way of a form: what it answers, and that no text is lost."""

import pytest
from psycopg.errors import NotNullViolation, UniqueViolation
from sqlalchemy.exc import IntegrityError

from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.web.form_flow import submit_form
from portal.web.forms import Form, line_field, text_field
from portal.web.unsent_text import read_unsent_text


@pytest.fixture(autouse=True)
def without_tokens(app, monkeypatch):
    """Forms here are sent by no browser."""
    monkeypatch.setattr("portal.web.csrf.FormTokens.validate_csrf_token", lambda *_args: None)


class NoteForm(Form):
    title = line_field("Title", need="Write a title")
    text = text_field("Text", need="Write a text")
    version = line_field("Version")


@pytest.fixture
def submit(world, monkeypatch):
    """Send fields to a form; `act` is what the action does. Returns the status and the form."""

    def send(act=lambda: None, fields=None, **options):
        monkeypatch.setattr("portal.web.form_flow.ctx", lambda: world.ctx("rita", "contact"))
        with world.app.test_request_context("/", method="POST", data=fields or {"title": "A", "text": "My words"}):
            form = NoteForm()
            return submit_form(form, act, **options), form

    return send


def raising(problem):
    def act():
        raise problem

    return act


def test_what_happened_is_status_0(submit):
    acted = []
    assert submit(lambda: acted.append(1))[0] == 0 and acted == [1]


def test_all_errors_of_a_form_come_at_once(submit):
    status, form = submit(fields={"title": "", "text": ""}, check=lambda: True)
    assert status == 422 and set(form.errors) == {"title", "text"}


def test_a_check_beside_the_fields_refuses_too(submit):
    acted = []
    assert submit(lambda: acted.append(1), check=lambda: False)[0] == 422 and not acted


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Refused("No", "title"), 422),
        (Conflict("Tom was faster"), 409),
        (IntegrityError("", {}, UniqueViolation()), 409),
    ],
)
def test_a_refusal_and_a_conflict_keep_the_text(submit, problem, status):
    got, form = submit(raising(problem))
    assert got == status and form.text.data == "My words"
    assert bool(form.conflict) == (status == 409)


def test_a_constraint_that_no_race_breaks_is_a_defect_and_no_conflict(submit):
    """A missing value would else be told as somebody else's change."""
    with pytest.raises(IntegrityError):
        submit(raising(IntegrityError("", {}, NotNullViolation())))


def test_a_form_drawn_from_an_older_version_does_nothing(submit):
    acted = []
    fields = {"title": "A", "text": "B", "version": "7"}
    status, form = submit(lambda: acted.append(1), fields, current=8, changed_by=lambda: "Tom changed it")
    assert status == 409 and not acted
    assert form.conflict == "Tom changed it" and form.version.data == "8"


def test_a_form_without_a_version_is_taken_as_it_is(submit):
    assert submit(current=8)[0] == 0


def test_what_is_forbidden_leads_to_the_error_page(submit):
    with pytest.raises(Forbidden):
        submit(raising(Forbidden("Not you")))


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"body": "Printer", "csrf_token": "abc def ghi", "severity": "3"}, ["Printer"]),
        ({"x": "A whole sentence of somebody.", "staged": "0198c0de-0000-7000-8000-000000000000"}, None),
        ({"password": "correct horse battery"}, []),
        ({"anyway": "One group", "anyway_for": "3f9a1c 77b0e2"}, ["One group"]),
        ({"q2": "SLOW", "q1": "4", "q3": "プリンターが故障しました"}, ["SLOW", "プリンターが故障しました"]),
        ({"phone": "+48221002030", "subject": "4711", "status": "resolved", "owner": "tom"}, ["+48221002030", "4711"]),
    ],
)
def test_unsent_text_is_what_a_person_wrote(app, fields, kept):
    with app.test_request_context("/", method="POST", data=fields):
        assert read_unsent_text() == (["A whole sentence of somebody."] if kept is None else kept)


def test_an_error_page_shows_what_was_written(as_user, world):
    rita = as_user("rita")
    answer = rita.post("/cases/ACME-99999/replies", data={"body": "Still down <b>here</b>\nsince nine"})
    assert answer.status_code == 404
    assert "Still down &lt;b&gt;here&lt;/b&gt;\nsince nine" in answer.text


def test_a_refused_form_that_is_on_the_page_needs_no_box_of_unsent_text(as_user):
    """Hidden fields that are drawn anew, and addresses shown one by one, are no text that was lost."""
    rita = as_user("rita")
    form = rita.get("/new/outage").page.form("/new/outage")
    answer = rita.submit(form, subject="", description="It is dark", cc="a@acme.example, b@acme.example")
    assert answer.status_code == 422 and "What you wrote" not in answer.text
