"""The staff member's subscription to a case."""

from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.people import SubscriptionForm
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries import people as people_queries
from portal.cases.routes.blueprints import desk
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/mute")
@requires(Permission.CASE_FOLLOW)
def mute_form(key: str) -> Any:
    """Show the subscription."""
    case = load_permitted_case(ctx(), key, Permission.CASE_FOLLOW)
    return render_verb_page(
        ctx(),
        "desk/subscription.html",
        case,
        SubscriptionForm(formdata=None),
        subscription=people_queries.subscription(ctx(), case),
    )


@desk.post("/cases/<key:key>/mute")
@requires(Permission.CASE_FOLLOW)
def mute(key: str) -> Any:
    """Set the subscription; without a field toggle muting."""
    context, form = ctx(), SubscriptionForm()
    case = by_key(context, key, lock=True)
    chosen = (form.wish.data or "").replace("none", "")
    if "wish" not in request.form:
        chosen = "" if people_queries.subscription(context, case) == "mute" else "mute"
    failed = submit_form(form, lambda: people.subscribe(context, case, chosen))
    if failed:
        case = reload_case(context, key, form)
        return render_verb_page(
            context,
            "desk/subscription.html",
            case,
            form,
            failed,
            subscription=people_queries.subscription(context, case),
        )
    return back_to_case(
        case,
        {"mute": _("Muted."), "follow": _("You follow this case.")}.get(
            chosen, _("You get notifications about this case as usual.")
        ),
    )
