"""/admin/mail-log/<id>/…: what is decided about a mail in quarantine. Each address answers GET with its form."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases.queries.detail import by_key
from portal.channels.mail import labels
from portal.channels.mail.actions import quarantine
from portal.channels.mail.forms import AttachForm, OpenForForm, ReleaseForm, SenderForm, TakeInForm
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries import log
from portal.channels.mail.routes.blueprint import mail, sees
from portal.kernel.errors import NotFound, Refused
from portal.tenants.queries.accounts import account_by_key, account_choices
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import Form, PressForm
from portal.web.htmx import page, see

# Mails of colleagues that belong to no case.
FROM_STAFF = ("staff_forward", "staff_new")


def _decide(inbound_id: uuid.UUID, form: Form, template: str, act: Callable[[InboundMail], object], said: str) -> Any:
    """The form of one decision: shown, or carried out."""
    row = log.inbound_mail(ctx(), inbound_id, lock=form.is_submitted())
    status = submit_form(form, lambda: act(row)) if form.is_submitted() else 200
    if status:
        sentence = labels.mail_sentence(row, ctx().actor)
        return page(f"channels/mail/{template}.html", status, form=form, mail=row, sentence=sentence)
    flash(said, "success")
    return see(f"/admin/mail-log/{row.id}")


@mail.route("/mail-log/<uuid:inbound_id>/release", methods=["GET", "POST"])
@sees
def release(inbound_id: uuid.UUID) -> Any:
    """Take a mail in as its sender's. Where the sender has several accounts, staff choose one; a colleague's mail
    opens a case for somebody else."""
    row = log.inbound_mail(ctx(), inbound_id)
    if row.reason in FROM_STAFF:
        return _open_for(row)
    accounts = log.sender_accounts(ctx(), row)
    form = ReleaseForm() if accounts else TakeInForm()
    if isinstance(form, ReleaseForm):
        form.account.choices = _choices(accounts)

    def act(row: InboundMail) -> None:
        chosen = form.account.data if isinstance(form, ReleaseForm) else ""
        account = next((one for one in accounts if one.key == chosen), None)
        quarantine.release(ctx(), row, account, anyway=form.send_anyway())

    return _decide(inbound_id, form, "release", act, _("The email was taken in."))


def _choices(accounts: Iterable[Any]) -> list[tuple[str, str]]:
    """The accounts to choose from. None is chosen: a stranger who is let into one reads what is shared there."""
    return [("", _("Choose an account")), *((one.key, f"{one.key} – {one.name}") for one in accounts)]


def _open_for(row: InboundMail) -> Any:
    """The form that opens a case for whose mail a colleague passed on, with the original sender filled in."""
    form = OpenForForm()
    form.account.choices = _choices(account_choices(ctx()))
    if not form.is_submitted():
        form.person_email.data, form.person_name.data = row.facts.get("original_sender") or ("", "")
        form.account.data = log.propose_account_key(ctx(), form.person_email.data) if form.person_email.data else ""
        form.person_name.data = form.person_name.data or form.person_email.data.partition("@")[0]

    def act(locked: InboundMail) -> None:
        account = account_by_key(ctx(), form.account.data)
        name, email = form.person_name.data, form.person_email.data
        quarantine.open_for(ctx(), locked, account, name=name, email=email, anyway=form.send_anyway())

    return _decide(row.id, form, "release", act, _("The case was opened."))


@mail.route("/mail-log/<uuid:inbound_id>/sender", methods=["GET", "POST"])
@sees
def add_sender(inbound_id: uuid.UUID) -> Any:
    """Make the sender a contact, and take the mail in."""
    form = SenderForm()
    form.account.choices = _choices(account_choices(ctx()))
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
