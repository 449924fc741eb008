"""The forms of an article: its words in one language, its place and audience, and withdrawing it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import MultipleFileField, ValidationError

from portal.authz.roles import ContactRole
from portal.kernel.local_times import read_date
from portal.kernel.picture_lines import with_pictures
from portal.kernel.text import clean_line
from portal.knowledge.actions.articles import ArticleSettings, ArticleWords
from portal.knowledge.labels import AUDIENCE_CHOICES
from portal.knowledge.models import HelpCategory
from portal.tenants.models import Organization
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import MultipleChoiceField, choice_field, line_field, text_field
from portal.web.role_labels import role_name

TITLE_LIMIT, SUMMARY_LIMIT, NAMED_LIMIT = 140, 400, 50


class WordsForm(VersionedForm):
    """Title, summary and text."""

    draft_address = ""
    title = line_field(_l("Title"), need=_l("Write a title"), limit=TITLE_LIMIT)
    summary = line_field(_l("Summary"), limit=SUMMARY_LIMIT)
    body = text_field(_l("Text"), need=_l("Write the text"))
    attachments = MultipleFileField(_l("Pictures"))

    def words(self) -> ArticleWords:
        """The words for the actions."""
        return ArticleWords(self.title.data or "", self.summary.data or "", self.body.data or "")

    def words_with(self, pictures: Sequence[str]) -> ArticleWords:
        """The words for the actions, with a line for each of *pictures* (keys) that the text does not name."""
        return replace(self.words(), body=with_pictures(self.body.data or "", pictures))


class ArticleSettingsForm(VersionedForm):
    """Category, audience and review date. `offer` sets the choices first."""

    category = choice_field(_l("Category"), need=_l("Choose a category"))
    audience = choice_field(_l("Who reads it"), choices=AUDIENCE_CHOICES, default="staff")
    organizations = text_field(_l("Clients"), limit=6_000)
    roles = MultipleChoiceField(_l("Roles"))
    review_on = line_field(_l("Read again on"), limit=10)

    def offer(self, categories: Sequence[tuple[str, str]]) -> None:
        """Let the reader choose among *categories* (slug, name)."""
        self.category.choices = [("", _("Choose one")), *categories] if len(categories) != 1 else list(categories)
        self.roles.choices = [(str(role), role_name(role)) for role in ContactRole]

    def organization_names(self) -> list[str]:
        """The names that were written, one a line, each once."""
        lines = (clean_line(line)[:200] for line in (self.organizations.data or "").split("\n"))
        return list(dict.fromkeys(line for line in lines if line))[: NAMED_LIMIT + 1]

    def validate_organizations(self, _field: Any) -> None:
        if len(self.organization_names()) > NAMED_LIMIT:
            raise ValidationError(_("Name at most %(limit)d clients", limit=NAMED_LIMIT))

    def validate_review_on(self, field: Any) -> None:
        if field.data and read_date(field.data) is None:
            raise ValidationError(_("Write the day like 2027-01-31"))

    def accept_names(self, found: Mapping[str, Sequence[Organization]]) -> bool:
        """Whether each written name means exactly one organization of *found*; what does not is an error of the
        field."""
        if self.audience.data != "organizations":
            return True
        for name, rows in found.items():
            if not rows:
                self.organizations.errors = [_("No client is called “%(name)s”", name=name)]
                return False
            if len(rows) > 1:
                words = ", ".join(row.slug for row in rows)
                self.organizations.errors = [
                    _("Several clients are called “%(name)s”. Write one of: %(words)s", name=name, words=words)
                ]
                return False
        return True

    def settings(
        self, categories: Sequence[HelpCategory], found: Mapping[str, Sequence[Organization]]
    ) -> ArticleSettings:
        """The settings for the actions."""
        return ArticleSettings(
            category=next(row for row in categories if row.slug == self.category.data),
            audience=self.audience.data or "",
            organizations=[row for rows in found.values() for row in rows],
            roles=self.roles.data or [],
            review_on=read_date(self.review_on.data or ""),
        )


class NewArticleForm(ArticleSettingsForm, WordsForm):
    """A new article: its words in one language, and its settings."""

    language = choice_field(_l("Language"))


class WithdrawForm(VersionedForm):
    """Withdrawing an article; `replacement` is the address word of what to read instead."""

    replacement = line_field(_l("Read instead"), limit=200)
