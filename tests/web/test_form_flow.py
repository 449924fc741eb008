"""The one way of a form: what it answers, and that no text is lost."""

import pytest
from flask import make_response
from sqlalchemy.exc import IntegrityError

from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.web.form_flow import submit_form
from portal.web.forms import Form, line_field, text_field
from portal.web.unsent_text import read_unsent_text


@pytest.fixture(autouse=True)
def without_tokens(app, monkeypatch):
    """Forms here are sent by no browser."""
    monkeypatch.setattr("flask_wtf.csrf.validate_csrf", lambda *_args: None)
    monkeypatch.setattr("flask_wtf.csrf._FlaskFormCSRF.validate_csrf_token", lambda *_args: None)


class NoteForm(Form):
    title = line_field("Title", need="Write a title")
    text = text_field("Text", need="Write a text")
    version = line_field("Version")


@pytest.fixture
def answer(world, monkeypatch):
    """Send fields to a form; `act` is what the action does."""

    def send(act=lambda: "made", version=None, **fields):
        monkeypatch.setattr("portal.web.form_flow.ctx", lambda: world.ctx("rita", "contact"))
        with world.app.test_request_context("/", method="POST", data=fields):
            form = NoteForm()
            response = submit_form(
                form,
                act,
                done=lambda result: make_response(str(result), 303),
                show=lambda status: make_response(f"{form.text.data}|{form.conflict}|{form.errors}", status),
                version=version,
            )
            return response.status_code, response.get_data(as_text=True), form

    return send


def test_done_answers_with_the_result(answer):
    assert answer(title="A", text="B")[:2] == (303, "made")


def test_all_errors_of_a_form_come_at_once(answer):
    status, shown, _form = answer(title="", text="")
    assert status == 422 and "Write a title" in shown and "Write a text" in shown


def raising(problem):
    def act():
        raise problem

    return act


@pytest.mark.parametrize(
    ("problem", "status"),
    [(Refused("No", "title"), 422), (Conflict("Tom was faster"), 409), (IntegrityError("", {}, Exception()), 409)],
)
def test_a_refusal_and_a_conflict_keep_the_text(answer, problem, status):
    got, shown, form = answer(raising(problem), title="A", text="My words")
    assert got == status and shown.startswith("My words|")
    assert bool(form.conflict) == (status == 409)


def test_a_form_drawn_from_an_older_version_does_nothing(world, monkeypatch):
    monkeypatch.setattr("portal.web.form_flow.ctx", lambda: world.ctx("rita", "contact"))
    acted = []
    with world.app.test_request_context("/", method="POST", data={"title": "A", "text": "B", "version": "7"}):
        form = NoteForm()
        response = submit_form(
            form,
            lambda: acted.append(1),
            done=lambda _r: make_response("", 303),
            show=lambda status: make_response("", status),
            version=lambda: 8,
            changed_by=lambda: "Tom changed it",
        )
    assert response.status_code == 409 and not acted
    assert form.conflict == "Tom changed it" and form.version.data == "8"


def test_what_is_forbidden_leads_to_the_error_page(answer):
    with pytest.raises(Forbidden):
        answer(raising(Forbidden("Not you")), title="A", text="B")


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"body": "Printer", "csrf_token": "abc def ghi", "severity": "3"}, ["Printer"]),
        ({"x": "A whole sentence of somebody.", "staged": "0198c0de-0000-7000-8000-000000000000"}, None),
        ({"password": "correct horse battery"}, []),
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
