"""The drafts of forms about cases, as lists of drafts name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.queries.drafts import case_subjects, request_type_names
from portal.kernel.context import Context
from portal.web.drafts import DraftKind

Fields = Mapping[str, Sequence[str]]


def _cases(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    keys = [address["key"].upper() for address in addresses]
    found = case_subjects(context, keys)
    return [f"{key} · {found[key]}" if key in found else None for key in keys]


def _request_types(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    found = request_type_names(context, {address["key"][:40] for address in addresses})
    return [found.get(address["key"]) for address in addresses]


def _desk_openings(context: Context, addresses: Sequence[Mapping[str, Any]]) -> list[str | None]:
    return ["" if can(context.actor, Permission.CASE_OPEN_FOR_OTHERS) else None for _address in addresses]


def _answer_name(fields: Fields) -> str:
    return _("Internal note") if "note" in fields.get("kind", ()) else _("Reply")


CASE_DRAFTS = {
    "cases.open_case": DraftKind(lambda _fields: _("New case"), _request_types),
    "cases.add_reply": DraftKind(lambda _fields: _("Reply"), _cases),
    "cases.reject": DraftKind(lambda _fields: _("Rejection of a solution"), _cases),
    "desk.open_for_somebody": DraftKind(lambda _fields: _("New case"), _desk_openings),
    "desk.send_reply": DraftKind(_answer_name, _cases),
}
