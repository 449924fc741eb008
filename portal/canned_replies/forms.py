"""The form of a canned reply, and the words that somebody searches in a picker."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField

from portal.canned_replies.actions.replies import ReplyContent
from portal.canned_replies.engine.macros import STATUSES, Macro
from portal.canned_replies.engine.placeholders import unknown_placeholders
from portal.canned_replies.labels import state_word
from portal.canned_replies.models import CannedReply
from portal.canned_replies.rules import LINE_LIMIT, TEXT_LIMIT, TITLE_LIMIT
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.tenants.queries.departments import active_departments
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, Number, choice_field, flag_field, line_field, text_field
from portal.web.language import LANGUAGES


class CannedReplyForm(VersionedForm):
    """Made by `reply_form`, which adds a field for the text in each language."""

    title = line_field(_l("Title"), need=_l("Write a title"), limit=TITLE_LIMIT)
    department = choice_field(_l("Department"), wrong=_l("Choose one of the departments"))
    status = choice_field(_l("Status after sending"), wrong=_l("Choose one of the statuses"))
    hold_reason = line_field(_l("What the customer reads about the wait"), limit=LINE_LIMIT)
    hold_days = Number(_l("Days until the case comes back"), low=1, high=365, optional=True)
    how_to_check = text_field(_l("How the customer can check the solution"), limit=TEXT_LIMIT)
    severity = choice_field(_l("Severity"), wrong=_l("Choose one of the severities"))
    severity_reason = line_field(_l("Why the severity changes"), limit=LINE_LIMIT)
    takes = flag_field(_l("Whoever sends it becomes the owner of the case"))

    def content(self) -> ReplyContent:
        """What was written, for the actions."""
        return ReplyContent(
            title=self.title.data or "",
            texts=self.texts(),
            department_id=parse_id(self.department.data),
            macro=Macro(
                status=self.status.data or "",
                reason=self.hold_reason.data or "",
                days=self.hold_days.data,
                check=self.how_to_check.data or "",
                severity=int(self.severity.data) if self.severity.data else None,
                severity_reason=self.severity_reason.data or "",
                takes=bool(self.takes.data),
            ),
        )

    def texts(self) -> dict[str, str]:
        """The texts by language, also the empty ones."""
        return {code: self[f"text_{code}"].data or "" for code in LANGUAGES}

    def unknown_placeholders(self) -> list[str]:
        """What looks like a placeholder in the texts and is none."""
        return list(dict.fromkeys(name for text in self.texts().values() for name in unknown_placeholders(text)))


def reply_form(ctx: Context, languages: Sequence[tuple[str, str]], reply: CannedReply | None = None) -> CannedReplyForm:
    """The form of *reply*, or of a new one. The first of *languages* must have a text."""
    fields: dict[str, Any] = {}
    for place, (code, name) in enumerate(languages):
        fields[f"text_{code}"] = text_field(name, need=None if place else _("Write the text"), limit=TEXT_LIMIT)
    values: dict[str, Any] = {"version": ""}
    if reply is not None:
        values = {
            "version": str(reply.version),
            "title": reply.title,
            "department": str(reply.department_id or ""),
            "status": reply.status,
            "hold_reason": reply.hold_reason,
            "hold_days": reply.hold_days,
            "how_to_check": reply.how_to_check,
            "severity": str(reply.severity or ""),
            "severity_reason": reply.severity_reason,
            "takes": reply.takes,
        }
        values |= {f"text_{code}": text for code, text in reply.texts.items()}
    form: CannedReplyForm = type("CannedReplyForm", (CannedReplyForm,), fields)(data=values)
    departments = [(str(row.id), row.name) for row in active_departments(ctx)]
    if reply is not None and reply.department is not None and not reply.department.active:
        departments.append((str(reply.department_id), reply.department.name))
    form.department.choices = [("", _("None: for every case")), *departments]
    form.status.choices = [("", _("Stays as it is")), *((state, state_word(ctx, state)) for state in STATUSES)]
    levels = [(str(row.rank), row.name) for row in severity_levels(ctx)]
    form.severity.choices = [("", _("Stays as it is")), *levels]
    if reply is not None and reply.severity and str(reply.severity) not in dict(levels):
        form.severity.choices.append((str(reply.severity), str(reply.severity)))
    return form


class PickerForm(Form):
    """`POST …/replies`: the words that somebody searches for, while their draft waits."""

    q = line_field(_l("Words of a reply"), limit=100)
    attachments = MultipleFileField(_l("Attachments"))
