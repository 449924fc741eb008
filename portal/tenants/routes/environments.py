"""/org/<slug>/environments: where people work."""

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.errors import NotFound
from portal.tenants.actions import environments as actions
from portal.tenants.forms import KINDS, ChangeOwnEnvironmentForm, OwnEnvironmentForm
from portal.tenants.models import Account, Environment, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.tenants.routes.blueprint import administered_accounts, load_organization, organization
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see

MAY = Permission.ORGANIZATION_ENVIRONMENTS


@organization.get("/environments")
@on_portal
def environments(slug: str) -> Response:
    row = load_organization(slug, MAY)
    accounts = account_queries.accounts_of(ctx(), row)
    return page(
        "organization/environments.html",
        row=row,
        accounts=accounts,
        kinds=dict(KINDS),
        environments=environment_queries.environments_of(ctx(), [account.id for account in accounts]),
        mine={account.id for account in accounts if can(ctx().actor, MAY, account)},
    )


@organization.get("/environments/new")
@on_portal
def new_environment(slug: str) -> Response:
    row = load_organization(slug, MAY)
    form, accounts = new_environment_form(row)
    return page("organization/environment.html", row=row, form=form, accounts=accounts, place=None)


@organization.post("/environments/new")
@on_portal
def add_environment(slug: str) -> Response:
    row = load_organization(slug, MAY)
    form, accounts = new_environment_form(row)
    chosen = next((account for account in accounts if account.id == ids.parse_id(form.account.data)), None)
    status = submit_form(
        form, lambda: chosen and actions.add_environment(ctx(), chosen, name=form.name.data, kind=form.kind.data)
    )
    if status:
        return page("organization/environment.html", status, row=row, form=form, accounts=accounts, place=None)
    flash(_("%(name)s can be chosen from now on.", name=form.name.data), "success")
    return see(url_for("organization.environments", slug=slug))


@organization.get("/environments/<uuid:environment_id>")
@on_portal
def environment(slug: str, environment_id: uuid.UUID) -> Response:
    row = load_organization(slug, MAY)
    place = load_environment(row, environment_id)
    form = ChangeOwnEnvironmentForm(obj=place, version=version(place))
    return page("organization/environment.html", row=row, form=form, place=place)


@organization.post("/environments/<uuid:environment_id>")
@on_portal
def change_environment(slug: str, environment_id: uuid.UUID) -> Response:
    row = load_organization(slug, MAY)
    place, form = load_environment(row, environment_id, lock=True), ChangeOwnEnvironmentForm()
    status = submit_form(
        form,
        lambda: actions.change_environment(
            ctx(), place, name=form.name.data, kind=form.kind.data, active=form.active.data
        ),
        current=version(place),
    )
    if status:
        return page("organization/environment.html", status, row=row, form=form, place=place)
    flash(_("Saved."), "success")
    return see(url_for("organization.environments", slug=slug))


def load_environment(row: Organization, environment_id: uuid.UUID, *, lock: bool = False) -> Environment:
    """The environment, if it belongs to *row* and the person sees it."""
    place = environment_queries.environment(ctx(), environment_id, lock=lock)
    if place.organization_id != row.id:
        raise NotFound
    return place


def new_environment_form(row: Organization) -> tuple[OwnEnvironmentForm, list[Account]]:
    """The form with the accounts that the person may add to."""
    accounts = administered_accounts(row, MAY)
    form = OwnEnvironmentForm()
    form.account.choices = [(str(account.id), account.name) for account in accounts]
    if len(accounts) == 1 and not form.account.data:
        form.account.data = str(accounts[0].id)
    return form, accounts


def version(place: Environment) -> str:
    return fingerprint(place.name, place.kind, place.active)
