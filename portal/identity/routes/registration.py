"""/sign-up: people register themselves, where the provider or an organization allows it."""

from typing import Any

from flask import Response, url_for

from portal.identity import throttle
from portal.identity.forms import SignUpForm
from portal.identity.link_requests import SIGN_UP, ask_for_link
from portal.identity.registration_rules import is_registration_offered
from portal.identity.routes.blueprint import identity
from portal.identity.sign_in import count_link_request_after_answer
from portal.kernel import security_events
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/sign-up", methods=["GET", "POST"])
@public("somebody without an account cannot sign in first")
def sign_up() -> Any:
    """Ask for a link to choose a password, where people may register; the same answer for everybody."""
    if not is_registration_offered(ctx()):
        raise NotFound
    form = SignUpForm()

    def act() -> None:
        allowed = throttle.may_send_mail(ctx(), form.email.data, to_strangers=True)
        if allowed:
            ask_for_link(ctx(), SIGN_UP, form.email.data, name=form.name.data)
        kind = security_events.SIGN_UP_ASKED if allowed else security_events.LINK_THROTTLED
        count_link_request_after_answer(kind, form.email.data)

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        return page("identity/sign_up.html", status, form=form)
    return see(url_for(".sign_up_sent"))


@identity.get("/sign-up/sent")
@public("says only what was said before")
def sign_up_sent() -> Response:
    """Check your email."""
    if not is_registration_offered(ctx()):
        raise NotFound
    return page("identity/sign_up_sent.html")
