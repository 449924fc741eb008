"""Due work of the administration."""

from portal.admin.forms.import_file import ImportFile
from portal.admin.forms.import_rows import clean_rows, problems_said_to
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.actions import import_work
from portal.tenants.models import ImportDraft
from portal.tenants.queries import import_drafts as draft_queries
from portal.tenants.queries.import_plan.objects import ImportRow


def continue_import(ctx: Context, draft_id: Id) -> None:
    """Due work: the next part of a long import; its sentences are in the language of the person who uploaded it."""
    person = draft_queries.uploader(ctx, draft_id)
    with problems_said_to(person, ctx.provider):
        import_work.continue_work(ctx, draft_id, _read_rows)


def _read_rows(draft: ImportDraft, begin: int, end: int) -> list[ImportRow]:
    return clean_rows(ImportFile(draft.headings, [(n, cells) for n, cells in draft.rows[begin:end]], draft.encoding))
