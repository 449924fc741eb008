"""/admin/rules: what happens to cases by itself."""

import uuid
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.cases.queries import request_types
from portal.cases.queries.interface import vocabulary
from portal.cases.queries.severity_levels import severity_levels
from portal.cases.queries.staff import possible_owners
from portal.kernel.context import Context
from portal.rules.actions import case_rules as actions
from portal.rules.forms.case_rules import CaseRuleForm
from portal.rules.labels import entry_words
from portal.rules.models import CaseRule
from portal.rules.pages.case_rules import rule_line, rule_lines
from portal.rules.pages.trial import Trial, try_rule
from portal.rules.queries import case_rules as queries
from portal.rules.queries import firings
from portal.rules.routes.blueprint import configures, reads, rules
from portal.tenants.queries.departments import active_departments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see
from portal.web.urls import list_page


@rules.get("/admin/rules")
@reads
def index() -> Any:
    """The rules, in the order in which they run."""
    return page("rules/index.html", lines=rule_lines(ctx(), queries.rules(ctx())))


@rules.route("/admin/rules/new", methods=["GET", "POST"])
@configures
def new_rule() -> Any:
    """Add a rule, or try it first."""
    context = ctx()
    form = _offer(context, CaseRuleForm())
    if not form.is_submitted():
        form.fill_new(len(queries.rules(context)) + 1)
        return _form_page(form, None)
    if _tries():
        return _try_form(context, form, None)
    status = submit_form(form, lambda: actions.add_rule(context, form.facts()))
    return _form_page(form, None, status) if status else _saved()


@rules.get("/admin/rules/<uuid:case_rule_id>")
@reads
def rule(case_rule_id: uuid.UUID) -> Any:
    """One rule."""
    context = ctx()
    row = queries.rule(context, case_rule_id)
    form = _offer(context, CaseRuleForm(formdata=None))
    names = queries.names_of(context, [row])
    place = row.account_id or row.organization_id
    form.fill(
        row, names.get(place, "") if place else "", names.get(row.environment_id, "") if row.environment_id else ""
    )
    return _form_page(form, row)


@rules.post("/admin/rules/<uuid:case_rule_id>")
@configures
def change_rule(case_rule_id: uuid.UUID) -> Any:
    """Change it, or try the change first."""
    context = ctx()
    row = queries.rule(context, case_rule_id, lock=True)
    form = _offer(context, CaseRuleForm())
    if _tries():
        return _try_form(context, form, row)
    status = submit_form(form, lambda: actions.change_rule(context, row, form.facts()), current=row.version)
    return _form_page(form, row, status) if status else _saved()


@rules.get("/admin/rules/<uuid:case_rule_id>/trial")
@reads
def trial(case_rule_id: uuid.UUID) -> Any:
    """What the rule would have done in the last days."""
    context = ctx()
    row = queries.rule(context, case_rule_id)
    return page(
        "rules/trial.html", row=row, line=_line(context, row), trial=try_rule(context, queries.to_rule_in_use(row), row)
    )


@rules.get("/admin/rules/<uuid:case_rule_id>/log")
@reads
def log(case_rule_id: uuid.UUID) -> Any:
    """What the rule did, to which cases, and why not."""
    context = ctx()
    row = queries.rule(context, case_rule_id)
    found = firings.firing_page(context, row.id, list_page())
    return page("rules/log.html", row=row, line=_line(context, row), found=found, entry_words=entry_words)


@rules.route("/admin/rules/<uuid:case_rule_id>/switch", methods=["GET", "POST"])
@configures
def switch(case_rule_id: uuid.UUID) -> Any:
    """Ask whether to take the rule into use or out of it, and do it."""
    context = ctx()
    row = queries.rule(context, case_rule_id, lock=request.method == "POST")
    form = PressForm()
    on = not row.active
    if form.is_submitted():
        status = submit_form(form, lambda: actions.switch_rule(context, row, active=on), current=row.version)
        if not status:
            return _saved()
    else:
        status, form.version.data = 200, str(row.version)
    return page("rules/press.html", status, row=row, form=form, verb="on" if on else "off")


@rules.route("/admin/rules/<uuid:case_rule_id>/delete", methods=["GET", "POST"])
@configures
def delete_rule(case_rule_id: uuid.UUID) -> Any:
    """Ask whether to delete the rule, and do it."""
    context = ctx()
    row = queries.rule(context, case_rule_id, lock=request.method == "POST")
    form, status = PressForm(), 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.delete_rule(context, row))
        if not status:
            flash(_("The rule was deleted."), "success")
            return see(url_for("rules.index"))
    return page("rules/press.html", status, row=row, form=form, verb="delete")


def _saved() -> Any:
    flash(_("Saved."), "success")
    return see(url_for("rules.index"))


def _tries() -> bool:
    """Whether the button was pressed that tries a rule and stores nothing."""
    return bool(request.form.get("try"))


def _try_form(context: Context, form: CaseRuleForm, row: CaseRule | None) -> Any:
    """The form with what the rule that it says would have done; nothing is stored."""
    found: list[Any] = []

    def look() -> None:
        typed = actions.draft_rule(context, form.facts())
        found.extend((_line(context, typed), try_rule(context, queries.to_rule_in_use(typed), typed)))

    status = submit_form(form, look)
    if status:
        return _form_page(form, row, status)
    return _form_page(form, row, line=found[0], trial=found[1])


def _line(context: Context, row: Any) -> Any:
    types = {one.id: one.name for one in request_types(context)}
    return rule_line(context, row, queries.names_of(context, [row]), types)


def _offer(context: Context, form: CaseRuleForm) -> CaseRuleForm:
    words = vocabulary.vocabulary(context, "staff")
    form.offer(
        types=request_types(context),
        levels=severity_levels(context),
        departments=active_departments(context),
        owners=possible_owners(context),
        statuses=[(state, words.word(state)) for state in ("new", "open", "in_progress", "waiting", "on_hold")],
    )
    return form


def _form_page(
    form: CaseRuleForm, row: CaseRule | None, status: int = 200, *, line: Any = None, trial: Trial | None = None
) -> Any:
    shown = line if line is not None or row is None else _line(ctx(), row)
    return page("rules/rule.html", status, form=form, row=row, line=shown, trial=trial)
