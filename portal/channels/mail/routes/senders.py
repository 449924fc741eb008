"""/admin/accounts/<key>/sender: from whom mails about the cases of an account come."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.channels.mail.actions.senders import choose_account_sender
from portal.channels.mail.forms import AccountSenderForm
from portal.channels.mail.queries.senders import find_account_sender, list_sender_mailboxes
from portal.channels.mail.queries.threads import sender_of_account
from portal.channels.mail.routes.blueprint import configures, mail
from portal.kernel.ids import parse_id
from portal.tenants.queries.accounts import account as find_account
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@mail.route("/accounts/<key>/sender", methods=["GET", "POST"])
@configures
def account_sender(key: str) -> Any:
    """The name and the mailbox that mails about cases of an account come from."""
    form = AccountSenderForm()
    if form.is_submitted():
        find_account(ctx(), key, lock=True)
    row = find_account(ctx(), key)
    chosen = find_account_sender(ctx(), row.id)
    boxes = list_sender_mailboxes(ctx(), chosen.mailbox_id if chosen is not None else None)
    form.mailbox.choices = [("", _("The usual one")), *((str(box.id), box.address) for box in boxes)]

    def choose() -> None:
        choose_account_sender(ctx(), row, name=form.name.data or "", mailbox_id=parse_id(form.mailbox.data))

    status = 200
    if form.is_submitted():
        status = submit_form(form, choose)
    elif chosen is not None:
        form.name.data, form.mailbox.data = chosen.name, str(chosen.mailbox_id or "")
    if status:
        return page(
            "channels/mail/account_sender.html",
            status,
            form=form,
            account=row,
            usual_name=ctx().provider.called,
            has_mailboxes=bool(boxes),
            sender=sender_of_account(ctx(), row),
        )
    flash(_("Saved."), "success")
    return see(f"/admin/accounts/{row.key}")
