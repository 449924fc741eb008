"""What the pages of drafts share. A draft is shown only while its writer may load what it is about."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.drafts import queries
from portal.drafts.models import FormDraft
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.retention import days_of
from portal.web.current import ctx
from portal.web.drafts import DraftTarget, find_target, list_path
from portal.web.htmx import page


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft with its name ("Reply") and what it is about ("ACME-12 · The scanner is silent", '' for nothing)."""

    draft: FormDraft
    name: str
    subject: str

    @property
    def text(self) -> str:
        """What a person knows the draft by."""
        return draft_text(self.draft.fields)

    @property
    def files(self) -> int:
        """The number of files that were attached."""
        return len(self.draft.fields.get("staged", ()))


def draft_text(fields: Mapping[str, Sequence[str]]) -> str:
    """What a person knows a draft with *fields* by: its subject and its text; the longest value where it has none."""
    values = {name: sent[0] for name, sent in fields.items() if sent and name != "staged"}
    named = [values.get(name, "").strip() for name in ("subject", "title", "body", "description", "reason")]
    return "\n".join(filter(None, named)) or max(values.values(), key=len, default="")


def base() -> str:
    """The address of the list of this side."""
    return list_path(staff=ctx().actor.is_staff)


def show(template: str, status: int = 200, /, **values: Any) -> Any:
    """The page *template* in the layout of this side."""
    layout = "layouts/desk.html" if ctx().actor.is_staff else "layouts/portal.html"
    return page(template, status, layout=layout, base=base(), draft_text=draft_text, **values)


def list_page() -> Any:
    """The list of drafts of this side."""
    days, file_days = days_of("drafts"), days_of("staged_files")
    return show("drafts/index.html", rows=list_drafts(ctx()), keep_days=days, keep_file_days=file_days)


def list_drafts(context: Context) -> list[ListedDraft]:
    """The actor's drafts on this side, the last written first."""
    return _with_subjects(context, queries.newest_drafts(context))


def load_draft(context: Context, draft_id: uuid.UUID) -> ListedDraft:
    """One draft of the actor. NotFound for another person's, and for one about what they may not load any more."""
    found = _with_subjects(context, [queries.draft(context, draft_id)])
    if not found:
        raise NotFound
    return found[0]


def require_target(context: Context, path: str) -> DraftTarget:
    """The form that is sent to *path*. NotFound where it keeps no drafts on this side, or the actor may not load what
    it is about."""
    target = find_target(path)
    if target is None or path.startswith("/desk/") != context.actor.is_staff:
        raise NotFound
    if target.kind.find_subjects(context, [target.arguments])[0] is None:
        raise NotFound
    return target


def _with_subjects(context: Context, rows: Sequence[FormDraft]) -> list[ListedDraft]:
    """*rows* with their names and subjects. The subjects of one kind are found together."""
    targets = {row.id: target for row in rows if (target := find_target(row.path)) is not None}
    by_kind: dict[int, list[uuid.UUID]] = {}
    for row_id, target in targets.items():
        by_kind.setdefault(id(target.kind), []).append(row_id)
    subjects: dict[uuid.UUID, str | None] = {}
    for row_ids in by_kind.values():
        found = targets[row_ids[0]].kind.find_subjects(context, [targets[row_id].arguments for row_id in row_ids])
        subjects.update(zip(row_ids, found, strict=True))
    return [
        ListedDraft(row, targets[row.id].kind.name(row.fields), subject)
        for row in rows
        if (subject := subjects.get(row.id)) is not None
    ]
