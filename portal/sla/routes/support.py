"""Agreements for customers and staff: P-13 /support, /org/<slug>/sla, and the tabs of an account on the desk."""

from collections.abc import Sequence
from typing import Any

from portal.authz.permissions import Permission
from portal.cases.labels import floor_label
from portal.cases.models import SeverityLevel
from portal.cases.queries.interface import SeverityFloor, effective_severity, strictest_floor
from portal.cases.queries.severity_levels import level_name, severity_floor_of, severity_levels
from portal.kernel import mail
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, NotFound
from portal.sla import labels
from portal.sla.labels import opening_hours
from portal.sla.queries.assignments import Agreement, agreement
from portal.sla.routes.blueprint import promises
from portal.tenants.models import Account
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.guards import on_portal, requires
from portal.web.htmx import page
from portal.web.urls import text_parameter


def severity_rows(
    found: Agreement, levels: Sequence[SeverityLevel], floor: SeverityFloor | None
) -> list[dict[str, Any]]:
    """Each severity with its meaning and its promises in words; those below *floor* with the promises of the floor."""
    always = found.calendar is not None and found.calendar.always
    rows = []
    for level in levels:
        served = effective_severity(level.rank, None, floor).effective
        promise = found.policy.promise(served) if found.policy is not None else None
        row: dict[str, Any] = {"rank": level.rank, "name": level.name, "description": level.description}
        for name in ("first_response", "next_response", "next_update", "aim", "resolution"):
            target = getattr(promise, name) if promise is not None else None
            row[name] = labels.target_label(target, always=always) if target is not None else ""
        rows.append(row)
    return rows


def agreement_values(context: Context, account: Account | None) -> dict[str, Any]:
    """The values of a page about an agreement."""
    levels = severity_levels(context)
    if account is None:
        return {"agreed": None, "rows": [], "levels": levels, "hours": None}
    found, floor = agreement(context, account), severity_floor_of(context, account, None)
    return {
        "agreed": found,
        "rows": severity_rows(found, levels, floor),
        "floor": floor_sentence(context, floor),
        "levels": levels,
        "hours": opening_hours.describe_hours(found.calendar, context.now) if found.calendar is not None else None,
        "nights": opening_hours.night_levels(found.policy, found.calendar, levels, floor),
    }


def floor_sentence(context: Context, floor: SeverityFloor | None) -> str:
    """That cases are treated as at least the level of *floor*, for the reader; '' without one."""
    return floor_label(floor, level_name(context, floor.rank), side=context.actor.side) if floor is not None else ""


@promises.get("/support")
@on_portal
def support() -> Any:
    """P-13: how to reach support, when it is open, what the severities mean and what each is promised."""
    context = ctx()
    accounts = list(account_queries.list_accounts(context))
    asked = text_parameter("account", 10).upper()
    account = next((row for row in accounts if row.key == asked), accounts[0] if accounts else None)
    return page(
        "sla/support/show.html",
        accounts=accounts,
        account=account,
        labels=labels,
        mail_is_read=mail.is_mail_read(context),
        **agreement_values(context, account),
    )


@promises.get("/org/<slug>/sla")
@on_portal
def organization(slug: str) -> Any:
    """The agreements with an organization, account by account, for its administrators."""
    context = ctx()
    row = organization_queries.organization(context, slug)
    if not administers(context, row.id):
        raise Forbidden(who_may=["organization_admin"])
    levels = severity_levels(context)
    found = [agreement(context, account) for account in account_queries.accounts_of(context, row, limit=50)]
    return page(
        "sla/support/organization.html",
        row=row,
        tab="/sla",
        agreements=[
            (
                one,
                severity_rows(one, levels, floor),
                opening_hours.describe_hours(one.calendar, context.now) if one.calendar else None,
                floor_label(floor, level_name(context, floor.rank), side=Side.STAFF) if floor is not None else "",
            )
            for one, floor in ((one, strictest_floor(None, one.account.severity_floor)) for one in found)
        ],
        labels=labels,
    )


def administers(context: Context, organization_id: Any) -> bool:
    """Whether the person is an administrator of that organization."""
    return any(
        row.role == "organization_admin" and row.organization_id == organization_id for row in context.actor.access
    )


@promises.get("/desk/accounts/<account_key>/sla")
@requires(Permission.CASE_READ)
def account_sla(account_key: str) -> Any:
    """The agreement with one account, and its source."""
    context = ctx()
    return page("sla/support/account.html", tab="/sla", labels=labels, **account_values(context, account_key))


@promises.get("/desk/accounts/<account_key>/calendars")
@requires(Permission.CASE_READ)
def account_calendars(account_key: str) -> Any:
    """The support hours of one account: the week, the holidays ahead, the present state."""
    context = ctx()
    return page(
        "sla/support/account_calendars.html", tab="/calendars", labels=labels, **account_values(context, account_key)
    )


def account_values(context: Context, key: str) -> dict[str, Any]:
    """The account of the address with its agreement; NotFound for none."""
    if not key.isalnum():
        raise NotFound
    account = account_queries.account(context, key)
    return {"account": account, **agreement_values(context, account)}
