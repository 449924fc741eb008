"""Reports about promises: kept and broken ones (F7), and pauses without a question (N4)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from portal.authz.permissions import Permission
from portal.kernel.paging import page_number
from portal.sla import labels
from portal.sla.engine.policy import ClockKind
from portal.sla.queries import reports
from portal.sla.queries.reports import ComplianceFigure
from portal.sla.routes.blueprint import level_names, promises
from portal.tenants.queries import accounts as account_queries
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.urls import text_parameter

# The periods of a report in days; the first is the default.
SPANS = (30, 7, 90)
PAUSES_DAYS = 90
KINDS = tuple(kind.value for kind in ClockKind)


@promises.get("/desk/reports/sla")
@requires(Permission.CASE_READ)
def compliance_report() -> Any:
    """Kept and broken promises by severity and by account, and below the late ones of each figure."""
    context = ctx()
    accounts = account_queries.account_choices(context)
    asked = text_parameter("account", 64)
    account = account_queries.account_by_key(context, asked) if asked else None
    days, severity, kind = report_days(), text_parameter("severity", 1), text_parameter("kind", 20)
    chosen = {
        "days": str(days) if days != SPANS[0] else "",
        "account": account.key if account else "",
        "severity": severity if severity in ("1", "2", "3", "4") else "",
        "kind": kind if kind in KINDS else "",
    }
    since, account_id = context.now - dt.timedelta(days=days), account.id if account else None
    found = reports.broken_clocks(
        context,
        since,
        context.now,
        account_id=account_id,
        severity=int(chosen["severity"]) if chosen["severity"] else None,
        kind=chosen["kind"],
        number=page_number(int(turned)) if (turned := text_parameter("page", 3)).isdecimal() else 1,
    )

    def with_parameters(**changes: Any) -> str:
        """This report with parameters changed."""
        return "/desk/reports/sla?" + urlencode({k: v for k, v in {**chosen, **changes}.items() if v})

    return page(
        "sla/reports/compliance.html",
        account_options=[(row.key, row.name) for row in accounts],
        account=account,
        days=days,
        spans=sorted(SPANS),
        chosen=chosen,
        levels=level_names(context),
        labels=labels,
        kinds=KINDS,
        by_severity=group_figures(
            reports.compliance(context, since, context.now, by="severity", account_id=account_id)
        ),
        by_account=group_figures(reports.compliance(context, since, context.now, account_id=account_id)),
        found=found,
        with_parameters=with_parameters,
    )


def report_days() -> int:
    """The number of days; the first of SPANS for an invalid value."""
    asked = text_parameter("days", 3)
    return int(asked) if asked in map(str, SPANS) else SPANS[0]


def group_figures(figures: Sequence[ComplianceFigure]) -> list[tuple[str, str, dict[str, ComplianceFigure]]]:
    """(key, name, figures by clock) of each line, in the order of *figures*."""
    found: dict[str, tuple[str, str, dict[str, ComplianceFigure]]] = {}
    for one in figures:
        found.setdefault(one.key, (one.key, one.name, {}))[2][one.kind] = one
    return list(found.values())


@promises.get("/desk/reports/pauses")
@requires(Permission.CASE_READ)
def pauses() -> Any:
    """Waits for a customer without a question to them: they pause a clock although no answer is expected."""
    context = ctx()
    since = context.now - dt.timedelta(days=PAUSES_DAYS)
    return page(
        "sla/reports/pauses.html",
        rows=reports.pauses_without_question(context, since),
        days=PAUSES_DAYS,
        now=context.now,
    )
