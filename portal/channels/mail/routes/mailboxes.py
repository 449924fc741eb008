"""/admin/mailboxes: the addresses that are read, and where their new cases go."""

import uuid
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases.queries.request_types import request_types
from portal.channels.mail.actions import mailboxes as actions
from portal.channels.mail.forms import MailboxForm, MailboxRouteForm
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.routes.blueprint import configures, mail, reads
from portal.kernel.ids import parse_id
from portal.tenants.queries.departments import active_departments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see


def _offer_choices(form: MailboxForm | MailboxRouteForm) -> None:
    form.department.choices = [
        ("", _("As the kind of case says")),
        *((str(row.id), row.name) for row in active_departments(ctx())),
    ]
    form.type.choices = [
        ("", _("The first that the account may use")),
        *((str(row.id), row.name) for row in request_types(ctx())),
    ]


@mail.get("/mailboxes")
@reads
def mailboxes() -> Any:
    """The mailboxes of the provider."""
    names = {row.id: row.name for row in [*active_departments(ctx()), *request_types(ctx())]}
    return page("channels/mail/mailboxes.html", mailboxes=queries.list_mailboxes(ctx()), names=names)


@mail.route("/mailboxes/new", methods=["GET", "POST"])
@configures
def new_mailbox() -> Any:
    """Read mail to one more address."""
    form = MailboxForm()
    _offer_choices(form)
    status = 200
    if form.is_submitted():
        status = submit_form(
            form,
            lambda: actions.add_mailbox(
                ctx(),
                form.address.data,
                department_id=parse_id(form.department.data),
                request_type_id=parse_id(form.type.data),
            ),
        )
    if status:
        return page("channels/mail/mailbox_new.html", status, form=form)
    flash(_("Email to this address is read from now on."), "success")
    return see("/admin/mailboxes")


@mail.route("/mailboxes/<uuid:mailbox_id>", methods=["GET", "POST"])
@configures
def mailbox(mailbox_id: uuid.UUID) -> Any:
    """Where new cases of a mailbox go."""
    form = MailboxRouteForm()
    _offer_choices(form)
    row = queries.mailbox(ctx(), mailbox_id, lock=form.is_submitted())
    status = 200
    if form.is_submitted():
        status = submit_form(
            form,
            lambda: actions.route_mailbox(
                ctx(),
                row,
                department_id=parse_id(form.department.data),
                request_type_id=parse_id(form.type.data),
            ),
        )
    else:
        form.department.data, form.type.data = str(row.department_id or ""), str(row.request_type_id or "")
    if status:
        return page("channels/mail/mailbox.html", status, form=form, mailbox=row)
    flash(_("Saved."), "success")
    return see("/admin/mailboxes")


@mail.route("/mailboxes/<uuid:mailbox_id>/switch", methods=["GET", "POST"])
@configures
def switch_mailbox(mailbox_id: uuid.UUID) -> Any:
    """Turn a mailbox off, or on again."""
    form = PressForm()
    row = queries.mailbox(ctx(), mailbox_id, lock=form.is_submitted())
    status = 200
    if form.is_submitted():
        status = submit_form(form, lambda: actions.switch_mailbox(ctx(), row, on=row.state == "off"))
    if status:
        return page("channels/mail/mailbox_switch.html", status, form=form, mailbox=row)
    flash(_("The mailbox is on.") if row.state == "on" else _("The mailbox is off."), "success")
    return see("/admin/mailboxes")
