"""Cells of CSV files: a spreadsheet runs what looks like a formula, so files that Parley writes have it escaped."""

import csv
import io
from collections.abc import Iterable, Sequence

# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_formula(cell: str) -> str:
    """*cell* as text, also for a spreadsheet that would run it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unescape_formula(cell: str) -> str:
    """*cell* without the apostrophe that `escape_formula` put before it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def write_csv(rows: Iterable[Sequence[str]]) -> str:
    """*rows* as the text of a CSV file with a byte order mark, which spreadsheets need to read it as UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([escape_formula(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()
