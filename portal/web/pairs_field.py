"""A form field of several rows with two answers each, such as a place and a role. Works without scripting."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field, ValidationError

from portal.kernel.text import clean_line
from portal.web.forms import required

LIMIT = 60
Choice = tuple[str, Any]


class PairsField(Field):
    """Rows of (left, right), sent as two repeated fields; a row whose left answer is empty is dropped.

    The page sets `left_choices` and `right_choices`; any other answer is refused with *wrong*, a left answer given
    twice with *twice*.
    """

    widget = None

    def __init__(
        self, label: Any, *, left: str, right: str, wrong: Any, twice: Any, need: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(label, validators=[required(need)] if need else [], **kwargs)
        self.left, self.right, self.wrong, self.twice = left, right, wrong, twice
        self.left_choices: Sequence[Choice] = []
        self.right_choices: Sequence[Choice] = []

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.object_data = data
        self.data: list[tuple[str, str]] = [tuple(pair) for pair in data] if isinstance(data, list | tuple) else []
        if formdata:
            lefts, rights = formdata.getlist(self.left)[:LIMIT], formdata.getlist(self.right)[:LIMIT]
            pairs = zip(lefts, rights + [""] * len(lefts), strict=False)
            self.data = [(clean_line(left)[:100], clean_line(right)[:40]) for left, right in pairs if left.strip()]

    def pre_validate(self, form: Any) -> None:
        lefts = {value for value, _label in self.left_choices}
        rights = {value for value, _label in self.right_choices}
        if any(left not in lefts or right not in rights for left, right in self.data):
            raise ValidationError(str(self.wrong))
        if len({left for left, _right in self.data}) != len(self.data):
            raise ValidationError(str(self.twice))
