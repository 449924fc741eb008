"""The lines of a list of rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.approvals.labels import ROLE_NAMES, amount_words, condition_words, name_list
from portal.approvals.models import ApprovalRule
from portal.approvals.queries.approvers import member_names
from portal.approvals.queries.people import names_by_user, place_names
from portal.cases.labels import kind_label
from portal.cases.models import RequestType
from portal.cases.queries import request_types
from portal.cases.queries.interface import request_fields
from portal.cases.queries.request_fields import fields_of
from portal.cases.queries.severity_levels import level_name
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.kernel.system_context import as_system


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as a list shows it: what for, who says yes in its steps, and the promises meanwhile."""

    row: ApprovalRule
    when: str
    who: Sequence[str]


def rule_lines(ctx: Context, rows: Sequence[ApprovalRule], names: Mapping[Any, str] | None = None) -> list[RuleLine]:
    """The lines of *rows*, with the people in *names* (without it everybody whom the reader may see). Four statements
    for any number of rules."""
    places = place_names(ctx, rows)
    offered = {one.id: one for one in request_types(ctx)}
    shown = names_by_user(ctx, named_people(rows)) if names is None else names
    return [RuleLine(row, _when(ctx, row, places, offered), [_who(step, shown) for step in row.steps]) for row in rows]


def named_people(rows: Sequence[ApprovalRule]) -> set[Id]:
    """The approvers whom *rows* name, and their deputies."""
    people = [person for row in rows for step in row.steps for person in step["people"]]
    return {one for person in people for part in ("id", "deputy") if (one := parse_id(person.get(part)))}


def own_people(ctx: Context, organization_id: Id, rows: Sequence[ApprovalRule]) -> dict[Id, str]:
    """The names of those whom *rows* name and who are members of the organization: its administrators know them."""
    with as_system(ctx) as inner:
        return member_names(inner, organization_id, named_people(rows))


def field_label(ctx: Context, kind: RequestType | None, key: str) -> str:
    """The question of a field of the form of *kind*, in the language of the reader; its key for one that is gone."""
    found = next((one.label for one in fields_of(kind) if one.key == key), None) if kind is not None else None
    return request_fields.pick_text(found, str(get_locale() or "en"), str(ctx.provider.locale)) if found else key


def _when(ctx: Context, row: ApprovalRule, places: Mapping[Any, str], offered: Mapping[Any, RequestType]) -> str:
    place = row.account_id or row.organization_id
    kind = offered.get(row.request_type_id)
    kind_name = kind.name if kind is not None else _("a request type that is not offered")
    return condition_words(
        [
            places.get(place, "") if place else "",
            kind_name if row.request_type_id else "",
            kind_label(row.environment_kind) if row.environment_kind else "",
            _("%(level)s and worse", level=level_name(ctx, row.severity)) if row.severity else "",
            amount_words(field_label(ctx, kind, row.field_key), row.over) if row.field_key else "",
        ]
    )


def _with_deputy(person: Mapping[str, Any], names: Mapping[Any, str]) -> str:
    """The name of an approver with that of the deputy; '' for one whom the reader does not know."""
    name, deputy = (names.get(parse_id(person.get(part)), "") for part in ("id", "deputy"))
    return f"{name} ({_('deputy: %(name)s', name=deputy)})" if name and deputy else name


def _who(step: Mapping[str, Any], names: Mapping[Any, str]) -> str:
    people = [_with_deputy(one, names) for one in step["people"]]
    said = [*(str(ROLE_NAMES[role]) for role in step["roles"]), *(name for name in people if name)]
    text = name_list(said)
    if step["mode"] == "all":
        return _("All of: %(names)s", names=text)
    if step["mode"] == "count":
        return ngettext("%(num)d of: %(names)s", "%(num)d of: %(names)s", step["needed"], names=text)
    return _("One of: %(names)s", names=text)
