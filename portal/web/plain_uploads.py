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
from portal.web.unsent_text import HANDLED_FILES, STAGED_FIELD, sent_file_name

Stage = Callable[[Context, Any], Any]
AT_ONCE = 10


def claimed_file_ids(name: str = "staged") -> list[uuid.UUID]:
    """The ids of staged files that the form claims in the field *name*, without those that are ticked for removal."""
    removed = set(request.form.getlist("staged_remove"))
    found = (parse_id(value) for value in request.form.getlist(name)[:50] if value not in removed)
    return [value for value in found if value is not None]


def stage_plain_files(ctx: Context, form: Any, stage: Stage) -> list[uuid.UUID]:
    """Stage the files of the field `attachments` with *stage*; refusals become errors of that field.

    Commits by itself: what follows in the request may be refused without taking the files with it. Without a valid
    form token nothing is stored, and the page names the files.
    """
    if request.method != "POST" or not csrf.has_valid_token():
        return []
    staged, form.upload_problems = stage_files_of(ctx, STAGED_FIELD, stage, AT_ONCE)
    return staged


def stage_files_of(ctx: Context, name: str, stage: Stage, limit: int) -> tuple[list[uuid.UUID], list[str]]:
    """Stage the first *limit* files of the field *name*, as `stage_plain_files` does: their ids, and the sentences
    about those that were refused."""
    if request.method != "POST" or not csrf.has_valid_token():
        return [], []
    staged: list[uuid.UUID] = []
    problems: list[str] = []
    handled: dict[str, str] = request.environ.setdefault(HANDLED_FILES, {})
    uploads = [u for u in request.files.getlist(name) if u.filename]
    for upload in uploads[:limit]:
        sent_name = sent_file_name(upload.filename or "")
        try:
            with uow.unit_of_work(ctx.session):
                file = stage(ctx, upload)
                staged.append(file.id)
                handled[sent_name] = file.filename
        except Refused as refusal:
            problems.append(refusal.message)
            handled[sent_name] = ""
    if len(uploads) > limit:
        problems.append(_("You can attach %(limit)d files; remove %(over)d", limit=limit, over=len(uploads) - limit))
    return staged, problems
