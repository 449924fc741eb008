"""Answers that are CSV files for spreadsheets."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response
from flask_babel import gettext as _

from portal.kernel.paging import Page
from portal.kernel.spreadsheets import write_csv


def csv_response(name: str, head: Sequence[str], page: "Page[Any]", lines: Iterable[Sequence[str]]) -> Response:
    """A file *name* which no cache keeps: *head*, then the *lines* of the rows of *page*. Where rows follow after that
    page the last line says so: a file that was cut must not look whole."""
    rows = [head, *lines]
    if page.has_next:
        most = page.size
        said = _("Only the newest %(n)d rows are in this file. Filter for a shorter time to get the others.", n=most)
        rows.append([said])
    answer = Response(write_csv(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
