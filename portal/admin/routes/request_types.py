"""/admin/request-types: the choices of the form that opens a case."""

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.admin.forms.request_types import RequestTypeForm
from portal.admin.queries import request_types as queries
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.authz.roles import ContactRole
from portal.cases.actions import request_types as actions
from portal.cases.queries.interface import form_fields
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.errors import Refused
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import services as service_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see
from portal.web.role_labels import role_name


@admin.get("/request-types")
@reads
def request_types() -> Response:
    return page("admin/request_types.html", rows=queries.all_request_types(ctx()), services=service_names())


@admin.get("/request-types/new")
@configures
def new_request_type() -> Response:
    form = offer_choices(RequestTypeForm())
    form.default_rank.data = "3"
    return page("admin/request_type.html", row=None, form=form)


@admin.post("/request-types/new")
@configures
def add_request_type() -> Response:
    form = offer_choices(RequestTypeForm())
    status = submit_form(form, lambda: actions.add_request_type(ctx(), design_of(form)))
    if status:
        return page("admin/request_type.html", status, row=None, form=form)
    flash(_("%(name)s can be chosen from now on.", name=form.name.data), "success")
    return see(url_for("admin.request_types"))


@admin.get("/request-types/<uuid:type_id>")
@reads
def request_type(type_id: uuid.UUID) -> Response:
    row = queries.request_type(ctx(), type_id)
    form = RequestTypeForm(
        name=row.name,
        description=row.description,
        icon=row.icon,
        template=row.template,
        asks_severity=row.asks_severity,
        default_rank=str(row.default_rank),
        takes_files=row.takes_files,
        department=str(row.department_id or ""),
        service=str(row.requires_service_id or ""),
        only_roles=row.only_roles,
        only_accounts=", ".join(
            a.key for a in account_queries.account_choices(ctx()) if str(a.id) in row.only_accounts
        ),
        active=row.active,
        version=row.version,
        **{f"field_{name}": form_fields.mode_of(row, name) for name in form_fields.FIELDS},
    )
    return page("admin/request_type.html", row=row, form=offer_choices(form))


@admin.post("/request-types/<uuid:type_id>")
@configures
def change_request_type(type_id: uuid.UUID) -> Response:
    row, form = queries.request_type(ctx(), type_id, lock=True), offer_choices(RequestTypeForm())
    status = submit_form(
        form,
        lambda: actions.change_request_type(ctx(), row, design_of(form)),
        current=row.version,
        changed_by=last_changed_by(row.id),
    )
    if status:
        return page("admin/request_type.html", status, row=row, form=form)
    flash(_("Saved."), "success")
    return see(url_for("admin.request_types"))


@admin.get("/request-types/<uuid:type_id>/move")
@configures
def move_question(type_id: uuid.UUID) -> Response:
    return page("admin/request_type_move.html", row=queries.request_type(ctx(), type_id), form=PressForm())


@admin.post("/request-types/<uuid:type_id>/move")
@configures
def move_request_type(type_id: uuid.UUID) -> Response:
    row, form = queries.request_type(ctx(), type_id), PressForm()
    up = request.form.get("direction") != "down"
    status = submit_form(form, lambda: actions.move_request_type(ctx(), row, up=up))
    if status:
        return page("admin/request_type_move.html", status, row=row, form=form)
    flash(_("%(name)s moved.", name=row.name), "success")
    return see(url_for("admin.request_types"))


def offer_choices(form: RequestTypeForm) -> RequestTypeForm:
    """*form* with the ranks, departments and services to choose from."""
    form.default_rank.choices = [(str(row.rank), f"{row.rank} {row.name}") for row in severity_levels(ctx())]
    form.department.choices = [("", _("No department: staff route it"))] + [
        (str(row.id), row.name) for row in department_queries.active_departments(ctx())
    ]
    form.service.choices = [("", _("Every account"))] + [
        (str(row.id), row.name) for row in service_queries.all_services(ctx())
    ]
    form.only_roles.choices = [(str(role), role_name(role)) for role in ContactRole]
    return form


def design_of(form: RequestTypeForm) -> actions.RequestTypeSettings:
    """The values of *form*; Refused for a key that is no account's."""
    keys = form.account_keys()
    if not keys:
        return form.design()
    by_key = {row.key: row.id for row in account_queries.account_choices(ctx())}
    unknown = [key for key in keys if key not in by_key]
    if unknown:
        raise Refused(_("There is no account with the key %(key)s", key=unknown[0][:20]), "only_accounts")
    return form.design([by_key[key] for key in keys])


def service_names() -> dict[uuid.UUID, str]:
    return {row.id: row.name for row in service_queries.all_services(ctx())}
