"""Files that a form with attachments claims or carries, as its page shows them again."""

import uuid
from collections.abc import Sequence
from typing import Any

from portal.attachments.actions import stage
from portal.attachments.queries import staged_files
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.web.plain_uploads import claimed_file_ids, stage_files_of, stage_plain_files


def collect_files(context: Context, form: Any) -> list[uuid.UUID]:
    """The ids of staged files that the form claims, and of files that were uploaded with it."""
    return [*claimed_file_ids(), *stage_plain_files(context, form, stage)]


def draft_files(context: Context, form: Any) -> list[uuid.UUID]:
    """The ids of the staged files of the draft that *form* shows; `form.draft_lost_files` says how many are gone."""
    named = form.draft.fields.get("staged", ()) if form.draft else ()
    files = [found for value in named[:50] if (found := parse_id(value)) is not None]
    kept = [file.id for file in staged_files(context, files)] if files else []
    form.draft_lost_files = len(files) - len(kept)
    return kept


def draft_rows(context: Context, form: Any) -> list[dict[str, Any]]:
    """The files of the draft that *form* shows, as the upload list shows them."""
    return upload_rows(context, files) if (files := draft_files(context, form)) else []


def collect_files_of(context: Context, name: str, limit: int) -> tuple[list[uuid.UUID], list[str]]:
    """As `collect_files`, for one further field *name* whose staged files the form names `<name>_staged`: the ids, and
    the sentences about files that were refused."""
    staged, problems = stage_files_of(context, name, stage, limit)
    return [*claimed_file_ids(f"{name}_staged"), *staged], problems


def upload_rows(context: Context, files: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """Staged files as the upload list shows them."""
    return [{"id": str(f.id), "name": f.filename, "size": f.size} for f in staged_files(context, files)]
