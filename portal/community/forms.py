"""Forms of the community."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.community.actions.spaces import SpaceFacts
from portal.community.labels import BLOCK_CHOICES
from portal.community.rules import LONGEST_DUE
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import (
    Form,
    MultipleChoiceField,
    Number,
    PressForm,
    choice_field,
    flag_field,
    line_field,
    text_field,
)

TITLE_LIMIT, BODY_LIMIT, WHY_LIMIT = 140, 10_000, 500
_NEED_BODY = _l("Write the text")


class TopicForm(Form):
    """`/community/new`. `offer` sets the spaces."""

    draft_address = ""
    space = choice_field(_l("Space"), need=_l("Choose a space"))
    title = line_field(_l("Question in one line"), need=_l("Write a title"), limit=TITLE_LIMIT)
    body = text_field(_l("Text"), need=_NEED_BODY, limit=BODY_LIMIT)

    def offer(self, spaces: Sequence[Any]) -> None:
        """Let the reader choose among *spaces*."""
        rows = [(str(row.id), row.name) for row in spaces]
        self.space.choices = rows if len(rows) == 1 else [("", _("Choose one")), *rows]


class AnswerForm(Form):
    """An answer; *official* is offered to staff."""

    draft_address = ""
    body = text_field(_l("Your answer"), need=_NEED_BODY, limit=BODY_LIMIT)
    official = flag_field(_l("Official answer of support"), default=True)


class QuestionEditForm(VersionedForm):
    """`…/edit` of a question."""

    title = line_field(_l("Question in one line"), need=_l("Write a title"), limit=TITLE_LIMIT)
    body = text_field(_l("Text"), need=_NEED_BODY, limit=BODY_LIMIT)


class AnswerEditForm(VersionedForm):
    """`…/edit` of an answer."""

    body = text_field(_l("Text"), need=_NEED_BODY, limit=BODY_LIMIT)


class ReasonForm(Form):
    """A verb with a reason: report, hide."""

    why = text_field(_l("Reason"), need=_l("Write a reason"), limit=WHY_LIMIT)


class SwitchForm(PressForm):
    """A button that switches something on ("1") or off."""

    on = HiddenField()


class BlockForm(ReasonForm):
    """`…/block`."""

    days = choice_field(_l("How long"), choices=BLOCK_CHOICES)


class PlaceForm(Form):
    """`…/case`: where the private case is opened. The choices are set by the view."""

    account = choice_field(_l("Account"), need=_l("Choose an account"))
    kind = choice_field(_l("What is it about?"), need=_l("Choose one"))


class ArticleForm(Form):
    """`…/article`: where the draft stands. The choices are set by the view."""

    category = choice_field(_l("Category"), need=_l("Choose a category"))
    language = choice_field(_l("Language"))


class SpaceForm(VersionedForm):
    """`/admin/community/…`. `offer` sets the clients and the calendars."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=80)
    description = line_field(_l("Description"), limit=300)
    audience = choice_field(
        _l("Who sees it"), choices=[("everybody", _l("For all clients")), ("chosen", _l("For the clients below"))]
    )
    organizations = MultipleChoiceField(_l("Clients"))
    aliased = flag_field(_l("Show customers as members with a number, instead of by name"))
    holds_first = flag_field(_l("The first post of a person waits for approval"))
    due_hours = Number(_l("Hours until an official answer is due"), low=0, high=LONGEST_DUE, default=0)
    calendar = choice_field(_l("Support hours"))
    active = flag_field(_l("In use"), default=True)

    def offer(self, organizations: Sequence[Any], calendars: Sequence[Any]) -> None:
        """Let administrators choose among *organizations* and *calendars*."""
        self.organizations.choices = [(str(row.id), row.name) for row in organizations]
        self.calendar.choices = [("", _("Every hour counts")), *((str(row.id), row.name) for row in calendars)]

    def facts(self) -> SpaceFacts:
        """What was written, for the action."""
        everybody = self.audience.data == "everybody"
        return SpaceFacts(
            name=self.name.data or "",
            description=self.description.data or "",
            everybody=everybody,
            organizations=()
            if everybody
            else [uuid.UUID(value) for value in dict.fromkeys(self.organizations.data or [])],
            aliased=bool(self.aliased.data),
            holds_first=bool(self.holds_first.data),
            due_hours=self.due_hours.data or 0,
            calendar_id=uuid.UUID(self.calendar.data) if self.calendar.data else None,
            active=bool(self.active.data),
        )

    def fill(self, row: Any, named: Sequence[Any]) -> None:
        """Show what *row* says now."""
        for name in ("name", "description", "aliased", "holds_first", "due_hours", "active"):
            self[name].data = getattr(row, name)
        self.audience.data = "everybody" if row.everybody else "chosen"
        self.organizations.data = [str(one.id) for one in named]
        self.calendar.data = str(row.calendar_id or "")
        self.version.data = str(row.version)
