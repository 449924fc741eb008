"""The two kinds of field that only the administration has."""

from typing import Any

from flask_babel import gettext as _
from wtforms import IntegerField, SelectMultipleField, ValidationError

from portal.kernel import ids
from portal.kernel.actor import Id


class Number(IntegerField):
    """A whole number from *low* to *high*; empty is None where *optional*."""

    def __init__(self, label: Any, *, low: int, high: int, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.low, self.high, self.optional = low, high, optional

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not typed and self.optional:
            return
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
            raise ValueError(self._sentence())
        self.data = int(typed)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not self.low <= self.data <= self.high:
            raise ValidationError(self._sentence())

    def _sentence(self) -> str:
        return _("Write a whole number from %(low)d to %(high)d", low=self.low, high=self.high)


class Ticks(SelectMultipleField):
    """Any number of the choices, each an id."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    def pre_validate(self, form: Any) -> None:
        known = {value for value, *_rest in self.choices or []}
        if any(value not in known for value in self.data or []):
            raise ValidationError(_("Choose from the list"))

    def ids(self) -> list[Id]:
        """What was ticked, as ids."""
        return [found for value in self.data or [] if (found := ids.parse(value)) is not None]
