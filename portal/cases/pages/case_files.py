"""Lists of cases as files for spreadsheets."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from flask import Response
from flask_babel import gettext as _
from markupsafe import Markup

from portal.cases.pages.list_columns import COLUMN_LABELS, FEATURE_COLUMNS, Columns
from portal.cases.panels import Column, columns_of
from portal.cases.queries.rows import CaseRow
from portal.cases.queries.severity_levels import level_name
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.kernel.paging import Page
from portal.web.csv_files import csv_response
from portal.web.times import to_reader_zone


def cases_file(ctx: Context, found: Page[CaseRow], columns: Columns) -> Response:
    """The file `cases.csv` with the rows *found* and the shown *columns*."""
    further = [column for column in columns_of(ctx, found.rows) if column.key in columns.shown]
    return csv_response("cases.csv", file_head(columns, further), found, file_lines(ctx, found.rows, columns, further))


def file_head(columns: Columns, further: Sequence[Column]) -> list[str]:
    """The headings of a file with the shown *columns*."""
    head = [str(COLUMN_LABELS["number"]), _("Subject")]
    for key in columns.shown:
        if key in FEATURE_COLUMNS:
            head += [column.label for column in further if column.key == key]
        elif key == "who":
            head += [str(COLUMN_LABELS["contact"]), str(COLUMN_LABELS["account"])]
        elif key != "number":
            head.append(str(COLUMN_LABELS[key]))
    return head


def file_lines(
    ctx: Context,
    rows: Sequence[CaseRow],
    columns: Columns,
    further: Sequence[Column],
) -> Iterable[list[str]]:
    """The cells of each of *rows* in the order of `file_head`; names as the list shows them, times with offset."""
    readers = _cell_readers(ctx)
    for case in rows:
        line = [case.key, case.subject]
        for key in columns.shown:
            if key in FEATURE_COLUMNS:
                line += [_cell_text(column, case) for column in further if column.key == key]
            elif key == "who":
                line += [case.contact_user.name, case.account.name]
            elif key != "number":
                line.append(readers[key](case))
        yield line


def _cell_text(column: Column, case: CaseRow) -> str:
    """The text of a cell; its lines become one."""
    return column.cells.get(case.id, Markup("")).striptags()


def _cell_readers(ctx: Context) -> Mapping[str, Callable[[CaseRow], str]]:
    words = vocabulary(ctx, "contact" if ctx.actor.is_contact else "staff")
    return {
        "status": lambda case: words.of(case),
        "severity": lambda case: level_name(ctx, case.severity),
        "account": lambda case: case.account.name,
        "environment": lambda case: case.environment.name if case.environment else "",
        "department": lambda case: case.department.name if case.department else "",
        "type": lambda case: case.type_name,
        "by": lambda case: case.reported_by.name,
        "contact": lambda case: case.contact_user.name,
        "owner": lambda case: case.owner.user.name if case.owner else "",
        "tier": lambda case: str(case.tier),
        "opened": lambda case: to_reader_zone(case.opened_at).isoformat(timespec="minutes"),
        "updated": lambda case: to_reader_zone(case.updated_at).isoformat(timespec="minutes"),
    }
