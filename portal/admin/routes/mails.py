"""/admin/mail: the mails that were written, and sending dead ones again."""

from typing import Any

import nh3
from flask import current_app, flash
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from portal.admin import labels
from portal.admin.forms.mails import HeldMailsForm
from portal.admin.routes.blueprint import admin, parse_id_or_404
from portal.authz.permissions import Permission
from portal.channels.mail.labels import failure_sentence
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
        faults=queries.list_faults(ctx()),
        fault_word=failure_sentence,
        held=queries.count_held(ctx()),
        days=_config().mail_ask_after_days,
    )


@admin.route("/mail/try-again", methods=["GET", "POST"])
@requires(Permission.MAIL_SEE)
def try_sending_again() -> Any:
    """Try the servers now that did not take mails."""
    form = PressForm()
    status = submit_form(form, lambda: actions.try_sending_again(ctx())) if form.is_submitted() else 200
    if status:
        return page("admin/mail_try_again.html", status, form=form, faults=queries.list_faults(ctx()))
    flash(_("The emails that wait are tried in a moment."), "success")
    return see("/admin/mail?state=queued")


@admin.route("/mail/held", methods=["GET", "POST"])
@requires(Permission.MAIL_SEE)
def held_mails() -> Any:
    """Mails that waited so long that somebody must say whether they still go out."""
    form = HeldMailsForm()
    done: list[int] = []

    def decide() -> None:
        done.append(actions.decide_about_held(ctx(), send=form.what.data == "send"))

    status = submit_form(form, decide) if form.is_submitted() else 200
    if status:
        mails = queries.mail_page(ctx(), state="held", number=number_parameter("page", 1, highest=50))
        return page(
            "admin/mail_held.html",
            status,
            form=form,
            mails=mails,
            held=queries.count_held(ctx()),
            days=_config().mail_ask_after_days,
        )
    if form.what.data == "send":
        flash(ngettext("%(num)d email is being sent.", "%(num)d emails are being sent.", done[0]), "success")
    else:
        flash(ngettext("%(num)d email was withdrawn.", "%(num)d emails were withdrawn.", done[0]), "success")
    return see("/admin/mail")


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
