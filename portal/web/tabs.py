"""Tabs that later features add to pages of earlier ones; the `FEATURE` of a feature lists them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.kernel.context import Context
from portal.web.current import ctx


@dataclass(frozen=True, slots=True)
class Tab:
    """A further tab: its label, the suffix of its address after that of the page (`/sla`), and whether it has anything
    for the reader of the organization or account; without `is_shown` it always has."""

    label: Callable[[], str]
    path: str
    is_shown: Callable[[Context, Any], bool] | None = None


_tabs: dict[str, tuple[Tab, ...]] = {}


def register_tabs(tabs: Mapping[str, Sequence[Tab]]) -> None:
    """Add tabs by page: 'organization' (/org/<slug>) or 'account' (/desk/accounts/<key>)."""
    _tabs.clear()
    _tabs.update({page: tuple(found) for page, found in tabs.items()})


def more_tabs(page: str, subject: Any, current: str = "") -> list[Tab]:
    """The tabs that later features add to *page* about *subject*; the *current* one is always among them."""
    found = _tabs.get(page, ())
    return [tab for tab in found if tab.path == current or tab.is_shown is None or tab.is_shown(ctx(), subject)]
