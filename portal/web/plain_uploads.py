"""Plain multipart files: staged in a unit of work of their own before the form is validated, so that a 422 loses
none."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.kernel import uow
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.ids import parse_id
from portal.web import csrf
from portal.web.unsent_text import HANDLED_FILES, sent_file_name

Stage = Callable[[Context, Any], Any]
AT_ONCE = 10


def claimed_file_ids() -> list[uuid.UUID]:
    """The ids of staged files that the form claims, without those that are ticked for removal."""
    removed = set(request.form.getlist("staged_remove"))
    found = (parse_id(value) for value in request.form.getlist("staged")[:50] if value not in removed)
    return [value for value in found if value is not None]


def stage_plain_files(ctx: Context, form: Any, stage: Stage) -> list[uuid.UUID]:
    """Stage the files of the field `attachments` with *stage*; refusals become errors of that field.

    Commits by itself: what follows in the request may be refused without taking the files with it. Without a valid
    form token nothing is stored, and the page names the files.
    """
    if request.method != "POST" or not csrf.has_valid_token():
        return []
    staged: list[uuid.UUID] = []
    problems: list[str] = []
    handled: dict[str, str] = {}
    uploads = [u for u in request.files.getlist("attachments") if u.filename]
    for upload in uploads[:AT_ONCE]:
        sent_name = sent_file_name(upload.filename or "")
        try:
            with uow.unit_of_work(ctx.session):
                file = stage(ctx, upload)
                staged.append(file.id)
                handled[sent_name] = file.filename
        except Refused as refusal:
            problems.append(refusal.message)
            handled[sent_name] = ""
    if len(uploads) > AT_ONCE:
        problems.append(
            _("You can attach %(limit)d files; remove %(over)d", limit=AT_ONCE, over=len(uploads) - AT_ONCE)
        )
    form.upload_problems = problems
    request.environ[HANDLED_FILES] = handled
    return staged
