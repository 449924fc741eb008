"""/desk/cases/<key>/mail: the email that a message of a case came as, for staff who see the case."""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.queries import by_key
from portal.channels.mail.queries import log
from portal.channels.mail.routes.blueprint import case_mail
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.urls import id_parameter


@case_mail.get("/cases/<key:key>/mail")
@requires(Permission.CASE_READ)
def show(key: str) -> Any:
    """The email of the message `?message=`, or the one that opened the case: its head, files and words."""
    case = by_key(ctx(), key)
    message_id = id_parameter("message")
    row = log.mail_of_message(ctx(), case, message_id)
    return page(
        "channels/mail/case_mail.html",
        case=case,
        base=f"/desk/cases/{case.key}",
        of_message=f"?message={message_id}" if message_id else "",
        mail=row,
        message=log.read_message(row) if row else None,
    )


@case_mail.get("/cases/<key:key>/mail/original")
@requires(Permission.CASE_READ)
def original(key: str) -> Response:
    """Its original as text; a sentence where there is none."""
    row = log.mail_of_message(ctx(), by_key(ctx(), key), id_parameter("message"))
    text = _("No email of this message is kept here.") if row is None else "".join(log.original_text(row))
    return Response(text, content_type="text/plain; charset=utf-8")
