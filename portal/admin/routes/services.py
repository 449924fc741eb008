"""/admin/services."""

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.services import ServiceForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.cases.actions.request_types import is_service_required
from portal.kernel.errors import Conflict
from portal.tenants.actions import services as service_actions
from portal.tenants.models import Service
from portal.tenants.queries import services as service_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see


@admin.get("/services")
@reads
def services() -> Response:
    return page(
        "admin/services.html",
        rows=service_queries.all_services(ctx()),
        bought=service_queries.service_accounts(ctx()),
        form=ServiceForm(formdata=None),
    )


@admin.get("/services/new")
@configures
def new_service() -> Response:
    return page("admin/service.html", row=None, form=ServiceForm())


@admin.post("/services/new")
@configures
def add_service() -> Response:
    form = ServiceForm()
    status = submit_form(form, lambda: service_actions.add_service(ctx(), name=form.name.data))
    if status:
        return page("admin/service.html", status, row=None, form=form)
    flash(_("%(name)s was added.", name=form.name.data), "success")
    return see(url_for("admin.services"))


@admin.get("/services/<uuid:service_id>")
@reads
def service(service_id: uuid.UUID) -> Response:
    row = service_queries.service(ctx(), service_id)
    return page("admin/service.html", row=row, form=ServiceForm(obj=row, version=fingerprint(row.name)))


@admin.post("/services/<uuid:service_id>")
@configures
def change_service(service_id: uuid.UUID) -> Response:
    row, form = service_queries.service(ctx(), service_id, lock=True), ServiceForm()
    status = submit_form(
        form,
        lambda: service_actions.change_service(ctx(), row, name=form.name.data),
        current=fingerprint(row.name),
        changed_by=last_changed_by(row.id),
    )
    if status:
        return page("admin/service.html", status, row=row, form=form)
    flash(_("Saved."), "success")
    return see(url_for("admin.services"))


@admin.get("/services/<uuid:service_id>/delete")
@configures
def service_question(service_id: uuid.UUID) -> Response:
    return page("admin/service_delete.html", row=service_queries.service(ctx(), service_id), form=PressForm())


@admin.post("/services/<uuid:service_id>/delete")
@configures
def delete_service(service_id: uuid.UUID) -> Response:
    row, form = service_queries.service(ctx(), service_id, lock=True), PressForm()
    status = submit_form(form, lambda: remove_unused_service(row))
    if status:
        return page("admin/service_delete.html", status, row=row, form=form)
    flash(_("%(name)s was deleted.", name=row.name), "success")
    return see(url_for("admin.services"))


def remove_unused_service(row: Service) -> None:
    if is_service_required(ctx(), row):
        raise Conflict(_("A request type requires %(name)s. Change it first.", name=row.name))
    service_actions.remove_service(ctx(), row)
