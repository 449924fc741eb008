"""The levels of "How is your work affected?"."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.catalogue import NewLevelForm, QuestionForm, SeverityForm
from portal.admin.routes.blueprint import admin, by_whom, configures, reads
from portal.cases.actions import severity_levels as severity_levels_actions
from portal.cases.actions import severity_question as asking
from portal.cases.models import SeverityLevel
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.queries.severity_question import severity_answers
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint, submit
from portal.web.forms import PressForm
from portal.web.htmx import page, see


@admin.get("/severity")
@reads
def severity() -> Response:
    rows = list(severity_levels(ctx()))
    names = {f"name_{row.rank}": row.name for row in rows}
    sentences = {f"description_{row.rank}": row.description for row in rows}
    form = SeverityForm(version=version(rows), **names, **sentences)
    return show(rows, form.only([row.rank for row in rows]))


@admin.post("/severity")
@configures
def change_severity() -> Response:
    rows = list(severity_levels(ctx()))
    ranks = [row.rank for row in rows]
    form = SeverityForm().only(ranks)
    status = submit(
        form,
        lambda: severity_levels_actions.change_severity_levels(ctx(), form.names(ranks)),
        current=version(rows),
        who=by_whom(ctx().provider_id),
    )
    if status:
        return show(rows, form, status)
    flash(_("Saved. Cases show the new names at once."), "success")
    return see(url_for("admin.severity"))


@admin.get("/severity/new")
@configures
def new_level() -> Response:
    return page("admin/severity_new.html", form=NewLevelForm())


@admin.post("/severity/new")
@configures
def add_level() -> Response:
    form = NewLevelForm()
    status = submit(
        form,
        lambda: severity_levels_actions.add_severity_level(
            ctx(), name=form.name.data, description=form.description.data or ""
        ),
    )
    if status:
        return page("admin/severity_new.html", status, form=form)
    flash(_("%(name)s can be chosen from now on.", name=form.name.data), "success")
    return see(url_for("admin.severity"))


@admin.get("/severity/remove")
@configures
def remove_question() -> Response:
    return page("admin/severity_remove.html", row=severity_levels(ctx())[-1:], form=PressForm())


@admin.post("/severity/remove")
@configures
def remove_level() -> Response:
    form = PressForm()
    status = submit(form, lambda: severity_levels_actions.remove_severity_level(ctx()))
    if status:
        return page("admin/severity_remove.html", status, row=severity_levels(ctx())[-1:], form=form)
    flash(_("The lowest level is gone."), "success")
    return see(url_for("admin.severity"))


@admin.get("/severity/question")
@reads
def severity_question() -> Response:
    row = provider_queries.own_provider(ctx())
    form = QuestionForm(kind=row.severity_question, question=row.severity_text, version=question_version(row))
    for answer, fields in zip(severity_answers(ctx()), form.rows(), strict=False):
        for field, value in zip(fields, (answer.name, answer.description, str(answer.rank)), strict=True):
            field.data = value
    return show_question(form)


@admin.post("/severity/question")
@configures
def change_severity_question() -> Response:
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    form = offered(QuestionForm())

    def act() -> None:
        answers = form.answers() if form.kind.data == "impact" else ()
        asking.change_severity_question(
            ctx(), row, kind=form.kind.data, question=form.question.data or "", answers=answers
        )

    status = submit(form, act, current=question_version(row), who=by_whom(row.id))
    if status:
        return show_question(form, status)
    flash(_("Saved. It is asked from now on."), "success")
    return see(url_for("admin.severity_question"))


def offered(form: QuestionForm) -> QuestionForm:
    """*form* with the levels that an answer can mean."""
    levels = [(str(row.rank), f"{row.rank} {row.name}") for row in severity_levels(ctx())]
    for _name, _sentence, rank in form.rows():
        rank.choices = [("", _("Choose a level")), *levels]
    return form


def question_version(row: Provider) -> str:
    answers = [(a.name, a.description, a.rank) for a in severity_answers(ctx())]
    return fingerprint(row.severity_question, row.severity_text, answers)


def show_question(form: QuestionForm, status: int = 200) -> Response:
    return page("admin/severity_question.html", status, form=offered(form), levels=severity_levels(ctx()))


def version(rows: list[SeverityLevel]) -> str:
    return fingerprint(*[(row.rank, row.name, row.description) for row in rows])


def show(rows: list[SeverityLevel], form: SeverityForm, status: int = 200) -> Response:
    return page(
        "admin/severity.html",
        status,
        rows=rows,
        form=form,
        fewest=severity_levels_actions.MIN_LEVELS,
        most=severity_levels_actions.MAX_LEVELS,
    )
