"""/desk/reports/overview: what customers wait for and what they say, by month, account, severity and channel."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.labels import CHANNELS, channel_label
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.reports import labels
from portal.reports.engine.months import Month, list_months, percent
from portal.reports.queries import overview
from portal.reports.queries.overview import Figures, Selection
from portal.reports.routes.blueprint import reports
from portal.tenants.queries import accounts as account_queries
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.times import reader_zone
from portal.web.urls import list_page, text_parameter

# The periods in months; the first is the default.
SPANS = (6, 12, 24)
SEVERITIES = ("1", "2", "3", "4")


@reports.get("/overview")
@requires(Permission.CASE_READ)
def report_overview() -> Any:
    """Figures of the last months as charts and tables; each number leads to the cases behind it."""
    context = ctx()
    asked, months = _asked(context), list_months(context.now, reader_zone(), _span())
    chosen = _selection(asked, months)
    found = overview.figures(context, chosen)
    sees_spared = context.actor.all_accounts and can(context.actor, Permission.ARTICLE_READ)
    spared = overview.spared_cases(context, months) if sees_spared and not chosen.is_limited else {}
    return page(
        "reports/overview.html",
        months=months,
        chosen=_parameters(asked),
        account=asked["account"],
        spans=SPANS,
        account_options=[(row.key, row.name) for row in account_queries.account_choices(context)],
        severity_options=[(str(level.rank), level.name) for level in severity_levels(context)],
        channel_options=[(channel, channel_label(channel)) for channel in CHANNELS],
        tables=_tables(context, found, months),
        by_month=[found["month"].get(place, {}) for place in range(len(months))],
        spared=[spared.get(place) for place in range(len(months))],
        sees_spared=sees_spared,
        is_limited=chosen.is_limited,
        # A column that nothing fills is not drawn.
        measures=[one for one in overview.MEASURES if any(one in line for line in found["month"].values())],
        percent=percent,
        labels=labels,
        behind=_behind(asked),
    )


@reports.get("/overview/cases")
@requires(Permission.CASE_READ)
def report_cases() -> Any:
    """The cases that a figure of the report counts; those opened where the address names no figure."""
    context = ctx()
    asked, months = _asked(context), list_months(context.now, reader_zone(), _span())
    asked_measure, key = text_parameter("measure", 12), text_parameter("month", 7)
    measure = asked_measure if asked_measure in overview.MEASURES else overview.OPENED
    if key:
        months = [month for month in months if month.key == key]
        if not months:
            raise NotFound
    return page(
        "reports/cases.html",
        measure=measure,
        month=months[0] if key else None,
        months=months,
        found=overview.cases_behind(context, _selection(asked, months), measure, list_page()),
        account=asked["account"],
        severity_name=next(
            (level.name for level in severity_levels(context) if str(level.rank) == asked["severity"]), ""
        ),
        channel=channel_label(asked["channel"]) if asked["channel"] else "",
        labels=labels,
        chosen=_parameters(asked),
        back="/desk/reports/overview?" + urlencode(_parameters(asked)),
    )


def _span() -> int:
    asked = text_parameter("months", 2)
    return int(asked) if asked in map(str, SPANS) else SPANS[0]


def _asked(context: Context) -> dict[str, Any]:
    """What the address limits the report to; what there is not limits nothing, but an account that the actor cannot see
    is NotFound."""
    key, severity, channel = text_parameter("account", 64), text_parameter("severity", 1), text_parameter("channel", 20)
    return {
        "account": account_queries.account_by_key(context, key) if key else None,
        "severity": severity if severity in SEVERITIES else "",
        "channel": channel if channel in CHANNELS else "",
    }


def _selection(asked: dict[str, Any], months: Sequence[Month]) -> Selection:
    account = asked["account"]
    return Selection(
        months,
        account_id=account.id if account else None,
        severity=int(asked["severity"]) if asked["severity"] else None,
        channel=asked["channel"],
    )


def _parameters(asked: dict[str, Any]) -> dict[str, str]:
    """The address parameters of the report, without those that are the default."""
    account, span = asked["account"], _span()
    found = {
        "months": str(span) if span != SPANS[0] else "",
        "account": account.key if account else "",
        "severity": asked["severity"],
        "channel": asked["channel"],
    }
    return {name: value for name, value in found.items() if value}


def _behind(asked: dict[str, Any]) -> Any:
    """A function that gives the address of the cases behind a figure."""

    def address(measure: str, **changes: Any) -> str:
        return "/desk/reports/overview/cases?" + urlencode({**_parameters(asked), "measure": measure, **changes})

    return address


def _tables(context: Context, found: Figures, months: Sequence[Month]) -> list[dict[str, Any]]:
    """The tables: a name of the dimension, and lines of (label, address parameters, figures)."""
    most = sorted(
        found["account"].items(), key=lambda line: -max((figure.count for figure in line[1].values()), default=0)
    )[: overview.LINES]
    accounts = overview.accounts_of(context, [key for key, _figures in most])
    names = {level.rank: level.name for level in severity_levels(context)}
    by_month = [
        (labels.month_label(months[place]), {"month": months[place].key}, found["month"].get(place, {}))
        for place in reversed(range(len(months)))
    ]
    by_account = [
        (accounts[key].name, {"account": accounts[key].key}, figures) for key, figures in most if key in accounts
    ]
    by_severity = [
        (f"{rank} {names.get(rank, '')}".strip(), {"severity": str(rank)}, figures)
        for rank, figures in sorted(found["severity"].items())
    ]
    by_channel = [
        (channel_label(channel), {"channel": channel}, figures)
        for channel, figures in sorted(found["channel"].items(), key=lambda line: channel_label(line[0]))
    ]
    return [
        {"key": "month", "lines": by_month},
        {"key": "account", "lines": by_account},
        {"key": "severity", "lines": by_severity},
        {"key": "channel", "lines": by_channel},
    ]
