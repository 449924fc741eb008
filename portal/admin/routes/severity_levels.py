"""/admin/severity: the severity levels."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.severity_levels import NewSeverityLevelForm, SeverityLevelsForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.cases.actions import severity_levels as severity_levels_actions
from portal.cases.models import SeverityLevel
from portal.cases.queries.severity_levels import severity_levels
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see


@admin.get("/severity")
@reads
def severity() -> Response:
    rows = list(severity_levels(ctx()))
    names = {f"name_{row.rank}": row.name for row in rows}
    sentences = {f"description_{row.rank}": row.description for row in rows}
    form = SeverityLevelsForm(levels_version=levels_version(rows), **names, **sentences)
    return show_levels(rows, form.only([row.rank for row in rows]))


@admin.post("/severity")
@configures
def change_severity() -> Response:
    rows = list(severity_levels(ctx()))
    ranks = [row.rank for row in rows]
    form = SeverityLevelsForm().only(ranks)
    status = submit_form(
        form,
        lambda: severity_levels_actions.change_severity_levels(ctx(), form.names(ranks)),
        current=levels_version(rows),
        changed_by=last_changed_by(ctx().provider_id),
    )
    if status:
        return show_levels(rows, form, status)
    flash(_("Saved. Cases show the new names at once."), "success")
    return see(url_for("admin.severity"))


@admin.get("/severity/new")
@configures
def new_level() -> Response:
    return page("admin/severity_level_new.html", form=NewSeverityLevelForm())


@admin.post("/severity/new")
@configures
def add_level() -> Response:
    form = NewSeverityLevelForm()
    status = submit_form(
        form,
        lambda: severity_levels_actions.add_severity_level(
            ctx(), name=form.name.data, description=form.description.data or ""
        ),
    )
    if status:
        return page("admin/severity_level_new.html", status, form=form)
    flash(_("%(name)s can be chosen from now on.", name=form.name.data), "success")
    return see(url_for("admin.severity"))


@admin.get("/severity/remove")
@configures
def remove_question() -> Response:
    return page("admin/severity_level_remove.html", row=severity_levels(ctx())[-1:], form=PressForm())


@admin.post("/severity/remove")
@configures
def remove_level() -> Response:
    form = PressForm()
    status = submit_form(form, lambda: severity_levels_actions.remove_severity_level(ctx()))
    if status:
        return page("admin/severity_level_remove.html", status, row=severity_levels(ctx())[-1:], form=form)
    flash(_("The lowest level was removed."), "success")
    return see(url_for("admin.severity"))


def levels_version(rows: list[SeverityLevel]) -> str:
    return fingerprint(*[(row.rank, row.name, row.description) for row in rows])


def show_levels(rows: list[SeverityLevel], form: SeverityLevelsForm, status: int = 200) -> Response:
    return page(
        "admin/severity_levels.html",
        status,
        rows=rows,
        form=form,
        fewest=severity_levels_actions.MIN_LEVELS,
        most=severity_levels_actions.MAX_LEVELS,
    )
