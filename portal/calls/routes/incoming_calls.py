"""/desk/calls/incoming and /desk/calls/missed: the calls that telephone systems report, and one's own extension."""

import hashlib
import uuid
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.calls import labels
from portal.calls.actions import incoming_calls as actions
from portal.calls.actions import telephone_systems as system_actions
from portal.calls.forms.telephone_systems import ExtensionForm
from portal.calls.queries import incoming_calls as queries
from portal.calls.queries.telephone_systems import has_telephone_systems, own_extension
from portal.calls.routes.blueprint import calls
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.phone_numbers import show_number
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires, signed_in
from portal.web.htmx import page, see
from portal.web.own_pages import me_page
from portal.web.urls import number_parameter

reads = requires(Permission.CASE_READ)


@calls.get("/desk/calls/incoming")
@reads
def incoming() -> Any:
    """The calls that ring for the actor now, or that they talk in."""
    context = ctx()
    rows = queries.ringing_calls(context)
    return page(
        "calls/desk/incoming.html",
        ringing=rows,
        callers=queries.callers_of(context, rows),
        extension=own_extension(context),
        labels=labels,
    )


@calls.get("/desk/calls/incoming/card")
@reads
def incoming_card() -> Any:
    """The region that every desk page shows while a call rings."""
    context = ctx()
    rows = queries.ringing_calls(context)
    answer: Response = page(
        "calls/desk/_card.html", ringing=rows, callers=queries.callers_of(context, rows), labels=labels
    )
    tag = hashlib.sha256(answer.get_data()).hexdigest()[:24]
    if request.headers.get("HX-PTag") == tag:
        answer = Response(status=304)
    answer.headers["HX-PTag"] = tag
    return answer


@calls.get("/desk/calls/missed")
@reads
def missed() -> Any:
    """The calls that nobody answered, until somebody calls back or takes them off."""
    context = ctx()
    rows = queries.missed_calls(context, number_parameter("page", 1, highest=50))
    return page(
        "calls/desk/missed.html",
        rows=rows,
        callers=queries.callers_of(context, rows.rows),
        labels=labels,
        show_number=show_number,
    )


@calls.route("/desk/calls/missed/<uuid:incoming_id>/settle", methods=["GET", "POST"])
@requires(Permission.CASE_ANSWER)
def settle_missed(incoming_id: uuid.UUID) -> Any:
    """Ask, and take a missed call off the list."""
    form = PressForm()
    row = queries.incoming_call(ctx(), incoming_id, lock=form.is_submitted())
    status = submit_form(form, lambda: actions.settle(ctx(), row)) if form.is_submitted() else 200
    if status:
        trail = [(_("Calls"), "/desk/calls"), (_("Missed calls"), "/desk/calls/missed")]
        return page("calls/desk/settle.html", status, form=form, row=row, trail=trail, show_number=show_number)
    flash(_("Saved."), "success")
    return see(url_for("calls.missed"))


def has_use_for_extension(context: Context) -> bool:
    """Whether the person works on the desk of a provider that has a telephone system."""
    return context.actor.is_staff and has_telephone_systems(context)


@calls.route("/me/phone", methods=["GET", "POST"])
@signed_in
def extension() -> Any:
    """One's own extension: whose pages show a call that rings there."""
    context = ctx()
    if not context.actor.is_staff:
        raise NotFound
    row = own_extension(context)
    form = ExtensionForm(data={"number": row.number if row is not None else ""})
    status = (
        submit_form(form, lambda: system_actions.choose_extension(context, form.number.data or ""))
        if form.is_submitted()
        else 200
    )
    if status:
        return me_page("calls/extension.html", status, form=form)
    flash(_("Saved."), "success")
    return see("/me/phone")
