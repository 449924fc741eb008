"""/a/<token> of an address that gets the status page by email: to confirm it, and to get no more. A GET shows the
button; a mail program presses it for whoever wants no more (RFC 8058)."""

from typing import Any

from flask_babel import force_locale

from portal.announcements import actions, queries
from portal.kernel.errors import NotFound
from portal.kernel.system_context import as_system
from portal.notifications.mail_links import MailLink, Purpose
from portal.web import csrf, language
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see

TEMPLATE = "notifications/status_subscription.html"
_CHOSEN = {Purpose.CONFIRM_ALL: "all", Purpose.CONFIRM_OUTAGES: "outages"}


def answer_subscriber(token: str, link: MailLink) -> Any:
    """The page of the link, or what its button did."""
    if csrf.is_one_click() and link.purpose is not Purpose.UNSUBSCRIBE:
        raise NotFound  # mail programs have one button, which ends it
    with as_system(ctx()) as inner:
        row = queries.subscriber(inner, link.mail_id)
    found, locale = row is not None, row.locale if row is not None else ""
    chosen = _CHOSEN.get(link.purpose, "")
    confirmed = row is not None and row.confirmed_at is not None and row.chosen == chosen
    spoken = language.supported_language(locale)
    with force_locale(spoken or language.language_of(None, ctx().provider) or language.ENGLISH):
        form = PressForm()
        values = {"form": form, "chosen": chosen, "found": found, "confirmed": confirmed}
        if not form.is_submitted() or not found:
            return page(TEMPLATE, 410 if chosen and not found else 200, **values)
        status = submit_form(form, lambda: _act(link, chosen, locale))
        if status:
            return page(TEMPLATE, status, **values)
        return see(f"/a/{token}")


def _act(link: MailLink, chosen: str, locale: str) -> None:
    if chosen:
        actions.confirm_subscription(ctx(), link.mail_id, chosen, locale)
    else:
        actions.end_subscription(ctx(), link.mail_id)
