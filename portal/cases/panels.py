"""What later features show on the pages of cases: cases knows none of them, `wiring` installs theirs.

A panel stands on one case page; a slot is a place on another page (the form, the home page, a verb's small page); a
column is one more cell in lists. Each costs its page the same however many rows it has.
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
    """A piece of the page: where it stands ('top' of the conversation, 'aside', or a slot), its template and what it
    reads."""

    place: str
    template: str
    values: dict[str, Any]


PanelSource = Callable[[Context, Case], Panel | None]
_sources: list[PanelSource] = []


def set_panel_sources(sources: Sequence[PanelSource]) -> None:
    """Let *sources* add panels to the case pages of both sides, in this order."""
    _sources[:] = sources


def panels_of(ctx: Context, case: Case) -> list[Panel]:
    """The panels of *case* for this reader."""
    return [panel for source in _sources if (panel := source(ctx, case)) is not None]


# -- slots ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A case that somebody is about to open: what the form says so far. The subject of the slot 'form'."""

    account: Account | None
    environment: Environment | None
    ranks: Sequence[int]
    rank: int | None = None
    contact_id: uuid.UUID | None = None
    kind: RequestType | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that somebody is about to use on a case: the subject of the slot 'verb'."""

    case: Case
    name: str
    ranks: Sequence[int] = ()


# Subjects by slot: 'form' a Draft, 'home' the request types on it, 'print' a Case, 'verb' a Verb.
SlotSource = Callable[[Context, Any], Panel | None]
_slots: dict[str, tuple[SlotSource, ...]] = {}


def set_slot_sources(slots: Mapping[str, Sequence[SlotSource]]) -> None:
    """Let these sources fill the slots, in this order."""
    _slots.clear()
    _slots.update({name: tuple(sources) for name, sources in slots.items()})


def panels_at(ctx: Context, slot: str, subject: Any) -> list[Panel]:
    """What stands in *slot* about *subject* for this reader."""
    return [panel for source in _slots.get(slot, ()) if (panel := source(ctx, subject)) is not None]


def merge_panel_values(panels: Sequence[Panel], name: str) -> dict[Any, Any]:
    """What the panels of a slot say beside things of the page itself: their values *name*, put together."""
    found: dict[Any, Any] = {}
    for panel in panels:
        found |= panel.values.get(name, {})
    return found


# -- columns ----------------------------------------------------------------------------------------------------------
# Rows of lists are `cases.queries.rows.CaseRow`.


@dataclass(frozen=True, slots=True)
class Column:
    """One more column of a list: its heading, what kind of cell it is, by what it sorts ('' not at all), and the
    finished cells by case; a case without one has an empty cell."""

    label: str
    cell: str
    sort: str = ""
    cells: Mapping[uuid.UUID, Markup] = field(default_factory=dict)


ColumnSource = Callable[[Context, Sequence[Any]], Column | None]
_columns: list[ColumnSource] = []


def set_column_sources(sources: Sequence[ColumnSource]) -> None:
    """Let *sources* add columns to the lists of cases on both sides, in this order."""
    _columns[:] = sources


def columns_of(ctx: Context, rows: Sequence[Any]) -> list[Column]:
    """The further columns of a list that shows *rows*; nothing is read for an empty one."""
    return [column for source in _columns if rows and (column := source(ctx, rows)) is not None]
