"""/admin/mail: the mails that were written, and sending dead ones again."""

from typing import Any

import nh3
from flask import current_app, flash
from flask_babel import gettext as _
from markupsafe import Markup

from portal.admin import labels
from portal.admin.routes.blueprint import admin, parse_id_or_404
from portal.authz.permissions import Permission
from portal.config import Config
from portal.notifications import actions, queries
from portal.notifications.models import OutgoingMail
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import number_parameter, text_parameter

_SHOWN_TAGS = {"p", "h1", "a", "blockquote", "br", "strong", "em", "small", "code", "pre", "ul", "ol", "li"}


def _config() -> Config:
    config: Config = current_app.config["PARLEY"]
    return config


@admin.get("/mail")
@requires(Permission.MAIL_SEE)
def mail_list() -> Any:
    """Mails, newest first, by state and recipient."""
    state, recipient = text_parameter("state", 20), text_parameter("to", 100)
    return page(
        "admin/mails.html",
        mails=queries.mail_page(
            ctx(), state=state, recipient=recipient, number=number_parameter("page", 1, highest=50)
        ),
        state=state if state in queries.STATES else "",
        recipient=recipient,
        states=queries.STATES,
        state_word=labels.mail_state_label,
        kind_word=labels.mail_kind_label,
        cause=labels.failure_reason,
        has_server=bool(_config().smtp_url),
    )


@admin.get("/mail/<mail_id>")
@requires(Permission.MAIL_SEE)
def mail(mail_id: str) -> Any:
    """One mail: both its bodies. Links that let somebody in are shown only where the demo's sink shows them anyway."""
    row, config = queries.mail(ctx(), parse_id_or_404(mail_id)), _config()
    text, html = queries.mail_bodies(row, with_link=config.parley_mail_sink)
    return page(
        "admin/mail.html",
        mail=row,
        text=text,
        html=_sanitize(html),
        hidden=queries.has_secret_links(row) and not config.parley_mail_sink,
        kept=config.parley_mail_sink and queries.received_by_sink(ctx(), config.parley_data, row),
        state_word=labels.mail_state_label,
        kind_word=labels.mail_kind_label,
        cause=labels.failure_reason,
    )


def _sanitize(html: str) -> Markup:
    """The body of a mail inside our own page: no styles, no scripts, no forms."""
    cleaned = nh3.clean(
        html,
        tags=_SHOWN_TAGS,
        attributes={"a": {"href"}},
        clean_content_tags={"script", "style", "title"},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    # A heading in a mail must not break the page's outline.
    return Markup(cleaned.replace("<h1>", "<p><strong>").replace("</h1>", "</strong></p>"))  # noqa: S704 - cleaned above


@admin.route("/mail/<mail_id>/send-again", methods=["GET", "POST"])
@requires(Permission.MAIL_SEE)
def send_again(mail_id: str) -> Any:
    """Give a dead mail its tries back."""
    form = PressForm()
    row: OutgoingMail = queries.mail(ctx(), parse_id_or_404(mail_id), lock=form.is_submitted())
    status = submit_form(form, lambda: actions.resend(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("admin/mail_resend.html", status, form=form, mail=row)
    flash(_("The email to %(to)s is being sent again.", to=row.recipient), "success")
    return see(f"/admin/mail/{row.id}")
