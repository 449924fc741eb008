"""How the portal looks: name, color, logo, how to reach support."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.admin.forms.branding import BrandingForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.kernel import accent_colors
from portal.kernel.errors import Refused
from portal.tenants.actions import branding as actions
from portal.tenants.actions.providers import change_provider
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@admin.get("/branding")
@reads
def branding() -> Response:
    row = provider_queries.own_provider(ctx())
    return show_branding(row, BrandingForm(obj=row))


@admin.post("/branding")
@configures
def change_branding() -> Response:
    """Save the form. With `preview` it is only shown with what it would look like, and nothing is kept."""
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    form = BrandingForm()
    if request.form.get("preview"):
        return show_branding(row, form)

    def act() -> None:
        facts = form.facts()
        change_provider(ctx(), row, **{**facts, "accent": actions.clean_accent(facts["accent"])})
        if form.logo.data:
            actions.set_logo(ctx(), row, form.logo.data)
        elif form.remove_logo.data:
            actions.remove_logo(ctx(), row)

    status = submit_form(form, act, current=row.version, changed_by=last_changed_by(row.id))
    if status:
        return show_branding(row, form, status)
    flash(_("Saved. Every page looks like this from now on."), "success")
    return see(url_for("admin.branding"))


def show_branding(row: Provider, form: BrandingForm, status: int = 200) -> Response:
    """The form beside a drawing of the portal, and what contrast makes of the color."""
    try:
        accent = actions.clean_accent(form.accent.data or "")
    except Refused:
        accent = ""
    colors = accent_colors.derive_accent_colors(accent or accent_colors.BUILT_IN)
    return page("admin/branding.html", status, form=form, row=row, accent=accent, colors=colors)
