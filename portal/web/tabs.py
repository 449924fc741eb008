"""Tabs that later features add to pages of earlier ones; wiring.py says which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """One more tab: what it is called, and the end of its address behind the page's own (`/sla`)."""

    label: Callable[[], str]
    path: str


_tabs: dict[str, tuple[Tab, ...]] = {}


def register_tabs(tabs: Mapping[str, Sequence[Tab]]) -> None:
    """Add tabs by page: 'organization' (/org/<slug>) or 'account' (/desk/accounts/<key>)."""
    _tabs.clear()
    _tabs.update({page: tuple(found) for page, found in tabs.items()})


def more_tabs(page: str) -> tuple[Tab, ...]:
    """What later features add to *page*."""
    return _tabs.get(page, ())
