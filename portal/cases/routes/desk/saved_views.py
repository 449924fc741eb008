"""/desk/views: queues with filters, order and columns that are saved under a name."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import saved_views as actions
from portal.cases.actions.saved_views import ViewContent
from portal.cases.forms.saved_views import SavedViewForm
from portal.cases.models import SavedView
from portal.cases.pages.queue_filters import describe_list
from portal.cases.pages.queue_trail import view_label
from portal.cases.pages.saved_views import base_of, list_query, parameters_to_save, queue_address
from portal.cases.queries import saved_views as queries
from portal.cases.queries.lists import views
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.tenants.queries.departments import active_departments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import id_parameter, text_parameter


@desk.get("/views")
@requires(Permission.CASE_READ)
def saved_views() -> Any:
    """The views that the actor finds: their own, and those that others share with them."""
    context = ctx()
    found = queries.saved_views(context)
    return page(
        "desk/views/index.html",
        mine=[view for view in found if view.owner_id == context.actor.user_id],
        shared=[view for view in found if view.owner_id != context.actor.user_id],
        pinned=queries.pinned_ids(context),
        base_label=lambda view: view_label(base_of(view)),
        may_change=lambda view: actions.may_change(context, view),
        queues=[(key, view_label(key)) for key in views()],
    )


@desk.get("/views/<uuid:view_id>")
@requires(Permission.CASE_READ)
def show_saved_view(view_id: uuid.UUID) -> Any:
    """Lead to the queue as the view shows it."""
    return see(queue_address(queries.saved_view(ctx(), view_id)))


@desk.route("/views/new", methods=["GET", "POST"])
@requires(Permission.CASE_READ)
def new_saved_view() -> Any:
    """Save the list that the address names (`?view=` with the parameters of the queue), or a copy of the view of
    `?copy=`."""
    context = ctx()
    source = id_parameter("copy")
    copied = queries.saved_view(context, source) if source else None
    base, parameters = (base_of(copied), copied.parameters) if copied else _list_of_address(context)
    name = _("Copy of %(name)s", name=copied.name)[: actions.NAME_LIMIT] if copied else ""
    form = _form(context, {"name": name, "audience": "me"}, None)
    saved: list[SavedView] = []

    def act() -> None:
        saved.append(actions.save_view(context, _content(form, base, parameters)))
        if form.pinned.data:
            actions.pin_view(context, saved[0], pinned=True)

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        query = list_query(parameters, view=base) if copied is None else f"?copy={copied.id}"
        return _show_form(context, form, None, base, parameters, f"/desk/views/new{query}", status)
    flash(_("The view %(name)s is saved.", name=saved[0].name), "success")
    return see(queue_address(saved[0]))


@desk.route("/views/<uuid:view_id>/edit", methods=["GET", "POST"])
@requires(Permission.CASE_READ)
def edit_saved_view(view_id: uuid.UUID) -> Any:
    """Change a view; with a list in the address (`?view=`) it becomes what the view shows."""
    context = ctx()
    view = _load_own(context, view_id)
    replaces = bool(text_parameter("view", 40))
    base, parameters = _list_of_address(context) if replaces else (base_of(view), view.parameters)
    values = {
        "name": view.name,
        "audience": view.audience,
        "department": str(view.department_id or ""),
        "pinned": view.id in queries.pinned_ids(context),
        "version": str(view.version),
    }
    form = _form(context, values, view)

    def act() -> None:
        actions.change_view(context, view, _content(form, base, parameters))
        actions.pin_view(context, view, pinned=bool(form.pinned.data))

    status = submit_form(form, act, current=view.version) if form.is_submitted() else 200
    if status:
        query = list_query(parameters, view=base) if replaces else ""
        return _show_form(context, form, view, base, parameters, f"/desk/views/{view.id}/edit{query}", status)
    flash(_("Saved."), "success")
    return see(queue_address(view))


@desk.route("/views/<uuid:view_id>/delete", methods=["GET", "POST"])
@requires(Permission.CASE_READ)
def delete_saved_view(view_id: uuid.UUID) -> Any:
    """Ask, and delete a view."""
    context = ctx()
    view = _load_own(context, view_id)
    form = PressForm()
    status = submit_form(form, lambda: actions.delete_view(context, view)) if form.is_submitted() else 200
    if status:
        return page("desk/views/delete.html", status, view=view, form=form)
    flash(_("The view was deleted."), "success")
    return see("/desk/views")


@desk.route("/views/<uuid:view_id>/menu", methods=["GET", "POST"])
@requires(Permission.CASE_READ)
def pin_saved_view(view_id: uuid.UUID) -> Any:
    """Put a view into the actor's own menu, or take it out (`wish` is `out`)."""
    context = ctx()
    view = queries.saved_view(context, view_id)
    form = PressForm()
    pinned = request.form.get("wish") != "out"
    status = submit_form(form, lambda: actions.pin_view(context, view, pinned=pinned)) if form.is_submitted() else 200
    if status:
        standing = view.id in queries.pinned_ids(context)
        return page("desk/views/menu.html", status, view=view, form=form, standing=standing)
    flash(_("The view stands in your menu.") if pinned else _("The view is out of your menu."), "success")
    return see("/desk/views" if request.form.get("back") == "views" else queue_address(view))


def _load_own(context: Context, view_id: uuid.UUID) -> SavedView:
    """The view with this id, locked for a change; NotFound for one that the actor may not change."""
    view = queries.saved_view(context, view_id, lock=request.method == "POST")
    if not actions.may_change(context, view):
        raise NotFound
    return view


def _list_of_address(context: Context) -> tuple[str, dict[str, str]]:
    """(queue, parameters) of the list in the address; NotFound for an unknown queue."""
    base = text_parameter("view", 40) or "all"
    if base not in views():
        raise NotFound
    return base, parameters_to_save(context)


def _form(context: Context, values: Mapping[str, Any], view: SavedView | None) -> SavedViewForm:
    form = SavedViewForm(data=values)
    shares = actions.may_share(context) or (view is not None and view.is_shared)
    form.audience.choices = [("me", _("Only me"))]
    if shares:
        form.audience.choices += [("department", _("A department")), ("everyone", _("Everyone who uses the desk"))]
    departments = [(str(row.id), row.name) for row in active_departments(context)]
    form.department.choices = [("", _("Choose a department")), *departments]
    if view is not None and view.department_id and str(view.department_id) not in dict(departments):
        form.department.choices.append((str(view.department_id), _("A department that is gone")))
    return form


def _content(form: SavedViewForm, base: str, parameters: Mapping[str, str]) -> ViewContent:
    audience = form.audience.data or "me"
    department = ids.parse_id(form.department.data) if audience == "department" else None
    return ViewContent(form.name.data or "", base, parameters, audience, department)


def _show_form(
    context: Context,
    form: SavedViewForm,
    view: SavedView | None,
    base: str,
    parameters: Mapping[str, str],
    here: str,
    status: int,
) -> Any:
    return page(
        "desk/views/form.html",
        status,
        form=form,
        view=view,
        here=here,
        back=queue_address(view) if view else f"/desk/queue/{base}{list_query(parameters)}",
        lines=describe_list(context, base, parameters),
        shares=len(form.audience.choices) > 1,
    )
