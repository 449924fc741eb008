"""The status page by email: an address asks for it, without sign-in; the administration sees how many there are.

Like the page itself it is there while signing in does not work: nobody is looked up."""

from typing import Any

from flask import flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.announcements import actions, queries
from portal.announcements.forms import StatusSubscriptionForm, SubscriberRemovalForm
from portal.announcements.routes.blueprint import announcements
from portal.authz.permissions import Permission
from portal.identity import throttle
from portal.identity.sign_in import count_link_request_after_answer
from portal.kernel import security_events
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import parse_email
from portal.web.guards import public, requires
from portal.web.htmx import page, see


@announcements.route("/status/email", methods=["GET", "POST"])
@public("everybody may ask; only a mail to the address itself changes anything, and the answer is always the same")
def subscribe() -> Any:
    """Ask for what the status page says by email; the same answer for known and unknown addresses."""
    form = StatusSubscriptionForm(data={"chosen": "all"})

    def act() -> None:
        email = parse_email(form.email.data)
        if throttle.may_send_mail(ctx(), email, to_strangers=True):
            actions.ask_subscription(ctx(), email, form.chosen.data, str(get_locale() or ""))
        else:
            count_link_request_after_answer(security_events.LINK_THROTTLED, email)

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        return page("announcements/subscribe.html", status, form=form)
    return see(url_for(".subscription_asked"))


@announcements.get("/status/email/sent")
@public("says only what was said before")
def subscription_asked() -> Any:
    """Check your email."""
    return page("announcements/subscription_asked.html")


@announcements.get("/admin/status-page")
@requires(Permission.PROVIDER_CONFIGURE)
def status_administration() -> Any:
    """How many addresses get the status page, and how one is taken off."""
    return _administration(SubscriberRemovalForm())


@announcements.route("/admin/status-page/remove", methods=["GET", "POST"])
@requires(Permission.PROVIDER_CONFIGURE)
def remove_subscriber() -> Any:
    """Delete the address of somebody who asks for it."""
    form = SubscriberRemovalForm()
    if not form.is_submitted():
        return _administration(form)
    status = submit_form(form, lambda: actions.remove_subscriber(ctx(), parse_email(form.email.data)))
    if status:
        return _administration(form, status)
    flash(_("The address is deleted and gets no more emails about the status page."), "success")
    return see(url_for(".status_administration"))


def _administration(form: SubscriberRemovalForm, status: int = 200) -> Any:
    counts = queries.count_subscribers(ctx())
    return page("announcements/admin/status_page.html", status, form=form, counts=counts)
