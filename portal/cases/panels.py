"""Extension points for later features on pages about cases. `wiring` sets the sources.

A panel is a part of a case page. A slot is a place on another page: the form, the home page, a verb page. A column is
one more cell in lists. Every source costs its page a fixed number of statements. A view
observer is called when somebody has opened a case page.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from portal.cases.models import Case, RequestType
from portal.kernel.context import Context
from portal.tenants.models import Account, Environment


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: its place ('top', 'aside', or the name of a slot), its template and the values for it."""

    place: str
    template: str
    values: dict[str, Any]


PanelSource = Callable[[Context, Case], Panel | None]
_sources: list[PanelSource] = []


def set_panel_sources(sources: Sequence[PanelSource]) -> None:
    """Set the sources of panels on the case pages of both sides, in this order."""
    _sources[:] = sources


def panels_of(ctx: Context, case: Case) -> list[Panel]:
    """The panels of *case* for this reader."""
    return [panel for source in _sources if (panel := source(ctx, case)) is not None]


# -- slots ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A case that is about to be opened, as far as the form is filled in. The subject of the slot 'form'."""

    account: Account | None
    environment: Environment | None
    ranks: Sequence[int]
    rank: int | None = None
    contact_id: uuid.UUID | None = None
    kind: RequestType | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that is about to be used on a case. The subject of the slot 'verb'."""

    case: Case
    name: str
    ranks: Sequence[int] = ()
    # The values of the fields of panels, by name; the panel shows it again. They belong to the form *form_id*.
    answers: Mapping[str, str] = field(default_factory=dict)
    form_id: str = "verb-form"


# Subjects by slot: 'alike' the subject of a new case as typed so far, 'composer' a Verb (its answers are the values of
# the composer), 'form' a Draft, 'home' the request types, 'print' and 'requester' a Case, 'verb' a Verb,
# 'survey_results' the number of days that are shown (0: all).
SlotSource = Callable[[Context, Any], Panel | None]
_slots: dict[str, tuple[SlotSource, ...]] = {}


def set_slot_sources(slots: Mapping[str, Sequence[SlotSource]]) -> None:
    """Set the sources of every slot, in this order."""
    _slots.clear()
    _slots.update({name: tuple(sources) for name, sources in slots.items()})


def panels_at(ctx: Context, slot: str, subject: Any) -> list[Panel]:
    """The panels of *slot* about *subject* for this reader."""
    return [panel for source in _slots.get(slot, ()) if (panel := source(ctx, subject)) is not None]


def merge_panel_values(panels: Sequence[Panel], name: str) -> dict[Any, Any]:
    """The values *name* of all *panels*, merged: what they add to elements of the page itself."""
    found: dict[Any, Any] = {}
    for panel in panels:
        found |= panel.values.get(name, {})
    return found


# -- composer ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComposerInsert:
    """What a later feature puts into the composer: a text, values of its other fields by name, and what the panels of
    the slot 'composer' get as answers."""

    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


# Gets what was chosen (an id, as it came from the form) and the answers so far; raises NotFound for what is not there.
InsertSource = Callable[[Context, Case, str, Mapping[str, str]], ComposerInsert]
_insert_source: list[InsertSource] = []


def set_insert_source(source: InsertSource | None) -> None:
    """Set what finds the text that somebody chose for the composer."""
    _insert_source[:] = [source] if source is not None else []


def find_insert(ctx: Context, case: Case, chosen: str, answers: Mapping[str, str]) -> ComposerInsert | None:
    """What *chosen* puts into the composer of *case*; None where no feature offers anything."""
    return _insert_source[0](ctx, case, chosen, answers) if _insert_source else None


# -- views ------------------------------------------------------------------------------------------------------------

# Called after the case page was rendered for a reader.
ViewObserver = Callable[[Context, Case], None]
_view_observers: list[ViewObserver] = []


def set_view_observers(observers: Sequence[ViewObserver]) -> None:
    """Set the functions that are called when somebody has opened a case page."""
    _view_observers[:] = observers


def report_view(ctx: Context, case: Case) -> None:
    """Call the observers after the reader has opened the page of *case*."""
    for observer in _view_observers:
        observer(ctx, case)


# -- columns ----------------------------------------------------------------------------------------------------------
# Rows of lists are `cases.queries.rows.CaseRow`.


@dataclass(frozen=True, slots=True)
class Column:
    """A further column of a list: its heading, its kind of cell, its sort key ('' for none), and its cells by case id.

    A case without a cell has an empty one. *key*: the column of `list_columns` by which a reader shows or hides it.
    """

    label: str
    cell: str
    sort: str = ""
    cells: Mapping[uuid.UUID, Markup] = field(default_factory=dict)
    key: str = "promise"


class Cells(dict[uuid.UUID, Markup]):
    """Cells by case id; a case without one has an empty cell."""

    def __missing__(self, key: uuid.UUID) -> Markup:
        return Markup("")


ColumnSource = Callable[[Context, Sequence[Any]], Column | None]
_columns: list[ColumnSource] = []


def set_column_sources(sources: Sequence[ColumnSource]) -> None:
    """Set the sources of columns in the lists of cases on both sides, in this order."""
    _columns[:] = sources


def columns_of(ctx: Context, rows: Sequence[Any]) -> list[Column]:
    """The further columns of a list that shows *rows*; none for an empty list."""
    return [column for source in _columns if rows and (column := source(ctx, rows)) is not None]


# -- marks of rows, pages of several cases ----------------------------------------------------------------------------

# Gets the key of a queue and its rows; returns (key, label) of a mark by case id.
RowMarks = Callable[[Context, str, Sequence[Any]], Mapping[uuid.UUID, tuple[str, str]]]
_row_marks: list[RowMarks] = []
_bulk_pages: dict[str, str] = {}


def set_row_marks(sources: Sequence[RowMarks], bulk_pages: Mapping[str, str]) -> None:
    """Set what marks rows of queues, and the pages by the actions of their toolbar."""
    _row_marks[:] = sources
    _bulk_pages.clear()
    _bulk_pages.update(bulk_pages)


def row_marks(ctx: Context, view: str, rows: Sequence[Any]) -> dict[uuid.UUID, list[tuple[str, str]]]:
    """The marks of *rows* in the queue *view*, by case id."""
    found: dict[uuid.UUID, list[tuple[str, str]]] = {}
    for source in _row_marks:
        for case_id, mark in source(ctx, view, rows).items():
            found.setdefault(case_id, []).append(mark)
    return found


def bulk_page(action: str) -> str:
    """The page that asks about several cases for *action*; '' if cases do it themselves."""
    return _bulk_pages.get(action, "")
