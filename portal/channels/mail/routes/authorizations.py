"""/admin/mailboxes/<id>/microsoft and /google: how a mailbox signs in at a service, and the way back from there."""

import uuid
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _

from portal.channels.mail.actions import authorizations as actions
from portal.channels.mail.forms import GoogleForm, MicrosoftForm
from portal.channels.mail.labels import failure_sentence
from portal.channels.mail.mailbox_access import service_settings
from portal.channels.mail.models import GOOGLE, MICROSOFT, MICROSOFT_APP
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.routes.blueprint import configures, mail
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.servers.services import service_of
from portal.kernel.errors import NotFound, Refused
from portal.kernel.ids import parse_id
from portal.kernel.text import clean_line
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.headers import allow_form_target
from portal.web.htmx import page, see
from portal.web.oauth_state import begin_round_trip, commit_return, end_round_trip
from portal.web.urls import outside_url, text_parameter

_PURPOSE = "mailbox"
# Where both services lead back to. An application must name it.
_BACK = "/admin/mailboxes/consent"


@mail.route("/mailboxes/<uuid:mailbox_id>/microsoft", methods=["GET", "POST"])
@configures
def mailbox_microsoft(mailbox_id: uuid.UUID) -> Any:
    """Read and send a mailbox of Microsoft 365."""
    return _connect(mailbox_id, MICROSOFT, MicrosoftForm())


@mail.route("/mailboxes/<uuid:mailbox_id>/google", methods=["GET", "POST"])
@configures
def mailbox_google(mailbox_id: uuid.UUID) -> Any:
    """Read and send a mailbox of Google."""
    return _connect(mailbox_id, GOOGLE, GoogleForm())


def _connect(mailbox_id: uuid.UUID, service: str, form: MicrosoftForm | GoogleForm) -> Any:
    row = queries.mailbox(ctx(), mailbox_id, lock=form.is_submitted())
    connection = queries.find_connection(ctx(), row)
    settings, back = service_settings(), outside_url(_BACK)
    there: list[str] = []

    def connect() -> None:
        connected = actions.connect_by_oauth(ctx(), row, form.read_choice(), settings)
        if connected.sign_in == MICROSOFT_APP:
            return
        state = begin_round_trip(_PURPOSE, str(row.id))
        try:
            there.append(actions.begin_consent(connected, row, settings, state, back))
        except MailServerFailure as failure:
            raise Refused(failure_sentence(failure.code)) from failure

    status = 200
    if form.is_submitted():
        status = submit_form(form, connect)
    else:
        form.fill_from(connection)
    if status:
        allow_form_target(settings.find_sign_in_origin(service))
        return page(
            "channels/mail/mailbox_service.html",
            status,
            form=form,
            mailbox=row,
            service=service,
            back=back,
            has_client=bool(settings.clients[service][0]),
            is_stored=bool(
                connection is not None and connection.client_id and service_of(connection.sign_in) == service
            ),
        )
    return redirect(there[-1], 303) if there else see(f"/admin/mailboxes/{row.id}")


@mail.get("/mailboxes/consent")
@configures
def mailbox_consent() -> Any:
    """A service leads back here with a code, for the mailbox whose permission was asked for in this browser."""
    state, code = request.args.get("state", "")[:200], request.args.get("code", "")[:4000]
    mailbox_id = parse_id(end_round_trip(_PURPOSE, state)) if state else None
    if mailbox_id is None:
        return _refuse(
            _("This sign-in did not begin in this browser, or it is over. Begin again on the page of the mailbox."),
            status=410,
        )
    try:
        row = queries.mailbox(ctx(), mailbox_id)
    except NotFound:
        return _refuse(_("This mailbox is not there any more."))
    connection = queries.find_connection(ctx(), row)
    if connection is None or not code:
        said = text_parameter("error_description", 300) or text_parameter("error", 100)
        return _refuse(_("The permission was not given."), mailbox_id, said)
    try:
        tokens = actions.fetch_consent(connection, service_settings(), state, code, outside_url(_BACK))
        with commit_return():
            actions.store_consent(ctx(), row, tokens)
    except MailServerFailure as failure:
        return _refuse(failure_sentence(failure.code), mailbox_id, failure.words)
    return see(f"/admin/mailboxes/{mailbox_id}")


def _refuse(sentence: str, mailbox_id: uuid.UUID | None = None, words: str = "", *, status: int = 422) -> Any:
    href = f"/admin/mailboxes/{mailbox_id}" if mailbox_id else "/admin/mailboxes"
    return page("channels/mail/consent_refused.html", status, sentence=sentence, words=clean_line(words), href=href)
