"""What a list of rules shows, and a rule read back in words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.cases.labels import channel_label, kind_label
from portal.cases.queries import request_types
from portal.cases.queries.interface import vocabulary
from portal.cases.queries.severity_levels import level_name
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.rules.engine.case_rules import Effect
from portal.rules.labels import effect_words, join_words, trigger_words
from portal.rules.models import CaseRule
from portal.rules.queries.case_rules import names_of, phrases
from portal.rules.queries.firings import last_runs


@dataclass(frozen=True, slots=True)
class CaseRuleLine:
    """A rule as a list shows it: when, which cases, what it does, and when it ran last."""

    row: CaseRule
    when: str
    cases: str
    does: str
    ran_at: dt.datetime | None = None


def rule_lines(ctx: Context, rows: Sequence[CaseRule]) -> list[CaseRuleLine]:
    """The lines of *rows*. The number of statements does not grow with theirs."""
    names, types, ran = names_of(ctx, rows), {one.id: one.name for one in request_types(ctx)}, last_runs(ctx)
    return [rule_line(ctx, row, names, types, ran.get(row.id)) for row in rows]


def rule_line(
    ctx: Context, row: Any, names: Mapping[Id, str], types: Mapping[Any, str], ran_at: dt.datetime | None = None
) -> CaseRuleLine:
    """One rule, or what was written of one, in words."""
    status = vocabulary.vocabulary(ctx, "staff").word(row.status) if row.status else ""
    does = [effect_words(effect, name) for effect, name in _effects(ctx, row, names)]
    return CaseRuleLine(
        row,
        trigger_words(row.trigger, row.hours, status),
        join_words(_conditions(ctx, row, names, types, status)) or _("every case"),
        join_words(does),
        ran_at,
    )


def _conditions(ctx: Context, row: Any, names: Mapping[Id, str], types: Mapping[Any, str], status: str) -> list[str]:
    gone = _("not offered any more")
    place = row.account_id or row.organization_id
    words: list[tuple[Any, str]] = [
        (place, names.get(place, "")),
        (row.environment_id, _("environment %(name)s", name=names.get(row.environment_id, gone))),
        (row.environment_kind, kind_label(row.environment_kind)),
        (row.request_type_id, types.get(row.request_type_id, gone)),
        (row.department_id, _("department %(name)s", name=names.get(row.department_id, gone))),
        (row.severity, _("%(level)s and worse", level=level_name(ctx, row.severity or 0))),
        (row.tier, _("tier %(n)s", n=row.tier)),
        (row.channel, _("by %(channel)s", channel=channel_label(row.channel))),
        (row.status and row.trigger != "in_status", _("status “%(status)s”", status=status)),
        (row.unowned, _("nobody owns it")),
        (row.subject_words, _("the subject says %(words)s", words=_quoted(row.subject_words))),
        (row.text_words, _("the first message says %(words)s", words=_quoted(row.text_words))),
        (row.domain, _("from %(domain)s", domain=row.domain)),
    ]
    return [said for value, said in words if value]


def _quoted(written: str) -> str:
    return " / ".join(f"“{one}”" for one in phrases(written))


def _effects(ctx: Context, row: Any, names: Mapping[Id, str]) -> list[tuple[Effect, str]]:
    given: list[tuple[Effect, Any, str]] = [
        (Effect.DEPARTMENT, row.set_department_id, names.get(row.set_department_id, "")),
        (Effect.TIER, row.set_tier, str(row.set_tier)),
        (Effect.OWNER, row.set_owner_id, names.get(row.set_owner_id, "")),
        (Effect.SEVERITY, row.set_severity, level_name(ctx, row.set_severity or 0)),
        (Effect.FOLLOWER, row.follower_id, names.get(row.follower_id, "")),
        (Effect.NOTE, row.note, ""),
    ]
    return [(effect, name) for effect, value, name in given if value]
