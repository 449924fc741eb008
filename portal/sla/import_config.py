"""Import of calendars, policies, rules and assignments from data (a preset's sla.toml, the demo), by the actions that
people use.

[calendars.business]
name = "Business hours"          # zone: the provider's own, unless said
country = "PL"
week = { monday = ["09:00-18:00"], … }

[policies.standard]
name = "Standard"
calendar = "business"
severities.1 = { first_response = "15 minutes always", next_update = "1 hour always", … }

[[rules]]
name = "Breach"
policy = "standard"              # left out: every policy
kinds = ["first_response", "resolution"]
severities = [1, 2]              # left out: all
steps = [{ percent = 100, does = "notify", whom = ["owner", "lead"] }, …]

[assign]
policy = "standard"              # with everybody; also [assign.accounts.KEY] policy/calendar
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.sla.actions import assignments, escalation
from portal.sla.actions import calendars as calendar_actions
from portal.sla.actions import policies as policy_actions
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule, SlaCalendar, SlaPolicy
from portal.tenants.models import Account


def apply_config(ctx: Context, data: Mapping[str, Any]) -> None:
    """Create the calendars, policies, rules and assignments of *data* for the provider of *ctx* (system or admin).

    An existing row with the same name is used unchanged. Raises Refused with a sentence for invalid values and for
    unknown names.
    """
    there = {model: _by_name(ctx, model) for model in (SlaCalendar, SlaPolicy, EscalationRule)}
    calendars = {
        key: there[SlaCalendar].get(_name(key, one).lower())
        or calendar_actions.add_calendar(
            ctx, name=_name(key, one), content={"zone": ctx.provider.zone, **_without(one, "name")}
        )
        for key, one in data.get("calendars", {}).items()
    }
    policies = {
        key: there[SlaPolicy].get(_name(key, one).lower())
        or policy_actions.add_policy(
            ctx,
            name=_name(key, one),
            calendar=_named_calendar(calendars, one.get("calendar")),
            content=_without(one, "name", "calendar"),
        )
        for key, one in data.get("policies", {}).items()
    }
    for one in data.get("rules", ()):
        if str(one["name"]).lower() in there[EscalationRule]:
            continue
        escalation.add_rule(
            ctx,
            name=str(one["name"]),
            kinds=list(one["kinds"]),
            severities=list(one.get("severities", ())),
            policy=_named_policy(policies, one["policy"]) if one.get("policy") else None,
            steps=[_step(each) for each in one["steps"]],
        )
    _assign(ctx, data.get("assign", {}), policies, calendars)


def _name(key: str, one: Mapping[str, Any]) -> str:
    return str(one.get("name") or key)


def _by_name(ctx: Context, model: Any) -> dict[str, Any]:
    return {
        row.name.lower(): row for row in ctx.session.scalars(select(model).where(model.provider_id == ctx.provider_id))
    }


def _assign(
    ctx: Context, said: Mapping[str, Any], policies: Mapping[str, SlaPolicy], calendars: Mapping[str, SlaCalendar]
) -> None:
    def chosen(one: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "policy": _named_policy(policies, one["policy"]) if one.get("policy") else None,
            "calendar": _named_calendar(calendars, one["calendar"]) if one.get("calendar") else None,
        }

    if said.get("policy") or said.get("calendar"):
        assignments.assign(ctx, **chosen(said))
    for key, one in said.get("accounts", {}).items():
        account = ctx.session.scalars(
            select(Account).where(Account.provider_id == ctx.provider_id, Account.key == key)
        ).one_or_none()
        if account is None:
            raise Refused(_("There is no account %(key)s.", key=key), "assign")
        assignments.assign(ctx, account=account, **chosen(one))


def _step(data: Mapping[str, Any]) -> StepDesign:
    return StepDesign(
        percent=int(data["percent"]),
        does=str(data["does"]),
        whom=[str(one) for one in data.get("whom", ())],
        target=str(data.get("target", "")),
        note=str(data.get("note", "")),
    )


def _named_policy(policies: Mapping[str, SlaPolicy], key: Any) -> SlaPolicy:
    if key not in policies:
        raise Refused(_("There is no policy named “%(key)s” in this plan.", key=key), "policy")
    return policies[key]


def _named_calendar(calendars: Mapping[str, SlaCalendar], key: Any) -> SlaCalendar:
    if key not in calendars:
        raise Refused(_("There is no calendar named “%(key)s” in this plan.", key=key), "calendar")
    return calendars[key]


def _without(one: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in keys}
