"""/admin/departments."""

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.departments import DepartmentForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.tenants.actions import departments as department_actions
from portal.tenants.models import Department
from portal.tenants.queries import departments as department_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@admin.get("/departments")
@reads
def departments() -> Response:
    return show_departments(DepartmentForm(formdata=None))


@admin.get("/departments/new")
@configures
def new_department() -> Response:
    return page("admin/department.html", row=None, form=DepartmentForm())


@admin.post("/departments/new")
@configures
def add_department() -> Response:
    form = DepartmentForm()
    status = submit_form(form, lambda: department_actions.add_department(ctx(), name=form.name.data))
    if status:
        return page("admin/department.html", status, row=None, form=form)
    flash(_("%(name)s was added.", name=form.name.data), "success")
    return see(url_for("admin.departments"))


@admin.get("/departments/<uuid:department_id>")
@reads
def department(department_id: uuid.UUID) -> Response:
    row = department_queries.department(ctx(), department_id)
    return page("admin/department.html", row=row, form=DepartmentForm(obj=row, version=department_version(row)))


@admin.post("/departments/<uuid:department_id>")
@configures
def change_department(department_id: uuid.UUID) -> Response:
    row, form = department_queries.department(ctx(), department_id, lock=True), DepartmentForm()
    status = submit_form(
        form,
        lambda: department_actions.change_department(
            ctx(),
            row,
            name=form.name.data,
            active=form.active.data,
            # A form that does not ask keeps both.
            assignment=form.assignment.data if form.assignment.raw_data else None,
            most_open=form.most_open.data,
        ),
        current=department_version(row),
        changed_by=last_changed_by(row.id),
    )
    if status:
        return page("admin/department.html", status, row=row, form=form)
    flash(_("Saved."), "success")
    return see(url_for("admin.departments"))


def department_version(row: Department) -> str:
    return fingerprint(row.name, row.active, row.assignment, row.most_open)


def show_departments(form: DepartmentForm) -> Response:
    return page(
        "admin/departments.html",
        rows=department_queries.all_departments(ctx()),
        members=department_queries.department_members(ctx()),
        form=form,
    )
