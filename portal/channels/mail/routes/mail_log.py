"""/admin/mail-log: what became of every mail, and what it says."""

import uuid
from typing import Any

from flask import Response

from portal.channels.mail import labels
from portal.channels.mail.models import FATES
from portal.channels.mail.queries import log
from portal.channels.mail.queries.attached import mail_files
from portal.channels.mail.routes.blueprint import load_shown_mail, mail, sees
from portal.web.current import ctx
from portal.web.htmx import page
from portal.web.urls import number_parameter, text_parameter


@mail.get("/mail-log")
@sees
def mail_log() -> Any:
    """Mails that arrived, newest first."""
    fate, q = text_parameter("fate", 20), text_parameter("q", 100)
    waiting = fate == "waiting"
    found = log.mail_log(ctx(), fate=fate, waiting=waiting, q=q, number=number_parameter("page", 1, highest=50))
    return page(
        "channels/mail/log.html",
        mails=found,
        fate=fate if waiting or fate in FATES else "",
        q=q,
        fates=FATES,
        fate_label=labels.fate_label,
        sentence=lambda row: labels.mail_sentence(row, ctx().actor),
    )


@mail.get("/mail-log/<uuid:inbound_id>")
@sees
def inbound_mail(inbound_id: uuid.UUID) -> Any:
    """One mail: its fate, what intake saw, and its words."""
    row = load_shown_mail(inbound_id)
    message = log.read_message(row)
    return page(
        "channels/mail/mail.html",
        mail=row,
        message=message,
        mail_files=mail_files(message),
        case_key=log.case_key_of(ctx(), row),
        fate_label=labels.fate_label,
        sentence=labels.mail_sentence(row, ctx().actor),
        verdict=labels.verdict_sentence(str(row.facts.get("verdict") or "")),
        problems=labels.problem_sentences(row),
        road=labels.road_label(row.road),
        handled=labels.handled_label(row.handled_as),
    )


@mail.get("/mail-log/<uuid:inbound_id>/original")
@sees
def original(inbound_id: uuid.UUID) -> Response:
    """The original as text."""
    text = "".join(log.original_text(load_shown_mail(inbound_id)))
    return Response(text, content_type="text/plain; charset=utf-8")
