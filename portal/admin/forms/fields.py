"""The kinds of field that only the administration has."""

from portal.kernel import ids
from portal.kernel.actor import Id
from portal.web.forms import MultipleChoiceField


class CheckboxesField(MultipleChoiceField):
    """Any number of the choices, each an id."""

    def ids(self) -> list[Id]:
        """The selected values as ids."""
        return [found for value in self.data or [] if (found := ids.parse_id(value)) is not None]
