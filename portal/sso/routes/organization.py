"""/org/<slug>/sign-in: how the people of an organization sign in, for its administrators."""

from typing import Any

from flask import Response, url_for

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import roles_with
from portal.kernel.errors import Forbidden, NotFound
from portal.sso import pages
from portal.sso.queries import ways as queries
from portal.sso.routes.blueprint import sso
from portal.sso.servers.refusals import SignInRefused
from portal.tenants.models import Organization
from portal.tenants.queries.organizations import organization
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page


@sso.get("/org/<slug>/sign-in")
@on_portal
def organization_sign_in(slug: str) -> Response:
    """What is set up, what is missing, and the addresses to copy."""
    return _show(_load(slug), PressForm())


@sso.route("/org/<slug>/sign-in/<name>/test", methods=["GET", "POST"])
@on_portal
def test_organization_way(slug: str, name: str) -> Any:
    """Go the way that its people go, and come back to a page that says what would happen."""
    row = _load(slug)
    way = next((one for one in queries.ways(ctx(), row) if one.name == name), None)
    if way is None:
        raise NotFound
    form, back, there = PressForm(), url_for("sso.organization_sign_in", slug=slug), list[Response]()
    try:
        status = (
            submit_form(form, lambda: there.append(pages.begin_trip(way, pages.TEST, to=back)))
            if form.is_submitted()
            else 200
        )
    except SignInRefused as refusal:
        return pages.refused_page(refusal.code, pages.WayName.of(way), back=back)
    return there[0] if not status else _show(row, form, status)


def _load(slug: str) -> Organization:
    """The organization whose rules the person sets. NotFound for anybody who does not belong."""
    row = organization(ctx(), slug)
    if not can(ctx().actor, Permission.ORGANIZATION_RULES, row):
        raise Forbidden(who_may=[str(role) for role in roles_with(Permission.ORGANIZATION_RULES)])
    return row


def _show(row: Organization, form: PressForm, status: int = 200) -> Response:
    own = queries.ways(ctx(), row)
    pages.allow_ways(*own)
    return page(
        "sso/organization.html",
        status,
        row=row,
        ways=own,
        domains=queries.domains(ctx(), row.id),
        redirect_address=pages.redirect_address,
        form=form,
    )
