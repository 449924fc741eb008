"""…/attached-mail/…: an email that is a file, as text: of a case on both sides, and of an email that arrived."""

import uuid
from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.channels.mail.engine.attached import read_attached
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.queries import log
from portal.channels.mail.queries.attached import attached_mail, mail_files
from portal.channels.mail.routes.blueprint import case_mail, load_shown_mail, mail, portal_mail, sees
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.guards import on_portal, requires
from portal.web.htmx import page
from portal.web.urls import number_parameter


@case_mail.get("/cases/<key:key>/attached-mail/<uuid:attachment_id>")
@requires(Permission.CASE_READ)
def attached_for_staff(key: str, attachment_id: uuid.UUID) -> Any:
    """An email among the files of a case, those of internal notes included."""
    return _show(by_key(ctx(), key), attachment_id, on_desk=True)


@portal_mail.get("/cases/<key:key>/attached-mail/<uuid:attachment_id>")
@on_portal
def attached(key: str, attachment_id: uuid.UUID) -> Any:
    """An email among the files of a visible case."""
    return _show(by_key(ctx(), key), attachment_id, on_desk=False)


@mail.get("/mail-log/<uuid:inbound_id>/attached-mail")
@sees
def attached_to_mail(inbound_id: uuid.UUID) -> Any:
    """The file number `?file=` of an email that arrived, 1 for the first. 404 where that is no email."""
    row = load_shown_mail(inbound_id)
    number = number_parameter("file", 1, highest=LIMITS.attachments)
    file = dict(mail_files(log.read_message(row))).get(number)
    if file is None:
        raise NotFound
    here = f"/admin/mail-log/{row.id}"
    trail = [
        (_("Administration"), "/admin"),
        (_("Received email"), "/admin/mail-log"),
        (row.subject or _("(no subject)"), here),
    ]
    return page(
        "channels/mail/attached.html",
        layout="layouts/admin.html",
        trail=trail,
        back=(_("Back to the email"), here),
        filename=file.name,
        mails=read_attached(file.content),
    )


def _show(case: Case, attachment_id: uuid.UUID, *, on_desk: bool) -> Any:
    file, mails = attached_mail(ctx(), case, attachment_id)
    base = f"/desk/cases/{case.key}" if on_desk else f"/cases/{case.key}"
    above = (case.account.name, f"/desk/accounts/{case.account.key}") if on_desk else (_("Cases"), "/cases")
    return page(
        "channels/mail/attached.html",
        layout="layouts/desk.html" if on_desk else "layouts/portal.html",
        trail=[above, (case.key, base)],
        back=(_("Back to the case"), base),
        filename=file.filename,
        mails=mails,
    )
