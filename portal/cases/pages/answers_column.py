"""The column of lists of cases with answers to own fields that the provider wants to see there."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from portal.cases.panels import Cells, Column
from portal.cases.queries.answer_lines import answer_lines
from portal.cases.queries.request_fields import answers_by_case, listed_fields
from portal.kernel.context import Context
from portal.web.times import time_words

# So many answers of a case stand in a list, and so many letters of each.
LINES, LETTERS = 3, 60


def answers_column(ctx: Context, rows: Sequence[Any]) -> Column | None:
    """The column "From the form" for the cases of a list; None where none of them has an answer to show. No statement
    where no field of the provider is shown in lists, else one."""
    listed = listed_fields(ctx)
    if not listed:
        return None
    cells = {}
    for case_id, (type_id, answers) in answers_by_case(ctx, [row.id for row in rows]).items():
        shown = [one.to_stored() for one in answers if one.key in listed.get(type_id, ())][:LINES]
        lines = [(one.label, _cut(one.text)) for one in answer_lines(ctx, shown, time_words)]
        if lines:
            cells[case_id] = Markup("<br> ").join(
                Markup("{}: <bdi>{}</bdi>").format(label, text) for label, text in lines
            )
    return Column(_("From the form"), "meta", cells=Cells(cells), key="answers") if cells else None


def _cut(text: str) -> str:
    first = " · ".join(text.split("\n"))
    return first if len(first) <= LETTERS else first[: LETTERS - 1] + "…"
