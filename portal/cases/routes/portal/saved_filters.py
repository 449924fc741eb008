"""/cases/filters: the lists of cases that a person of the portal saved for themselves."""

import uuid
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.cases.actions import saved_views as actions
from portal.cases.actions.saved_views import ViewContent
from portal.cases.forms.saved_views import SavedFilterForm
from portal.cases.models import SavedView
from portal.cases.pages.saved_views import filter_address, list_query, parameters_to_save
from portal.cases.queries.saved_views import saved_view
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page, see
from portal.web.urls import text_parameter


@cases.get("/cases/filters/<uuid:view_id>")
@on_portal
def saved_filter(view_id: uuid.UUID) -> Any:
    """Lead to the list as the filter shows it."""
    return see(filter_address(saved_view(ctx(), view_id)))


@cases.route("/cases/filters/new", methods=["GET", "POST"])
@on_portal
def new_saved_filter() -> Any:
    """Save the list that the address names (`?tab=` with the parameters of the list)."""
    context, form = ctx(), SavedFilterForm()
    tab, parameters = text_parameter("tab", 10) or "my", parameters_to_save(context)
    saved: list[SavedView] = []

    def act() -> None:
        saved.append(actions.save_view(context, ViewContent(form.name.data or "", tab, parameters)))

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        query = list_query(parameters, tab=tab)
        return page(
            "cases/filters/form.html",
            status,
            form=form,
            saved=None,
            replaces=False,
            here=f"/cases/filters/new{query}",
            back=f"/cases{query}",
        )
    flash(_("The filter %(name)s is saved.", name=saved[0].name), "success")
    return see(filter_address(saved[0]))


@cases.route("/cases/filters/<uuid:view_id>/edit", methods=["GET", "POST"])
@on_portal
def edit_saved_filter(view_id: uuid.UUID) -> Any:
    """Rename a filter; with a list in the address (`?tab=`) it becomes what the filter shows."""
    context = ctx()
    view = saved_view(context, view_id, lock=request.method == "POST")
    replaces = bool(text_parameter("tab", 10))
    tab, parameters = (text_parameter("tab", 10), parameters_to_save(context)) if replaces else (view.base, None)
    form = SavedFilterForm(data={"name": view.name, "version": str(view.version)})
    kept = dict(view.parameters) if parameters is None else parameters

    def act() -> None:
        actions.change_view(context, view, ViewContent(form.name.data or "", tab, kept))

    status = submit_form(form, act, current=view.version) if form.is_submitted() else 200
    if status:
        query = list_query(kept, tab=tab) if replaces else ""
        return page(
            "cases/filters/form.html",
            status,
            form=form,
            saved=view,
            replaces=replaces,
            here=f"/cases/filters/{view.id}/edit{query}",
            back=filter_address(view),
        )
    flash(_("Saved."), "success")
    return see(filter_address(view))


@cases.route("/cases/filters/<uuid:view_id>/delete", methods=["GET", "POST"])
@on_portal
def delete_saved_filter(view_id: uuid.UUID) -> Any:
    """Ask, and delete a filter."""
    context, form = ctx(), PressForm()
    view = saved_view(context, view_id, lock=request.method == "POST")
    status = submit_form(form, lambda: actions.delete_view(context, view)) if form.is_submitted() else 200
    if status:
        return page("cases/filters/delete.html", status, saved=view, form=form, back=filter_address(view))
    flash(_("The filter was deleted."), "success")
    return see("/cases")
