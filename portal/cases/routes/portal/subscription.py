"""The person's subscription to a case."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.cases.actions import people
from portal.cases.forms.people import SubscriptionForm
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.queries import people as people_queries
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/mute")
@on_portal
def mute_form(key: str) -> Any:
    """Show the subscription."""
    case = by_key(ctx(), key)
    return page(
        "cases/subscription.html",
        case=case,
        subscription=people_queries.subscription(ctx(), case),
        form=SubscriptionForm(formdata=None),
    )


@cases.post("/cases/<key:key>/mute")
@on_portal
def mute(key: str) -> Any:
    """Set the subscription; without a field toggle muting."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = SubscriptionForm()
    wanted = (form.wish.data or "").replace("none", "")
    if "wish" not in request.form:
        wanted = "" if people_queries.subscription(context, case) == "mute" else "mute"
    status = submit_form(form, lambda: people.subscribe(context, case, wanted))
    if status:
        return page(
            "cases/subscription.html",
            status,
            case=case,
            subscription=people_queries.subscription(context, case),
            form=form,
        )
    flash(
        {
            "mute": _("Muted. You will still be told when the case is solved or closed."),
            "follow": _("You follow this case."),
        }.get(wanted, _("You get notifications about this case as usual."))
    )
    return see(portal_case_url(case))
