"""Environments over all accounts."""

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.admin.forms.environments import KINDS, EnvironmentForm
from portal.admin.routes.blueprint import (
    admin,
    configures,
    last_changed_by,
    reads,
    shows_archived,
)
from portal.tenants.actions import environments as actions
from portal.tenants.models import Environment
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see
from portal.web.urls import list_page, search_words


@admin.get("/environments")
@reads
def environments() -> Response:
    q, old = search_words(), shows_archived()
    kind = request.args.get("kind", "")
    kind = kind if kind in dict(KINDS) else ""
    found = environment_queries.environments_page(ctx(), q=q, kind=kind, active=not old, number=list_page())
    return page("admin/environments.html", found=found, q=q, kind=kind, kinds=dict(KINDS), archived=old)


@admin.get("/environments/<uuid:environment_id>")
@reads
def environment(environment_id: uuid.UUID) -> Response:
    row = environment_queries.environment(ctx(), environment_id)
    return show_environment(row, EnvironmentForm(obj=row, environment_version=environment_version(row)))


@admin.post("/environments/<uuid:environment_id>")
@configures
def change_environment(environment_id: uuid.UUID) -> Response:
    row, form = environment_queries.environment(ctx(), environment_id, lock=True), EnvironmentForm()
    status = submit_form(
        form,
        lambda: actions.change_environment(
            ctx(), row, name=form.name.data, kind=form.kind.data, active=form.active.data
        ),
        current=environment_version(row),
        changed_by=last_changed_by(row.id),
    )
    if status:
        return show_environment(row, form, status)
    flash(_("Saved."), "success")
    return see(url_for("admin.account", key=account_queries.account_of(ctx(), row).key) + "#environments")


def environment_version(row: Environment) -> str:
    return fingerprint(row.name, row.kind, row.active)


def show_environment(row: Environment, form: EnvironmentForm, status: int = 200) -> Response:
    return page("admin/environment.html", status, row=row, form=form, account=account_queries.account_of(ctx(), row))
