"""/admin/mailboxes: the addresses that are read, and where their new cases go."""

import uuid
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases.queries.request_types import request_types
from portal.channels.mail.actions import mailboxes as actions
from portal.channels.mail.actions import reading
from portal.channels.mail.actions.connections import connect_mailbox
from portal.channels.mail.actions.mailbox_tests import start_test
from portal.channels.mail.forms import ConnectionForm, MailboxForm, MailboxRouteForm
from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.models import PASSWORD, Mailbox
from portal.channels.mail.pages import describe_stored_problem, find_consent_href, list_steps
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.queries.senders import accounts_of_sender
from portal.channels.mail.routes.blueprint import configures, mail, reads
from portal.kernel.ids import parse_id
from portal.tenants.queries.departments import active_departments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, page_or_fragment, see


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
    return page(
        "channels/mail/mailboxes.html",
        mailboxes=queries.list_mailboxes(ctx()),
        connections=queries.list_connections(ctx()),
        names=names,
        failure_sentence=failure_sentence,
    )


@mail.route("/mailboxes/new", methods=["GET", "POST"])
@configures
def new_mailbox() -> Any:
    """Add an address. It is off until its test has come back."""
    form = MailboxForm()
    _offer_choices(form)
    status = 200
    added: list[Mailbox] = []

    def add() -> None:
        department_id, type_id = parse_id(form.department.data), parse_id(form.type.data)
        box = actions.add_mailbox(
            ctx(), form.address.data, department_id=department_id, request_type_id=type_id, is_proven=False
        )
        if form.way.data == "passed":
            start_test(ctx(), box)
        added.append(box)

    if form.is_submitted():
        status = submit_form(form, add)
    if status:
        return page("channels/mail/mailbox_new.html", status, form=form)
    part = {"passed": "", "imap": "/connection"}.get(form.way.data, f"/{form.way.data}")
    return see(f"/admin/mailboxes/{added[-1].id}{part}")


@mail.route("/mailboxes/<uuid:mailbox_id>", methods=["GET", "POST"])
@configures
def mailbox(mailbox_id: uuid.UUID) -> Any:
    """The steps of a mailbox to its first case, and where its new cases go."""
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
        return page("channels/mail/mailbox.html", status, form=form, **_mailbox_values(row))
    flash(_("Saved."), "success")
    return see("/admin/mailboxes")


def _mailbox_values(row: Mailbox) -> dict[str, Any]:
    connection, test = queries.find_connection(ctx(), row), queries.latest_test(ctx(), row)
    token = queries.find_token(ctx(), row) if connection and connection.needs_consent else None
    has_taken_mail = queries.has_taken_mail(ctx(), row)
    return {
        "mailbox": row,
        "connection": connection,
        "test": test,
        "steps": list_steps(row, connection, test, token, has_taken_mail=has_taken_mail),
        "consent_href": find_consent_href(row, connection),
        "failure": failure_sentence(connection.failure) if connection and connection.failure else "",
        "sender_of": accounts_of_sender(ctx(), row),
    }


@mail.get("/mailboxes/<uuid:mailbox_id>/progress")
@configures
def mailbox_progress(mailbox_id: uuid.UUID) -> Any:
    """The steps alone. A page with a script asks for them until the test is over."""
    row = queries.mailbox(ctx(), mailbox_id)
    return page_or_fragment("channels/mail/progress.html", "channels/mail/_steps.html", **_mailbox_values(row))


@mail.route("/mailboxes/<uuid:mailbox_id>/connection", methods=["GET", "POST"])
@configures
def mailbox_connection(mailbox_id: uuid.UUID) -> Any:
    """The servers of a mailbox. Saving them begins a test."""
    form = ConnectionForm()
    row = queries.mailbox(ctx(), mailbox_id, lock=form.is_submitted())
    connection = queries.find_connection(ctx(), row)
    status = 200

    def connect() -> None:
        connect_mailbox(ctx(), row, imap=form.read_imap(), smtp=form.read_smtp())
        start_test(ctx(), row)

    if form.is_submitted():
        status = submit_form(form, connect)
    else:
        form.fill_from(row, connection)
    if status:
        problem = describe_stored_problem(connection)
        return page(
            "channels/mail/mailbox_connection.html",
            status,
            form=form,
            mailbox=row,
            is_stored=connection is not None and connection.sign_in == PASSWORD and not problem,
            problem=problem,
        )
    return see(f"/admin/mailboxes/{row.id}")


@mail.route("/mailboxes/<uuid:mailbox_id>/test", methods=["GET", "POST"])
@configures
def test_mailbox(mailbox_id: uuid.UUID) -> Any:
    """Send a mail out through a mailbox and wait for it."""
    form = PressForm()
    row = queries.mailbox(ctx(), mailbox_id, lock=form.is_submitted())
    status = submit_form(form, lambda: start_test(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("channels/mail/mailbox_test.html", status, form=form, mailbox=row)
    return see(f"/admin/mailboxes/{row.id}")


@mail.route("/mailboxes/<uuid:mailbox_id>/retry", methods=["GET", "POST"])
@configures
def retry_mailbox(mailbox_id: uuid.UUID) -> Any:
    """Read a mailbox again that failed."""
    form = PressForm()
    row = queries.mailbox(ctx(), mailbox_id)
    connection = queries.find_connection(ctx(), row)
    status = submit_form(form, lambda: reading.retry_mailbox(ctx(), connection)) if form.is_submitted() else 200
    if status:
        return page("channels/mail/mailbox_retry.html", status, form=form, mailbox=row)
    flash(_("The mailbox is read again in a moment."), "success")
    return see(f"/admin/mailboxes/{row.id}")


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
        sender_of = accounts_of_sender(ctx(), row)
        return page("channels/mail/mailbox_switch.html", status, form=form, mailbox=row, sender_of=sender_of)
    flash(_("The mailbox is on.") if row.state == "on" else _("The mailbox is off."), "success")
    return see("/admin/mailboxes")
