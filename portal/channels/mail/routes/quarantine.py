"""/admin/mail-log/<id>/…: what is decided about a mail in quarantine. Each address answers GET with its form."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases.queries.detail import by_key
from portal.channels.mail import labels
from portal.channels.mail.actions import quarantine
from portal.channels.mail.forms import AttachForm, SenderForm
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries import log
from portal.channels.mail.routes.blueprint import mail, sees
from portal.kernel.errors import NotFound, Refused
from portal.tenants.queries.accounts import account_by_key, account_choices
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import Form, PressForm
from portal.web.htmx import page, see


def _decide(inbound_id: uuid.UUID, form: Form, template: str, act: Callable[[InboundMail], object], said: str) -> Any:
    """The form of one decision: shown, or carried out."""
    row = log.inbound_mail(ctx(), inbound_id, lock=form.is_submitted())
    status = submit_form(form, lambda: act(row)) if form.is_submitted() else 200
    if status:
        return page(f"channels/mail/{template}.html", status, form=form, mail=row, sentence=labels.mail_sentence(row))
    flash(said, "success")
    return see(f"/admin/mail-log/{row.id}")


@mail.route("/mail-log/<uuid:inbound_id>/release", methods=["GET", "POST"])
@sees
def release(inbound_id: uuid.UUID) -> Any:
    """Take a mail in as its sender's."""
    return _decide(
        inbound_id, PressForm(), "release", lambda row: quarantine.release(ctx(), row), _("The email was taken in.")
    )


@mail.route("/mail-log/<uuid:inbound_id>/sender", methods=["GET", "POST"])
@sees
def add_sender(inbound_id: uuid.UUID) -> Any:
    """Make the sender a contact, and take the mail in."""
    form = SenderForm()
    form.account.choices = [(row.key, f"{row.key} – {row.name}") for row in account_choices(ctx())]
    if not form.is_submitted():
        form.name.data = log.inbound_mail(ctx(), inbound_id).sender_name

    def act(row: InboundMail) -> None:
        account = account_by_key(ctx(), form.account.data)
        quarantine.add_sender(ctx(), row, account, name=form.name.data)

    return _decide(inbound_id, form, "sender", act, _("The sender is a contact, and the email was taken in."))


@mail.route("/mail-log/<uuid:inbound_id>/attach", methods=["GET", "POST"])
@sees
def attach(inbound_id: uuid.UUID) -> Any:
    """Add a mail to a case as an internal note."""
    form = AttachForm()
    if not form.is_submitted():
        form.case.data = log.case_key_of(ctx(), log.inbound_mail(ctx(), inbound_id))

    def act(row: InboundMail) -> None:
        try:
            case = by_key(ctx(), form.case.data.upper(), lock=True)
        except NotFound:
            raise Refused(_("There is no such case"), "case") from None
        quarantine.attach_to_case(ctx(), row, case)

    return _decide(inbound_id, form, "attach", act, _("The email is a note of the case."))


@mail.route("/mail-log/<uuid:inbound_id>/discard", methods=["GET", "POST"])
@sees
def discard(inbound_id: uuid.UUID) -> Any:
    """Leave a mail in quarantine for good."""
    return _decide(
        inbound_id, PressForm(), "discard", lambda row: quarantine.discard(ctx(), row), _("The email was discarded.")
    )
