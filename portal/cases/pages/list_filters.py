"""List filters from the URL. What cannot be parsed is ignored, and the page says so (ux.md 2.7)."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from portal.cases.engine.answer_filters import read_answer_filters
from portal.cases.engine.request_fields import pick_text
from portal.cases.pages.queue_trail import LAYOUT_PARAMETERS, list_parameters
from portal.cases.queries.answer_values import filtered_fields
from portal.cases.queries.lists import GROUPS, Filters, sorts
from portal.cases.states import State
from portal.cases.vocabulary import is_token
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.local_times import read_day
from portal.kernel.paging import SIZES
from portal.kernel.tokenizer import QUESTION_LETTERS
from portal.tenants.queries import accounts as account_queries
from portal.web.times import reader_zone
from portal.web.urls import number_parameter, text_parameter

_ENDED = {State.CLOSED.value}
ID_PARAMETERS = {
    "organization": "organization_id",
    "account": "account_id",
    "env": "environment_id",
    "department": "department_id",
    "type": "request_type_id",
    "by": "reported_by_id",
    "contact": "contact_user_id",
    "owner": "owner_id",
    "tag": "tag_id",
}
# Days of the reader's calendar; `_to` is the last day of the span.
DATE_PARAMETERS = ("opened_from", "opened_to", "updated_from", "updated_to")
# Spans outside of these years are a slip of the keyboard.
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
# The labels of the parameters, the same as those of the filters on the page.
FILTER_NAMES: Mapping[str, Any] = {
    "organization": _l("Organization"),
    "account": _l("Account"),
    "env": _l("Environment"),
    "department": _l("Department"),
    "type": _l("Request type"),
    "by": _l("Opened by"),
    "contact": _l("About"),
    "owner": _l("Owner"),
    "tag": _l("Tag"),
    "status": _l("Status"),
    "severity": _l("Severity"),
    "tier": _l("Tier"),
    "opened_from": _l("Opened from"),
    "opened_to": _l("Opened until"),
    "updated_from": _l("Updated from"),
    "updated_to": _l("Updated until"),
    "sort": _l("Order"),
    "group": _l("Grouped by"),
}


def read_filters(ctx: Context, account_ids: Mapping[str, uuid.UUID], given: Mapping[str, str] | None = None) -> Filters:
    """The filters of this request, or of the parameters *given*. *account_ids* maps the account keys that the actor may
    choose to their ids.

    `status`: states, or states with who spoke last (`open.answered`), separated by commas, or `any`; without it a
    portal list leaves closed cases out.
    """
    values: dict[str, object] = {}
    ignored = []
    for name, column in ID_PARAMETERS.items():
        raw = text_parameter(name, 64, given)
        if not raw or (name == "tag" and not ctx.actor.is_staff):
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
    states = [s for s in text_parameter("status", 200, given).split(",") if s]
    if any(not is_token(s) and s != "any" for s in states):
        ignored.append("status")
    for name, highest in (("severity", 4), ("tier", 3)):
        raw = text_parameter(name, 4, given)
        if raw and raw.isdecimal() and 1 <= int(raw) <= highest:
            values[name] = int(raw)
        elif raw:
            ignored.append(name)
    for name in DATE_PARAMETERS:
        raw = text_parameter(name, 20, given)
        moment = day_parameter(raw, after=name.endswith("_to")) if raw else None
        if moment is not None:
            values[name] = moment
        elif raw:
            ignored.append(name)
    group = text_parameter("group", 20, given)
    if group and group not in GROUPS:
        ignored.append("group")
        group = ""
    sort = text_parameter("sort", 20, given)
    if sort and sort not in sorts():
        ignored.append("sort")
        sort = ""
    size = number_parameter("size", SIZES[0], given=given)
    words = text_parameter("q", QUESTION_LETTERS + 1, given)
    language = str(get_locale() or ctx.provider.locale)
    answers, unread = read_answer_filters(
        filtered_fields(ctx, values.get("request_type_id")),  # type: ignore[arg-type]
        lambda name: text_parameter(name, 200, given),
        reader_zone(),
        language,
    )
    labels = [pick_text(one.label, language, str(ctx.provider.locale)) for one in unread]
    return Filters(
        answers=answers,
        states=frozenset(s for s in states if is_token(s)),
        any_state="any" in states,
        words=words[:QUESTION_LETTERS],
        words_cut=len(words) > QUESTION_LETTERS,
        sort=sort,
        group=group,
        page=number_parameter("page", 1, given=given),
        size=size if size in SIZES else SIZES[0],
        ignored=(*(str(FILTER_NAMES[name]) for name in ignored), *labels),
        **values,  # type: ignore[arg-type]
    )


def day_parameter(raw: str, *, after: bool) -> int | None:
    """The beginning of the day *raw* (`2026-11-30`) in the reader's zone, with *after* that of the next day, in seconds
    since 1970, UTC; None for anything that is no day."""
    moment = read_day(raw, reader_zone(), after=after)
    possible = moment is not None and _FIRST_YEAR <= moment.year <= _LAST_YEAR
    return int(moment.timestamp()) if moment is not None and possible else None


def has_no_status() -> bool:
    """Whether the URL has no status filter."""
    return not request.args.get("status")


def open_states() -> frozenset[str]:
    """All states but closed: the default of lists."""
    return frozenset(state.value for state in State) - _ENDED


def chosen_account(context: Context, accounts: Any) -> Any:
    """The account of `?account=` (key or id), None without it; raises NotFound for a key that the actor does not see.
    An id that they do not see names nothing: it is one more value that is not found."""
    wanted = text_parameter("account", 64)
    if not wanted:
        return None
    for account in accounts:
        if wanted.upper() == account.key or wanted.lower() == str(account.id):
            return account
    if (account_id := ids.parse_id(wanted)) is not None:
        return account_queries.account_with_id(context, account_id)
    return account_queries.account_by_key(context, wanted)


def kept_parameters(*names: str) -> dict[str, str]:
    """The parameters of this list that are set, by name, but the page and *names*: for the hidden fields of forms."""
    left_out = ("page", *names)
    values = {name: text_parameter(name) for name in ("tab", *list_parameters()) if name not in left_out}
    return {name: value for name, value in values.items() if value}


def file_url(path: str) -> str:
    """*path*, which answers a file, with the parameters of this list; a file holds all pages."""
    kept = kept_parameters("size")
    return f"{path}?{urlencode(kept)}" if kept else path


def is_filtered() -> bool:
    """Whether the URL filters the list."""
    return any(text_parameter(name) for name in list_parameters() if name not in LAYOUT_PARAMETERS)
