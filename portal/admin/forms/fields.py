"""The kinds of field that only the administration has."""

from typing import Any

from flask_babel import gettext as _
from wtforms import SelectMultipleField, ValidationError

from portal.kernel import ids
from portal.kernel.actor import Id


class CheckboxesField(SelectMultipleField):
    """Any number of the choices, each an id."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    def pre_validate(self, form: Any) -> None:
        known = {value for value, *_rest in self.choices or []}
        if any(value not in known for value in self.data or []):
            raise ValidationError(_("Choose from the list"))

    def ids(self) -> list[Id]:
        """What was ticked, as ids."""
        return [found for value in self.data or [] if (found := ids.parse_id(value)) is not None]
