"""Tabs that later features add to pages of earlier ones; the `FEATURE` of a feature lists them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """A further tab: its label, and the suffix of its address after that of the page (`/sla`)."""

    label: Callable[[], str]
    path: str


_tabs: dict[str, tuple[Tab, ...]] = {}


def register_tabs(tabs: Mapping[str, Sequence[Tab]]) -> None:
    """Add tabs by page: 'organization' (/org/<slug>) or 'account' (/desk/accounts/<key>)."""
    _tabs.clear()
    _tabs.update({page: tuple(found) for page, found in tabs.items()})


def more_tabs(page: str) -> tuple[Tab, ...]:
    """The tabs that later features add to *page*."""
    return _tabs.get(page, ())
