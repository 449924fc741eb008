"""Bounded pages without an unbounded count: fetch one row more than shown to know whether more follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from portal.kernel.database import AnySession

T = TypeVar("T")
SIZES = (20, 50, 100)
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `has_next` is exact; there is deliberately no total."""

    rows: Sequence[T]
    number: int
    size: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


def page_number(asked: int) -> int:
    """A page that there is: from 1 to DEEPEST."""
    return min(max(asked, 1), DEEPEST)


def page_size(asked: int) -> int:
    """One of SIZES; the smallest for anything else."""
    return asked if asked in SIZES else SIZES[0]


def fetch_page_of(
    session: AnySession, statement: Select[Any], number: int, size: int, *, scalars: bool = True
) -> Page[Any]:
    """Page *number* (1-based, at most DEEPEST: who looks further should filter) of *statement*."""
    number, size = page_number(number), page_size(size)
    bounded = statement.limit(size + 1).offset((number - 1) * size)
    rows = list(session.scalars(bounded).unique() if scalars else session.execute(bounded).unique())
    return Page(rows[:size], number, size, len(rows) > size and number < DEEPEST)


def fetch_first(session: AnySession, statement: Select[Any], most: int) -> Page[Any]:
    """The first *most* rows of *statement*, for a file: one page, which says whether rows follow."""
    rows = list(session.scalars(statement.limit(most + 1)).unique())
    return Page(rows[:most], 1, most, len(rows) > most)
