"""/admin/sla-policies/agreed: who gets which promise, from everybody to one account, with where each comes from."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.text import clean_line
from portal.sla.actions import assignments
from portal.sla.forms.assignments import AssignmentForm
from portal.sla.labels import statuses
from portal.sla.models import Assignment
from portal.sla.queries import assignments as assignment_queries
from portal.sla.queries import calendars as calendar_queries
from portal.sla.queries import policies as policy_queries
from portal.sla.routes.blueprint import chosen, configures, promises, reads
from portal.tenants.models import Account, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.htmx import page, see
from portal.web.urls import number_parameter, text_parameter


@promises.get("/admin/sla-policies/agreed")
@reads
def agreed() -> Any:
    """Every account with what holds there and why; what was agreed with everybody and with organizations above."""
    context, q = ctx(), text_parameter("q", 100)
    found = account_queries.accounts_page(context, q=q, number=number_parameter("page", 1))
    said = assignment_queries.assignments(context)
    return page(
        "sla/assignments/index.html",
        found=found,
        q=q,
        holds=assignment_queries.effective_for(context, {(row.organization_id, row.id) for row in found.rows}),
        everybody=next((row for row in said if row.organization_id is None), None),
        organizations=[row for row in said if row.organization_id is not None and row.account_id is None][:200],
        own={row.account_id for row in said if row.account_id is not None},
        words=statuses,
    )


@promises.get("/admin/sla-policies/agreed/everybody")
@reads
def agreed_with_everybody() -> Any:
    """What holds where nothing else was agreed."""
    return show(ctx(), None, None)


@promises.post("/admin/sla-policies/agreed/everybody")
@configures
def agree_with_everybody() -> Any:
    """Agree it with everybody."""
    return answer(ctx(), None, None)


@promises.get("/admin/sla-policies/agreed/organization/<slug>")
@reads
def agreed_with_organization(slug: str) -> Any:
    """What was agreed with one organization."""
    return show(ctx(), organization_queries.organization(ctx(), slug), None)


@promises.post("/admin/sla-policies/agreed/organization/<slug>")
@configures
def agree_with_organization(slug: str) -> Any:
    """Agree it with the organization."""
    return answer(ctx(), organization_queries.organization(ctx(), slug), None)


@promises.get("/admin/sla-policies/agreed/account/<account_key>")
@reads
def agreed_with_account(account_key: str) -> Any:
    """What was agreed with one account."""
    row = account_of(ctx(), account_key)
    return show(ctx(), None, row)


@promises.post("/admin/sla-policies/agreed/account/<account_key>")
@configures
def agree_with_account(account_key: str) -> Any:
    """Agree it with the account."""
    return answer(ctx(), None, account_of(ctx(), account_key))


def account_of(context: Context, key: str) -> Account:
    """The account with that key; NotFound for none."""
    if not key.isalnum():
        raise NotFound
    return account_queries.account(context, clean_line(key))


def own_of(context: Context, organization: Organization | None, account: Account | None) -> Assignment | None:
    """What was agreed with exactly this place."""
    place = (account.organization_id if account else organization.id if organization else None, account and account.id)
    return next(
        (row for row in assignment_queries.assignments(context) if (row.organization_id, row.account_id) == place), None
    )


def choices(context: Context, form: AssignmentForm, own: Assignment | None, *, broadest: bool) -> tuple[Any, Any]:
    """Fill the choices; what is agreed already stays choosable. Returns the policies and the calendars."""
    policies, calendars = list(policy_queries.policies(context)), list(calendar_queries.calendars(context))
    if own is not None and own.policy is not None and own.policy.archived:
        policies.append(policy_queries.policy(context, own.policy.id))
    if own is not None and own.calendar is not None and own.calendar.archived:
        calendars.append(calendar_queries.calendar(context, own.calendar.id))
    none = _("No promise") if broadest else _("As agreed more broadly")
    form.policy.choices = [("", none), *((str(row.id), row.name) for row in policies)]
    own_hours = _("The policy's own") if broadest else _("As agreed more broadly, or the policy's own")
    form.calendar.choices = [("", own_hours), *((str(row.id), row.name) for row in calendars)]
    return policies, calendars


def show(
    context: Context,
    organization: Organization | None,
    account: Account | None,
    form: AssignmentForm | None = None,
    status: int = 200,
) -> Any:
    """The form, and beside it what holds now."""
    own = own_of(context, organization, account)
    if form is None:
        form = AssignmentForm(formdata=None)
        form.policy.data = str(own.policy_id or "") if own else ""
        form.calendar.data = str(own.calendar_id or "") if own else ""
    choices(context, form, own, broadest=organization is None and account is None)
    return page(
        "sla/assignments/edit.html",
        status,
        form=form,
        own=own,
        organization=organization or (account.organization if account else None),
        account=account,
        here=here(organization, account),
        holds=assignment_queries.effective(context, account.organization_id, account.id) if account else None,
        words=statuses,
    )


def here(organization: Organization | None, account: Account | None) -> str:
    """The address of the form."""
    if account is not None:
        return url_for("promises.agreed_with_account", account_key=account.key)
    if organization is not None:
        return url_for("promises.agreed_with_organization", slug=organization.slug)
    return url_for("promises.agreed_with_everybody")


def answer(context: Context, organization: Organization | None, account: Account | None) -> Any:
    """Agree what the form says; open cases of the place follow in a run."""
    form = AssignmentForm()
    own = own_of(context, organization, account)
    policies, calendars = choices(context, form, own, broadest=organization is None and account is None)
    if not form.validate_on_submit():
        return show(context, organization, account, form, 422)
    try:
        run = assignments.assign(
            context,
            policy=chosen(form.policy.data, policies),
            calendar=chosen(form.calendar.data, calendars),
            organization=organization,
            account=account,
        )
    except Refused as refusal:
        form.reject(refusal)
        return show(context, organization, account, form, 422)
    flash(_("Saved."), "success")
    if run is not None and run.total:
        return see(url_for("promises.run", run_id=run.id))
    return see(url_for("promises.agreed"))
