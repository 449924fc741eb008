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
from portal.web import csrf

Stage = Callable[[Context, Any], Any]
AT_ONCE = 10


def stage_plain_files(ctx: Context, form: Any, stage: Stage) -> list[uuid.UUID]:
    """Stage the files of the field `attachments` with *stage*; refusals become errors of that field.

    Commits by itself: what follows in the request may be refused without taking the files with it. Without a valid
    form token nothing is stored.
    """
    if request.method != "POST" or not csrf.has_valid_token():
        return []
    staged: list[uuid.UUID] = []
    problems: list[str] = []
    uploads = [u for u in request.files.getlist("attachments") if u.filename]
    for upload in uploads[:AT_ONCE]:
        try:
            with uow.unit_of_work(ctx.session):
                staged.append(stage(ctx, upload).id)
        except Refused as refusal:
            problems.append(refusal.message)
    if len(uploads) > AT_ONCE:
        problems.append(
            _("You can attach %(limit)d files; remove %(over)d", limit=AT_ONCE, over=len(uploads) - AT_ONCE)
        )
    form.upload_problems = problems
    return staged
