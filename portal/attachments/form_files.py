"""Files that a form with attachments claims or carries, as its page shows them again."""

import uuid
from collections.abc import Sequence
from typing import Any

from portal.attachments.actions import stage
from portal.attachments.queries import staged_files
from portal.kernel.context import Context
from portal.web.plain_uploads import claimed_file_ids, stage_plain_files


def collect_files(context: Context, form: Any) -> list[uuid.UUID]:
    """The ids of staged files that the form claims, and of files that were uploaded with it."""
    return [*claimed_file_ids(), *stage_plain_files(context, form, stage)]


def upload_rows(context: Context, files: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """Staged files as the upload list shows them."""
    return [{"id": str(f.id), "name": f.filename, "size": f.size} for f in staged_files(context, files)]
