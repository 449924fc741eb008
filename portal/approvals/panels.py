"""Approvals on pages about cases: beside the form, on the case page, in lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import String, and_, literal_column

from portal.approvals import labels
from portal.approvals.actions.asking import rule_steps
from portal.approvals.engine.conditions import RuleSubject
from portal.approvals.queries.approvers import AskedStep, readers_among
from portal.approvals.queries.people import user_of_contact
from portal.approvals.queries.requests import latest_request, median_answer_time, waiting_of_rows, waits_for
from portal.approvals.queries.rules import active_rules, matching_rules, rules_over_amounts
from portal.approvals.queries.views import may_answer, may_ask_again, may_withdraw
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Column, Draft, Panel, VisibilityFacts, effective_severity, request_fields
from portal.cases.queries.lists import CaseTab, View
from portal.cases.queries.request_fields import fields_of
from portal.cases.queries.severity_levels import severity_floor_of
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system


@dataclass(frozen=True, slots=True)
class Notice:
    """What the form says before somebody opens a case that needs a yes."""

    steps: Sequence[AskedStep]
    rules: Sequence[str]
    pauses: bool
    # Nobody but the person who asks could say yes in one of the steps.
    nobody: bool
    # Whether the yes is needed in any case; else only if one of these holds: a number of the form over an amount.
    certain: bool = True
    only_if: Sequence[str] = ()


def approval_beside_form(ctx: Context, draft: Draft) -> Panel | None:
    """That the case will need a yes, from whom, how long that takes, and what the promises do meanwhile. No statement
    for a provider without rules."""
    if draft.account is None or draft.kind is None or not active_rules(ctx):
        return None
    notice, readers = notice_of(ctx, draft)
    if notice is None:
        return None
    took = median_answer_time(ctx, draft.account.organization_id)
    values = {"notice": notice, "took": took, "labels": labels, "readers": readers}
    return Panel("form", "approvals/_notice.html", values)


def notice_of(ctx: Context, draft: Draft) -> tuple[Notice | None, dict[Id, str]]:
    """The notice for *draft*, and the names of the people whom it lets into the case, by user. None where no rule asks
    for a yes."""
    account, kind = draft.account, draft.kind
    assert account is not None and kind is not None
    environment = draft.environment
    floor = severity_floor_of(ctx, account, draft.contact_id)
    rank = draft.rank if draft.rank is not None else kind.default_rank
    severity = effective_severity(rank, environment.kind if environment else None, floor).effective
    facts = RuleSubject(account.organization_id, account.id, kind.id, environment.kind if environment else "", severity)
    found, maybe = matching_rules(ctx, facts), rules_over_amounts(ctx, facts)
    if not found and not maybe:
        return None, {}
    environment_id = environment.id if environment else None
    with as_system(ctx) as inner:
        contact = user_of_contact(inner, account.organization_id, draft.contact_id)
        requesters = frozenset(one for one in (ctx.actor.user_id, contact) if one is not None)
        concerned = contact or ctx.actor.user_id
        steps = rule_steps(
            inner, found or maybe, account.organization_id, account.id, environment_id, requesters, concerned
        )
        names = {seat.id: seat.name for step in steps for seat in step.seats}
        names |= {seat.deputy: seat.deputy_name for step in steps for seat in step.seats if seat.deputy}
        me = ctx.actor.user_id
        assert me is not None
        place = VisibilityFacts(account.organization_id, account.id, environment_id, "private", me, me)
        able = readers_among(inner, place, names).able
    nobody = any(not any(one in able for seat in step.seats for one in seat.people()) for step in steps)
    pauses = any(rule.pauses for rule in found or maybe)
    asked = {one.key: one.label for one in fields_of(kind)}
    spoken = (str(get_locale() or "en"), str(ctx.provider.locale))
    only_if = [
        labels.amount_words(request_fields.pick_text(asked[key], *spoken), rule.condition.over)
        for rule in maybe
        if (key := rule.condition.field_key) in asked
    ]
    if not found and not only_if:
        return None, {}
    notice = Notice(steps, [rule.name for rule in found or maybe], pauses, nobody, bool(found), only_if)
    return notice, {one: names[one] for one in able}


def approval_panel(ctx: Context, case: Case) -> Panel | None:
    """The question for a yes on the page of *case*: above the conversation while it waits or was refused, else beside
    it. No statement for customers of a case without one."""
    if ctx.actor.is_contact and not case.approval and not active_rules(ctx):
        return None
    row = latest_request(ctx, case)
    if row is None:
        return _way_to_ask(ctx, case)
    values = {
        "row": row,
        "labels": labels,
        "case": case,
        "may_answer": may_answer(ctx, row),
        "may_withdraw": may_withdraw(ctx, case, row),
        "may_ask_again": may_ask_again(ctx, case, row),
        "may_ask": _may_ask(ctx, case) and row.state != "asked",
        "base": f"{'/desk' if ctx.actor.is_staff else ''}/cases/{case.key}/approval",
    }
    on_top = case.unresolved and row.state in ("asked", "refused", "expired")
    return Panel("top" if on_top else "aside", f"approvals/_{'banner' if on_top else 'result'}.html", values)


def _way_to_ask(ctx: Context, case: Case) -> Panel | None:
    """For staff: the way to ask for a yes by hand."""
    if not _may_ask(ctx, case):
        return None
    return Panel("aside", "approvals/desk/_ask.html", {"case": case})


def _may_ask(ctx: Context, case: Case) -> bool:
    return ctx.actor.is_staff and case.unresolved and can(ctx.actor, Permission.CASE_ANSWER, case)


def approval_column(ctx: Context, rows: Sequence[Any]) -> Column | None:
    """Whom the cases of a list wait for. No statement, and no column, for a list in which none waits."""
    waiting = waiting_of_rows(ctx, [case.id for case in rows if getattr(case, "approval", "") == "asked"])
    if not waiting:
        return None
    cells = {case_id: Markup.escape(labels.waits_label(row)) for case_id, row in waiting.items()}
    return Column(_("Approval"), "meta", "", cells, key="approval")


def has_rules(ctx: Context, organization: Any) -> bool:
    """Whether a rule asks for a yes about cases of *organization*; no statement while nothing changed."""
    return any(one.condition.organization_id in (None, organization.id) for one in active_rules(ctx))


TO_APPROVE = CaseTab("approve", lambda: _("To approve"), waits_for, "to_approve")
WAITING = View(
    "approval",
    lambda: _("Waits for a yes"),
    lambda: _("No case waits for a yes of the client."),
    "shield",
    lambda _actor: and_(Case.approval == literal_column("'asked'", String()), UNRESOLVED_CASE),
)
