"""D-04 the monitor of promises and D-05 the board of tiers."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import make_response, request
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.context import Context
from portal.sla import labels
from portal.sla.labels.names import lane_labels
from portal.sla.queries import boards
from portal.sla.queries.boards import BoardFilter, Lane
from portal.sla.routes.blueprint import level_names, promises
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.guards import requires
from portal.web.htmx import page, wants_fragment
from portal.web.page_frame import current_frame, utc_iso
from portal.web.urls import text_parameter

# Breaches are said aloud at most so often.
ANNOUNCE_EVERY = dt.timedelta(seconds=60)
REFRESHES = (30, 60, 300)
CARRIED = ("account", "department", "severity", "mine", "wall", "refresh", "pause")


@promises.get("/desk/monitor")
@requires(Permission.CASE_READ)
def monitor() -> Any:
    """What is late and what falls due within two hours. A visible page asks anew every 30 seconds: 304 if nothing
    changed; without a script `?refresh=60` loads it again; `?pause=1` holds it still; `?wall=1` is for a screen."""
    context = ctx()
    accounts = account_queries.account_choices(context)
    narrowing, chosen = read_filter(context, accounts)
    lanes = boards.monitor(context, narrowing)
    figures = boards.today(context, narrowing)
    tag = board_tag(lanes, figures)
    if wants_fragment() and request.headers.get("HX-PTag") == tag:
        return make_response("", 304)
    since = announced_until(context)
    speak = wants_fragment() and context.now - since >= ANNOUNCE_EVERY
    wall, refresh = bool(text_parameter("wall", 1)), refresh_seconds()
    if wall:
        current_frame().theme = "dark"
    values = {
        "lanes": lanes,
        "figures": figures,
        "tag": tag,
        "said": announcement(lanes, since, context.now) if speak else "",
        "since": utc_iso(context.now if speak or not wants_fragment() else since),
        "labels": labels,
        "now": context.now,
        "lane_labels": lane_labels(),
        "empty_lanes": [lane_labels()[lane.key] for lane in lanes if not lane.cards],
        "paused": bool(text_parameter("pause", 1)),
        "acts": can(context.actor, Permission.CASE_TAKE) and not wall,
        "wall": wall,
        "carried": carried_query(),
        "levels": level_names(context),
    }
    if wants_fragment():
        answer = page("sla/boards/_lanes.html", **values)
        answer.headers["HX-PTag"] = tag
        return answer
    answer = page(
        "sla/boards/wall.html" if wall else "sla/boards/monitor.html",
        **values,
        account_options=[(row.key, row.name) for row in accounts],
        departments=department_queries.active_departments(context),
        chosen=chosen,
        narrowing=narrowing,
        refresh=refresh,
        with_parameters=with_parameters,
    )
    if refresh:
        answer.headers["Refresh"] = str(refresh)
    return answer


def read_filter(context: Context, accounts: Sequence[Any]) -> tuple[BoardFilter, Any]:
    """What the board is about, from the address, and the account that it names (id, key, name); what cannot be
    understood is left out."""
    asked = text_parameter("account", 64)
    account = next((row for row in accounts if asked.upper() == row.key), None)
    if asked and account is None:
        account = account_queries.account_by_key(context, asked)
    severity = text_parameter("severity", 1)
    return (
        BoardFilter(
            account.id if account else None,
            ids.parse_id(text_parameter("department", 40)),
            int(severity) if severity in ("1", "2", "3", "4") else None,
            context.actor.staff_id if text_parameter("mine", 1) else None,
        ),
        account,
    )


def with_parameters(**changes: Any) -> str:
    """This page with parameters changed; None drops one."""
    return "?" + urlencode({name: value for name, value in {**_asked(), **changes}.items() if value})


def _asked() -> dict[str, str]:
    return {name: value for name in CARRIED if (value := text_parameter(name, 64))}


def carried_query() -> str:
    """What the board is about, as the end of an address that has a query already."""
    kept = urlencode(_asked())
    return f"&{kept}" if kept else ""


def refresh_seconds() -> int:
    """After how many seconds a page without a script loads itself again; 0 for never."""
    asked = text_parameter("refresh", 3)
    return int(asked) if asked in map(str, REFRESHES) else 0


def announced_until(context: Context) -> dt.datetime:
    """Up to when breaches were said aloud to this reader; nonsense is now."""
    try:
        at = dt.datetime.fromisoformat(request.args.get("since", "")[:40])
    except ValueError:
        return context.now
    return min(at, context.now) if at.tzinfo is not None else context.now


def announcement(lanes: list[Lane], since: dt.datetime, now: dt.datetime) -> str:
    """One sentence for all new breaches, or ''."""
    late = boards.newly_late(lanes, since, now)
    if not late:
        return ""
    if len(late) == 1:
        return _("Late now: %(key)s", key=late[0].case.key)
    return ngettext("%(num)d case is late now", "%(num)d cases are late now", len(late))


def board_tag(lanes: list[Lane], figures: Any) -> str:
    """A word that changes when anything on the monitor changes but the passing of time itself."""
    rows = [
        (
            lane.key,
            lane.more,
            [
                (
                    card.case.id,
                    card.case.version,
                    card.case.owner_id,
                    [s and s.due for s in (card.status, *card.further)],
                )
                for card in lane.cards
            ],
        )
        for lane in lanes
    ]
    return fingerprint(rows, figures)


@promises.get("/desk/escalations")
@requires(Permission.CASE_READ)
def escalations() -> Any:
    """Escalated cases by tier. Moving one asks for a reason on a small page; nothing has to be dragged."""
    context = ctx()
    accounts = account_queries.account_choices(context)
    narrowing, chosen = read_filter(context, accounts)
    lanes = boards.tiers(context, narrowing)
    return page(
        "sla/boards/escalations.html",
        lanes=lanes,
        lane_labels=lane_labels(),
        account_options=[(row.key, row.name) for row in accounts],
        chosen=chosen,
        narrowing=narrowing,
        levels=level_names(context),
        labels=labels,
        now=context.now,
        acts=can(context.actor, Permission.CASE_ESCALATE),
        takes=can(context.actor, Permission.CASE_TAKE),
        with_parameters=with_parameters,
        days=lambda since: (context.now - since).days,
    )
