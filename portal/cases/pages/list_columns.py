"""The columns of the lists of cases: what each side offers, and what the reader chose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import lazy_gettext as _l

from portal.cases.pages.queue_trail import list_parameters
from portal.web.urls import text_parameter

COLUMN_LABELS: Mapping[str, Any] = {
    "number": _l("Number"),
    "who": _l("Who"),
    "status": _l("Status"),
    "promise": _l("Promise"),
    "answers": _l("From the form"),
    "approval": _l("Approval"),
    "severity": _l("Severity"),
    "account": _l("Account"),
    "environment": _l("Environment"),
    "department": _l("Department"),
    "type": _l("Request type"),
    "by": _l("Opened by"),
    "contact": _l("About"),
    "owner": _l("Owner"),
    "tags": _l("Tags"),
    "tier": _l("Tier"),
    "opened": _l("Opened"),
    "updated": _l("Updated"),
}
# Columns of which later features draw the cells (`panels.Column.key`).
FEATURE_COLUMNS = ("promise", "answers", "approval", "tags")
# The columns in the order of the table; the subject is in every list.
PORTAL_COLUMNS = (
    *(
        "number",
        "status",
        "promise",
        "answers",
        "approval",
        "severity",
        "type",
        "account",
        "environment",
        "department",
        "by",
        "contact",
    ),
    *("opened", "updated"),
)
PORTAL_DEFAULT = ("number", "status", "promise", "answers", "approval", "severity", "environment", "by", "updated")
DESK_COLUMNS = (
    *(
        "number",
        "who",
        "severity",
        "status",
        "type",
        "environment",
        "department",
        "tier",
        "promise",
        "answers",
        "approval",
        "by",
        "opened",
    ),
    *("updated", "owner", "tags"),
)
DESK_DEFAULT = ("number", "who", "severity", "status", "promise", "answers", "updated", "owner", "tags")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one list: the keys that it offers and those that it shows, both in the order of the table."""

    offered: Sequence[str]
    shown: Sequence[str]
    # Whether the reader chose other columns than those of the list.
    chosen: bool = False

    def choices(self) -> list[tuple[str, str, bool]]:
        """(key, label, whether it is shown) of each offered column."""
        return [(key, str(COLUMN_LABELS[key]), key in self.shown) for key in self.offered]


def read_columns(offered: Sequence[str], default: Sequence[str]) -> Columns:
    """The columns of `?columns=number,status`. What is not offered is left out; nothing readable means the default."""
    wanted = set(text_parameter("columns").split(","))
    shown = [key for key in offered if key in wanted]
    if not shown:
        return Columns(offered, [key for key in offered if key in default])
    return Columns(offered, shown, set(shown) != {key for key in offered if key in default})


def join_columns(keys: Iterable[str], offered: Sequence[str], default: Sequence[str]) -> str | None:
    """The parameter `columns` for the ticked *keys*; None where it would say the default."""
    ticked = set(keys)
    shown = [key for key in offered if key in ticked]
    return ",".join(shown) if shown and set(shown) != {key for key in offered if key in default} else None


def url_without_ticks(offered: Sequence[str], default: Sequence[str]) -> str:
    """The URL of this list with the ticked boxes `column` as the one parameter `columns`."""
    values = {name: text_parameter(name) for name in ("tab", *list_parameters()) if name not in ("columns", "page")}
    values["columns"] = join_columns(request.args.getlist("column")[:50], offered, default) or ""
    kept = {name: value for name, value in values.items() if value}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
