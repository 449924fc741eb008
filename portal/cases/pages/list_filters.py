"""List filters from the URL. What cannot be parsed is ignored, and the page says so (ux.md 2.7)."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from portal.cases.pages.queue_trail import LIST_PARAMETERS
from portal.cases.queries.lists import Filters, sorts
from portal.cases.states import State
from portal.cases.vocabulary import is_token
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.paging import SIZES
from portal.kernel.tokenizer import QUESTION_LETTERS
from portal.tenants.queries import accounts as account_queries
from portal.web.urls import number_parameter, text_parameter

_ENDED = {State.CLOSED.value}
ID_PARAMETERS = {
    "account": "account_id",
    "env": "environment_id",
    "department": "department_id",
    "type": "request_type_id",
    "by": "reported_by_id",
    "contact": "contact_user_id",
    "owner": "owner_id",
}
# The labels of the parameters, the same as those of the filters on the page.
FILTER_NAMES: Mapping[str, Any] = {
    "account": _l("Account"),
    "env": _l("Environment"),
    "department": _l("Department"),
    "type": _l("Request type"),
    "by": _l("Opened by"),
    "contact": _l("About"),
    "owner": _l("Owner"),
    "status": _l("Status"),
    "severity": _l("Severity"),
    "tier": _l("Tier"),
    "sort": _l("Order"),
}


def read_filters(ctx: Context, account_ids: Mapping[str, uuid.UUID]) -> Filters:
    """The filters of this request. *account_ids* maps the account keys that the actor may choose to their ids.

    `status`: states, or states with who spoke last (`open.answered`), separated by commas, or `any`; without it a
    portal list leaves closed cases out.
    """
    values: dict[str, object] = {}
    ignored = []
    for name, column in ID_PARAMETERS.items():
        raw = text_parameter(name, 64)
        if not raw:
            continue
        value = ctx.actor.user_id if raw == "me" and name in ("by", "contact") else ids.parse_id(raw)
        if name == "owner" and raw == "me":
            value = ctx.actor.staff_id
        if name == "account" and value is None:
            value = account_ids.get(raw.upper())
        if value is None:
            ignored.append(name)
        else:
            values[column] = value
    states = [s for s in text_parameter("status").split(",") if s]
    if any(not is_token(s) and s != "any" for s in states):
        ignored.append("status")
    for name, highest in (("severity", 4), ("tier", 3)):
        raw = text_parameter(name, 4)
        if raw and raw.isdecimal() and 1 <= int(raw) <= highest:
            values[name] = int(raw)
        elif raw:
            ignored.append(name)
    sort = text_parameter("sort", 20)
    if sort and sort not in sorts():
        ignored.append("sort")
        sort = ""
    size = number_parameter("size", SIZES[0])
    words = text_parameter("q", QUESTION_LETTERS + 1)
    return Filters(
        states=frozenset(s for s in states if is_token(s)),
        words=words[:QUESTION_LETTERS],
        words_cut=len(words) > QUESTION_LETTERS,
        sort=sort,
        page=number_parameter("page", 1),
        size=size if size in SIZES else SIZES[0],
        ignored=tuple(str(FILTER_NAMES[name]) for name in ignored),
        **values,  # type: ignore[arg-type]
    )


def has_no_status() -> bool:
    """Whether the URL has no status filter."""
    return not request.args.get("status")


def open_states() -> frozenset[str]:
    """All states but closed: the default of lists."""
    return frozenset(state.value for state in State) - _ENDED


def chosen_account(context: Context, accounts: Any) -> Any:
    """The account of `?account=` (key or id), None without it; raises NotFound for one that the actor does not see."""
    wanted = text_parameter("account", 64)
    if not wanted:
        return None
    for account in accounts:
        if wanted.upper() == account.key or wanted.lower() == str(account.id):
            return account
    return account_queries.account_by_key(context, wanted)


def is_filtered() -> bool:
    """Whether the URL filters the list."""
    return any(text_parameter(name) for name in LIST_PARAMETERS if name not in ("sort", "size", "page"))
