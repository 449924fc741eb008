"""/admin/severity/question: the question to customers instead of a level."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.severity_question import SeverityQuestionForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.cases.actions import severity_question as asking
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.queries.severity_question import severity_answers
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@admin.get("/severity/question")
@reads
def severity_question() -> Response:
    row = provider_queries.own_provider(ctx())
    form = SeverityQuestionForm(
        kind=row.severity_question, question=row.severity_text, levels_version=question_version(row)
    )
    for answer, fields in zip(severity_answers(ctx()), form.rows(), strict=False):
        for field, value in zip(fields, (answer.name, answer.description, str(answer.rank)), strict=True):
            field.data = value
    return show_question(form)


@admin.post("/severity/question")
@configures
def change_severity_question() -> Response:
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    form = offer_levels(SeverityQuestionForm())

    def act() -> None:
        answers = form.answers() if form.kind.data == "impact" else ()
        asking.change_severity_question(
            ctx(), row, kind=form.kind.data, question=form.question.data or "", answers=answers
        )

    status = submit_form(form, act, current=question_version(row), changed_by=last_changed_by(row.id))
    if status:
        return show_question(form, status)
    flash(_("Saved. Customers are asked this from now on."), "success")
    return see(url_for("admin.severity_question"))


def offer_levels(form: SeverityQuestionForm) -> SeverityQuestionForm:
    """*form* with the levels that an answer can mean."""
    levels = [(str(row.rank), f"{row.rank} {row.name}") for row in severity_levels(ctx())]
    for _name, _sentence, rank in form.rows():
        rank.choices = [("", _("Choose a level")), *levels]
    return form


def question_version(row: Provider) -> str:
    answers = [(a.name, a.description, a.rank) for a in severity_answers(ctx())]
    return fingerprint(row.severity_question, row.severity_text, answers)


def show_question(form: SeverityQuestionForm, status: int = 200) -> Response:
    return page("admin/severity_question.html", status, form=offer_levels(form), levels=severity_levels(ctx()))
