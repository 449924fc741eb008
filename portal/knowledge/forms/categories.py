"""The form of a category: its name in each language of the portal, and its place."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.knowledge.models import HelpCategory
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Number, line_field
from portal.web.language import LANGUAGES

NAME_LIMIT = 80


class CategoryForm(VersionedForm):
    """Made by `category_form`, which adds a field for the name in each language."""

    position = Number(_l("Position"), low=0, high=999, default=0)

    def names(self) -> dict[str, str]:
        """The names by language, also the empty ones."""
        return {code: self[f"name_{code}"].data or "" for code in LANGUAGES}


def category_form(languages: Sequence[tuple[str, str]], category: HelpCategory | None = None) -> CategoryForm:
    """The form of *category*, or of a new one. The first of *languages* must have a name."""
    fields: dict[str, Any] = {}
    for place, (code, name) in enumerate(languages):
        fields[f"name_{code}"] = line_field(name, need=None if place else _("Write the name"), limit=NAME_LIMIT)
    values: dict[str, Any] = {"version": "", "position": 0}
    if category is not None:
        values = {"version": str(category.version), "position": category.position}
        values |= {f"name_{code}": name for code, name in category.names.items()}
    made: CategoryForm = type("CategoryForm", (CategoryForm,), fields)(data=values)
    return made
