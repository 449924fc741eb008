"""Take the next case: the most urgent one that nobody has."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import desk as desk_actions
from portal.cases.models import Case
from portal.cases.queries.next_case import lock_next_case
from portal.cases.routes.blueprints import desk
from portal.web.current import ctx
from portal.web.form_flow import problem_of, submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import see


@desk.get("/next")
@requires(Permission.CASE_TAKE)
def next_case() -> Any:
    """Lead to the cases that nobody has; only a press takes one."""
    return see(url_for("desk.queue", view="unassigned"))


@desk.post("/next")
@requires(Permission.CASE_TAKE)
def take_next() -> Any:
    """Make the actor the owner of the most urgent case without one, and open it."""
    context, form = ctx(), PressForm()
    taken: list[Case] = []

    def act() -> None:
        case = lock_next_case(context)
        if case is not None:
            desk_actions.take(context, case)
            taken.append(case)

    failed = submit_form(form, act)
    if failed:
        flash(problem_of(form), "error")
        return see(url_for("desk.queue", view="unassigned"))
    if not taken:
        flash(_("Nobody waits: there is no case without an owner for you."))
        return see(url_for("desk.queue", view="mine"))
    flash(_("The case is yours."), "success")
    return see(url_for("desk.show", key=taken[0].key, view="mine"))
