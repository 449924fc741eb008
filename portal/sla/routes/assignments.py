"""/admin/sla-policies/agreed: the agreements of everybody, organizations and accounts, with their sources."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.text import clean_line
from portal.sla import labels
from portal.sla.actions import assignments as assignment_actions
from portal.sla.forms.assignments import AssignmentForm
from portal.sla.models import Assignment, Run
from portal.sla.queries import assignments as assignment_queries
from portal.sla.queries import calendars as calendar_queries
from portal.sla.queries import policies as policy_queries
from portal.sla.routes.blueprint import configures, find_chosen, promises, reads
from portal.tenants.models import Account, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see
from portal.web.urls import number_parameter, text_parameter


@promises.get("/admin/sla-policies/agreed")
@reads
def assignments() -> Any:
    """Every account with its rules and their source; above them the agreements with everybody and with
    organizations."""
    context, q = ctx(), text_parameter("q", 100)
    found = account_queries.accounts_page(context, q=q, number=number_parameter("page", 1))
    said = assignment_queries.assignments(context)
    return page(
        "sla/assignments/index.html",
        found=found,
        q=q,
        effective=assignment_queries.effective_rules_for(
            context, {(row.organization_id, row.id) for row in found.rows}
        ),
        everybody=next((row for row in said if row.organization_id is None), None),
        organizations=[row for row in said if row.organization_id is not None and row.account_id is None][:200],
        own={row.account_id for row in said if row.account_id is not None},
        labels=labels,
    )


@promises.get("/admin/sla-policies/agreed/everybody")
@reads
def assignment_of_everybody() -> Any:
    """The agreement with everybody."""
    return show_form(ctx(), None, None)


@promises.post("/admin/sla-policies/agreed/everybody")
@configures
def assign_to_everybody() -> Any:
    """Agree it with everybody."""
    return submit(ctx(), None, None)


@promises.get("/admin/sla-policies/agreed/organization/<slug>")
@reads
def assignment_of_organization(slug: str) -> Any:
    """The agreement with one organization."""
    return show_form(ctx(), organization_queries.organization(ctx(), slug), None)


@promises.post("/admin/sla-policies/agreed/organization/<slug>")
@configures
def assign_to_organization(slug: str) -> Any:
    """Agree it with the organization."""
    return submit(ctx(), organization_queries.organization(ctx(), slug), None)


@promises.get("/admin/sla-policies/agreed/account/<account_key>")
@reads
def assignment_of_account(account_key: str) -> Any:
    """The agreement with one account."""
    row = account_of(ctx(), account_key)
    return show_form(ctx(), None, row)


@promises.post("/admin/sla-policies/agreed/account/<account_key>")
@configures
def assign_to_account(account_key: str) -> Any:
    """Agree it with the account."""
    return submit(ctx(), None, account_of(ctx(), account_key))


def account_of(context: Context, key: str) -> Account:
    """The account with that key; NotFound for none."""
    if not key.isalnum():
        raise NotFound
    return account_queries.account(context, clean_line(key))


def own_assignment(context: Context, organization: Organization | None, account: Account | None) -> Assignment | None:
    """The agreement with exactly this place."""
    place = (account.organization_id if account else organization.id if organization else None, account and account.id)
    return next(
        (row for row in assignment_queries.assignments(context) if (row.organization_id, row.account_id) == place), None
    )


def fill_choices(context: Context, form: AssignmentForm, own: Assignment | None, *, broadest: bool) -> tuple[Any, Any]:
    """Fill the choices; the present values stay choosable. Returns the policies and the calendars."""
    policies, calendars = list(policy_queries.policies(context)), list(calendar_queries.calendars(context))
    if own is not None and own.policy is not None and own.policy.archived:
        policies.append(policy_queries.policy(context, own.policy.id))
    if own is not None and own.calendar is not None and own.calendar.archived:
        calendars.append(calendar_queries.calendar(context, own.calendar.id))
    none = _("No promise") if broadest else _("As agreed at a higher level")
    form.policy.choices = [("", none), *((str(row.id), row.name) for row in policies)]
    own_hours = _("The policy's own") if broadest else _("As agreed at a higher level, or the policy's own")
    form.calendar.choices = [("", own_hours), *((str(row.id), row.name) for row in calendars)]
    return policies, calendars


def show_form(
    context: Context,
    organization: Organization | None,
    account: Account | None,
    form: AssignmentForm | None = None,
    status: int = 200,
) -> Any:
    """The form, and beside it the current rules."""
    own = own_assignment(context, organization, account)
    if form is None:
        form = AssignmentForm(formdata=None)
        form.policy.data = str(own.policy_id or "") if own else ""
        form.calendar.data = str(own.calendar_id or "") if own else ""
    fill_choices(context, form, own, broadest=organization is None and account is None)
    return page(
        "sla/assignments/edit.html",
        status,
        form=form,
        own=own,
        organization=organization or (account.organization if account else None),
        account=account,
        here=form_address(organization, account),
        effective=assignment_queries.effective_rules(context, account.organization_id, account.id) if account else None,
        labels=labels,
    )


def form_address(organization: Organization | None, account: Account | None) -> str:
    """The address of the form."""
    if account is not None:
        return url_for("promises.assignment_of_account", account_key=account.key)
    if organization is not None:
        return url_for("promises.assignment_of_organization", slug=organization.slug)
    return url_for("promises.assignment_of_everybody")


def submit(context: Context, organization: Organization | None, account: Account | None) -> Any:
    """Store the agreement of the form; a run recomputes the open cases of the place."""
    form = AssignmentForm()
    own = own_assignment(context, organization, account)
    policies, calendars = fill_choices(context, form, own, broadest=organization is None and account is None)
    runs: list[Run | None] = []
    status = submit_form(
        form,
        lambda: runs.append(
            assignment_actions.assign(
                context,
                policy=find_chosen(form.policy.data, policies),
                calendar=find_chosen(form.calendar.data, calendars),
                organization=organization,
                account=account,
            )
        ),
    )
    if status:
        return show_form(context, organization, account, form, status)
    run = runs[0]
    flash(_("Saved."), "success")
    if run is not None and run.total:
        return see(url_for("promises.run", run_id=run.id))
    return see(url_for("promises.assignments"))
