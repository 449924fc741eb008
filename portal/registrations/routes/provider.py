"""/admin/registrations: everybody who registered and waits for a place."""

import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.registrations import actions, queries
from portal.registrations.forms import AcceptForm, DeclineForm
from portal.registrations.models import Registration
from portal.registrations.routes.blueprint import registrations
from portal.tenants.actions.contacts import parse_grants
from portal.tenants.models import Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries.accounts import accounts_of
from portal.tenants.queries.organizations import organization, organization_choices
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.role_labels import role_choices, role_options
from portal.web.urls import list_page, text_parameter

reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)


@registrations.get("/admin/registrations")
@reads
def provider_waiting() -> Response:
    """Who waits, at all organizations and at none."""
    found = queries.waiting_page(ctx(), number=list_page())
    return page("registrations/provider_waiting.html", found=found)


@registrations.route("/admin/registrations/<uuid:registration_id>", methods=["GET", "POST"])
@configures
def provider_accept(registration_id: uuid.UUID) -> Any:
    """GET: who it is, the organization to choose, and what they would get. POST: give it."""
    found = queries.registration(ctx(), registration_id, lock=request.method == "POST")
    place, form = _chosen_organization(found), AcceptForm()
    places = contact_queries.access_choices(ctx(), accounts_of(ctx(), place)) if place is not None else []
    form.access.left_choices, form.access.right_choices = places, role_choices(ContactRole)
    if not form.is_submitted() and places:
        form.access.data = [(places[0][0], ContactRole.REQUESTER.value)]

    def act() -> None:
        if place is not None:
            actions.accept(ctx(), found, place, grants=parse_grants(form.access.data))

    status = submit_form(form, act) if form.is_submitted() else 200
    if status or place is None:
        return page(
            "registrations/provider_accept.html",
            status or 422,
            found=found,
            form=form,
            place=place,
            organizations=organization_choices(ctx()),
            roles=role_options(ContactRole),
        )
    flash(_("%(name)s belongs to %(organization)s now.", name=found.user.name, organization=place.name), "success")
    return see(url_for(".provider_waiting"))


@registrations.route("/admin/registrations/<uuid:registration_id>/decline", methods=["GET", "POST"])
@configures
def provider_decline(registration_id: uuid.UUID) -> Any:
    """Ask, and let somebody not in."""
    found = queries.registration(ctx(), registration_id, lock=request.method == "POST")
    form = DeclineForm()
    status = (
        submit_form(form, lambda: actions.decline(ctx(), found, answer=form.answer.data or ""))
        if form.is_submitted()
        else 200
    )
    if status:
        return page("registrations/provider_decline.html", status, found=found, form=form)
    flash(_("%(name)s gets no access, and an email that says so.", name=found.user.name), "success")
    return see(url_for(".provider_waiting"))


def _chosen_organization(found: Registration) -> Organization | None:
    """The organization in the address, else that of the domain; None: it is still to be chosen."""
    slug = text_parameter("organization", 60)
    return organization(ctx(), slug) if slug else found.organization
