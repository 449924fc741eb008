"""/admin/approvals: which cases need a yes."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.approvals.actions import rules as actions
from portal.approvals.forms.rules import STEPS, ApprovalRuleForm
from portal.approvals.models import ApprovalRule
from portal.approvals.pages.rules import rule_lines
from portal.approvals.queries import rules as queries
from portal.approvals.queries.people import addresses_by_user, place_names
from portal.approvals.routes.blueprint import approvals, configures, reads
from portal.cases.queries import request_types
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@approvals.get("/admin/approvals")
@reads
def rules() -> Any:
    """The rules, in the order in which their steps follow one another."""
    return page("approvals/admin/index.html", lines=rule_lines(ctx(), queries.rules(ctx())))


@approvals.route("/admin/approvals/new", methods=["GET", "POST"])
@configures
def new_rule() -> Any:
    """Add a rule."""
    context = ctx()
    form = _offer(context, ApprovalRuleForm())
    if form.is_submitted():
        status = submit_form(form, lambda: actions.add_rule(context, form.facts()))
        return _form_page(form, None, status) if status else _saved()
    form.fill_new(len(queries.rules(context)) + 1)
    return _form_page(form, None)


@approvals.get("/admin/approvals/<uuid:approval_rule_id>")
@reads
def rule(approval_rule_id: uuid.UUID) -> Any:
    """One rule."""
    context = ctx()
    row = queries.rule(context, approval_rule_id)
    form = _offer(context, ApprovalRuleForm(formdata=None))
    named = [parse_id(one) for step in row.steps for person in step["people"] for one in person.values() if one]
    names = place_names(context, [row])
    place = row.account_id or row.organization_id
    addresses = addresses_by_user(context, [one for one in named if one is not None])
    form.fill(row, names.get(place, "") if place else "", addresses)
    return _form_page(form, row)


@approvals.post("/admin/approvals/<uuid:approval_rule_id>")
@configures
def change_rule(approval_rule_id: uuid.UUID) -> Any:
    """Change it."""
    context = ctx()
    row = queries.rule(context, approval_rule_id, lock=True)
    form = _offer(context, ApprovalRuleForm())
    status = submit_form(form, lambda: actions.change_rule(context, row, form.facts()), current=row.version)
    return _form_page(form, row, status) if status else _saved()


def _saved() -> Any:
    flash(_("Saved."), "success")
    return see(url_for("approvals.rules"))


def _offer(context: Context, form: ApprovalRuleForm) -> ApprovalRuleForm:
    form.offer(request_types(context), severity_levels(context))
    return form


def _form_page(form: ApprovalRuleForm, row: ApprovalRule | None, status: int = 200) -> Any:
    return page("approvals/admin/rule.html", status, form=form, row=row, step_numbers=STEPS)
