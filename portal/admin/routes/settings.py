"""What holds for the whole provider."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.settings import SettingsForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.tenants.actions import providers as actions
from portal.tenants.models import Provider
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import proved_recently
from portal.web.htmx import page, see


@admin.get("/settings")
@reads
def settings() -> Response:
    return show_settings(SettingsForm(obj=provider_queries.own_provider(ctx())))


@admin.post("/settings")
@configures
@proved_recently
def change_settings() -> Response:
    row: Provider = provider_queries.own_provider(ctx(), lock=True)
    form = SettingsForm()
    status = submit_form(
        form,
        lambda: actions.change_provider(ctx(), row, **form.facts()),
        current=row.version,
        changed_by=last_changed_by(row.id),
    )
    if status:
        return show_settings(form, status)
    flash(_("Saved."), "success")
    return see(url_for("admin.settings"))


def show_settings(form: SettingsForm, status: int = 200) -> Response:
    return page("admin/settings.html", status, form=form, hosts=provider_queries.hosts(ctx()))
