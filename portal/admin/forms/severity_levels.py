"""Forms of severity levels."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, line_field


class SeverityLevelsForm(VersionedForm):
    """Name and description of up to four ranks; the page shows as many as there are."""

    name_1 = line_field(_l("Name"), limit=40)
    description_1 = line_field(_l("When to choose it"), limit=300)
    name_2 = line_field(_l("Name"), limit=40)
    description_2 = line_field(_l("When to choose it"), limit=300)
    name_3 = line_field(_l("Name"), limit=40)
    description_3 = line_field(_l("When to choose it"), limit=300)
    name_4 = line_field(_l("Name"), limit=40)
    description_4 = line_field(_l("When to choose it"), limit=300)

    def names(self, ranks: list[int]) -> dict[int, tuple[str, str]]:
        """(name, description) by rank."""
        return {
            rank: (getattr(self, f"name_{rank}").data or "", getattr(self, f"description_{rank}").data or "")
            for rank in ranks
        }

    def only(self, ranks: list[int]) -> "SeverityLevelsForm":
        """The form without the ranks that the provider does not have."""
        for rank in {1, 2, 3, 4} - set(ranks):
            delattr(self, f"name_{rank}")
            delattr(self, f"description_{rank}")
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        for field in self:
            if field.name.startswith("name_") and not field.data:
                field.errors = [str(_l("Write a name"))]
                valid = False
        return valid


class NewSeverityLevelForm(Form):
    name = line_field(_l("Name"), need=_l("Write a name"), limit=40)
    description = line_field(_l("When to choose it"), limit=300)
