"""/org/<slug>/people/waiting: people with an address of the organization who ask for access."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole, roles_with
from portal.kernel.errors import Forbidden
from portal.registrations import actions, queries
from portal.registrations.forms import AcceptForm, DeclineForm
from portal.registrations.routes.blueprint import registrations
from portal.tenants.actions.contacts import parse_grants
from portal.tenants.models import Account, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries.accounts import accounts_of
from portal.tenants.queries.organizations import organization
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see
from portal.web.role_labels import role_choices, role_options
from portal.web.urls import list_page

MAY = Permission.ORGANIZATION_PEOPLE


@registrations.get("/org/<slug>/people/waiting")
@on_portal
def waiting(slug: str) -> Response:
    """Who waits."""
    row = _load(slug)
    found = queries.waiting_page(ctx(), row, list_page())
    return page("registrations/waiting.html", row=row, found=found)


@registrations.route("/org/<slug>/people/waiting/<uuid:registration_id>", methods=["GET", "POST"])
@on_portal
def accept(slug: str, registration_id: uuid.UUID) -> Any:
    """GET: who it is, and what they would get. POST: give it."""
    row = _load(slug)
    found, form = queries.registration(ctx(), registration_id, row, lock=request.method == "POST"), AcceptForm()
    form.access.left_choices = contact_queries.access_choices(ctx(), _administered_accounts(row))
    form.access.right_choices = role_choices(ContactRole)
    if not form.is_submitted() and form.access.left_choices:
        form.access.data = [(form.access.left_choices[0][0], ContactRole.REQUESTER.value)]
    status = (
        submit_form(form, lambda: actions.accept(ctx(), found, row, grants=parse_grants(form.access.data)))
        if form.is_submitted()
        else 200
    )
    if status:
        return page(
            "registrations/accept.html", status, row=row, found=found, form=form, roles=role_options(ContactRole)
        )
    flash(_("%(name)s has access now, and gets an email.", name=found.user.name), "success")
    return see(url_for(".waiting", slug=slug))


@registrations.route("/org/<slug>/people/waiting/<uuid:registration_id>/decline", methods=["GET", "POST"])
@on_portal
def decline(slug: str, registration_id: uuid.UUID) -> Any:
    """Ask, and let somebody not in."""
    row = _load(slug)
    found, form = queries.registration(ctx(), registration_id, row, lock=request.method == "POST"), DeclineForm()
    status = (
        submit_form(form, lambda: actions.decline(ctx(), found, answer=form.answer.data or ""))
        if form.is_submitted()
        else 200
    )
    if status:
        return page("registrations/decline.html", status, row=row, found=found, form=form)
    flash(_("%(name)s gets no access, and an email that says so.", name=found.user.name), "success")
    return see(url_for(".waiting", slug=slug))


def _load(slug: str) -> Organization:
    """The organization whose people the person looks after."""
    row = organization(ctx(), slug)
    if not can(ctx().actor, MAY, row):
        raise Forbidden(who_may=[str(role) for role in roles_with(MAY)])
    return row


def _administered_accounts(row: Organization) -> Sequence[Account]:
    return [account for account in accounts_of(ctx(), row) if can(ctx().actor, MAY, account)]
