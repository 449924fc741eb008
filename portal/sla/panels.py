"""Panels of promises: on case pages, in lists, beside the form, in print, before a verb."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from portal.cases.labels import floor_label
from portal.cases.models import Case, RequestType
from portal.cases.queries.interface import Column, Draft, Panel, State, Verb, effective_severity
from portal.cases.queries.lists import View
from portal.cases.queries.severity_levels import level_name, severity_floor_of, severity_levels
from portal.cases.queries.severity_question import severity_question
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.request_cache import RequestCache
from portal.sla import labels
from portal.sla.engine.clock_status import ClockStatus
from portal.sla.engine.policy import Target
from portal.sla.labels import opening_hours
from portal.sla.queries import breaches, case_clocks, previews
from portal.sla.queries.assignments import agreement
from portal.sla.queries.previews import PromisedTimes, PromisePreview
from portal.tenants.queries import accounts as account_queries
from portal.web import times
from portal.web.template_globals import load_macro

DATES, NOTHING = "dates", "nothing"


def promises_shown_to(ctx: Context) -> str:
    """What the reader may see of promises: everything on the desk, the provider's choice on the portal."""
    return ctx.provider.promises_shown if ctx.actor.is_contact else DATES


def shows_dates(ctx: Context) -> bool:
    """Whether the reader sees due times."""
    return promises_shown_to(ctx) == DATES


# -- lists ------------------------------------------------------------------------------------------------------------


def promise_column(ctx: Context, rows: Sequence[Case]) -> Column | None:
    """The nearest promise of each case: a chip on the desk, text on the portal, where no column is drawn that says
    nothing. One statement."""
    if promises_shown_to(ctx) == NOTHING:
        return None
    going = case_clocks.nearest_clocks(ctx, [case.id for case in rows if case.unresolved])
    if ctx.actor.is_staff:
        chip = load_macro("components/sla.html", "sla_chip")
        cells = {
            case_id: chip(**labels.chip(one, ctx.now), name=labels.kind_name(one.kind))
            for case_id, one in going.items()
        }
        return Column(_("Promise"), "sla", "due", cells)
    dates = shows_dates(ctx)
    texts = {case_id: Markup.escape(labels.next_news_label(one, dates=dates)) for case_id, one in going.items()}
    return Column(_("Promised"), "meta", "", texts) if any(texts.values()) else None


VIEWS = (
    View(
        "due-soon",
        lambda: _("Due soon"),
        lambda: _("Nothing is due within two hours."),
        "clock",
        case_clocks.due_soon,
        "warning",
        case_clocks.became_due_soon,
    ),
    View(
        "breached",
        lambda: _("Breached"),
        lambda: _("Nothing is late."),
        "warning",
        case_clocks.breached,
        "late",
        case_clocks.became_late,
    ),
)


# -- case pages -------------------------------------------------------------------------------------------------------


# The latest clocks of a case by (case id, case version).
_clock_cache: RequestCache[tuple[Id, int], list[tuple[Any, ClockStatus]]] = RequestCache()


def _latest_clocks(ctx: Context, case: Case) -> list[tuple[Any, ClockStatus]]:
    """The latest clocks of *case*; both panels of a case page share one statement."""
    return _clock_cache.load(ctx, (case.id, case.version), lambda: case_clocks.latest_clocks(ctx, case))


def next_update_panel(ctx: Context, case: Case) -> Panel | None:
    """Above the conversation, for customers: when the next news comes. On every open case (N6), unless the provider
    shows nothing of promises."""
    if not ctx.actor.is_contact or not case.unresolved or promises_shown_to(ctx) == NOTHING:
        return None
    found = _latest_clocks(ctx, case)
    news = [one for _row, one in found if one.kind != "resolution" and one.runs]
    waits = any(one.state == "paused" and one.why == "waiting" for _row, one in found)
    nearest = min(news, key=lambda one: (one.due is None, one.due or ctx.now), default=None)
    alerted = case_clocks.lead_alerted_at(ctx, case, nearest.kind) if nearest and nearest.state == "late" else None
    values = {"nearest": nearest, "waits": waits, "agreed": bool(found), "dates": shows_dates(ctx), "alerted": alerted}
    return Panel("top", "sla/panels/_next_update.html", values)


def clocks_panel(ctx: Context, case: Case) -> Panel | None:
    """Beside the case: "Promised" for customers, the clocks for staff."""
    if promises_shown_to(ctx) == NOTHING:
        return None
    found = _latest_clocks(ctx, case)
    values: dict[str, Any] = {"clocks": found, "labels": labels, "now": ctx.now, "dates": shows_dates(ctx)}
    if ctx.actor.is_contact:
        return Panel("aside", "sla/panels/_promised.html", values)
    # Without clocks there are no broken promises and no objections.
    points = breaches.open_points(ctx, case) if found else breaches.OpenPoints(False, 0)
    values |= {
        "unexplained": points.unexplained,
        "objections": points.objections,
        "start_responds": _start_responds(ctx, case, [one for _row, one in found]),
    }
    return Panel("aside", "sla/panels/_clocks.html", values)


def _start_responds(ctx: Context, case: Case, found: Sequence[ClockStatus]) -> bool:
    """Whether "Start work" would keep the promise of a first reply, which is still running."""
    if case.state not in (State.NEW, State.OPEN) or not any(one.kind == "first_response" and one.runs for one in found):
        return False
    policy = breaches.policy_of(ctx, case)
    return policy is not None and policy.start_responds


def printed_panel(ctx: Context, case: Case) -> Panel | None:
    """In print: every promise with its due time and the time it was kept."""
    if promises_shown_to(ctx) == NOTHING:
        return None
    values = {"clocks": case_clocks.latest_clocks(ctx, case), "labels": labels, "dates": shows_dates(ctx)}
    return Panel("print", "sla/panels/_printed.html", values)


# -- beside the form --------------------------------------------------------------------------------------------------


def promise_beside_form(ctx: Context, draft: Draft) -> Panel | None:
    """The concrete times for what is chosen so far, and the first reply beside each severity (N5)."""
    if draft.account is None:
        return None
    floor = severity_floor_of(ctx, draft.account, draft.contact_id)
    # If nothing is asked, the request type's own severity applies.
    ranks = {*draft.ranks, *([draft.rank] if draft.rank is not None else [])}
    preview = previews.preview_promises(ctx, draft.account, draft.environment, sorted(ranks), floor=floor)
    chosen = preview.times.get(draft.rank) if draft.rank is not None else None
    dates = shows_dates(ctx)
    raised = floor_label(floor, level_name(ctx, floor.rank), side=ctx.actor.side) if floor is not None else ""
    asides = {rank: severity_hint(preview, one, raised, dates=dates) for rank, one in preview.times.items()}
    values: dict[str, Any] = {"preview": preview, "chosen": chosen, "asides": asides, "raised": raised}
    values |= {"labels": labels, "dates": dates}
    return Panel("form", "sla/panels/_beside_form.html", values)


def severity_hint(preview: PromisePreview, one: PromisedTimes, raised: str, *, dates: bool) -> str:
    """Beside a severity: when the first reply comes, and the severity that will apply. *raised* is the sentence about
    the floor of the person and account."""
    if not preview.effective.agreed:
        return ""
    text = ""
    if dates and one.first_response:
        text = _("First reply by %(when)s", when=times.time_words(one.first_response))
    if one.reason == "not_production":
        lowered = _("Treated one level lower: test environments are never an emergency.")
        return f"{lowered} {text}".strip()
    if one.reason:
        return f"{raised} {text}".strip()
    return text


def home_panel(ctx: Context, types: Sequence[RequestType]) -> Panel | None:
    """ "Open now, until 18:00", and the first reply on each tile: of every severity that its form can lead to."""
    accounts = list(account_queries.list_accounts(ctx, limit=2))
    if not accounts:
        return None
    found, floor = agreement(ctx, accounts[0]), severity_floor_of(ctx, accounts[0], None)
    tiles: dict[Any, str] = {}
    if found.policy is not None and len(accounts) == 1 and shows_dates(ctx):
        question = severity_question(ctx)
        for row in types:
            asked = question.ranks if row.asks_severity and question.ranks else [row.default_rank]
            served = sorted({effective_severity(rank, None, floor).effective for rank in asked})
            tiles[row.id] = _first_reply_range([found.policy.promise(rank).first_response for rank in served])
    now = opening_hours.open_state(found.calendar, ctx.now) if found.calendar is not None else None
    nights = (
        opening_hours.night_levels(found.policy, found.calendar, severity_levels(ctx), floor)
        if shows_dates(ctx)
        else ""
    )
    return Panel("home", "sla/panels/_open_now.html", {"tiles": tiles, "now": now, "nights": nights})


def _first_reply_range(targets: Sequence[Target | None]) -> str:
    """ "reply in 15 minutes to 1 business day" for the targets of severities, the worst first; '' if one has none."""
    amounts = [labels.amount_label(target.amount, target.unit) for target in targets if target is not None]
    if not amounts or len(amounts) < len(targets):
        return ""
    if amounts[0] == amounts[-1]:
        return _("reply in %(time)s", time=amounts[0])
    return _("reply in %(shortest)s to %(longest)s", shortest=amounts[0], longest=amounts[-1])


# -- before a verb ----------------------------------------------------------------------------------------------------


def verb_panel(ctx: Context, verb: Verb) -> Panel | None:
    """The panel before a verb: the new times for another severity, or the reason of a broken promise for an end."""
    if verb.name == "severity":
        return _severity_panel(ctx, verb)
    if verb.name in ("resolved", "closed", "close"):
        late = breaches.without_reason(breaches.broken_clocks(ctx, verb.case))
        if late and breaches.asks_why(ctx, verb.case):
            values = {"late": late, "labels": labels, "answers": verb.answers, "form_id": verb.form_id}
            return Panel("verb", "sla/breaches/_fields.html", {**values, "reasons": labels.breach_reason_choices()})
    return None


def _severity_panel(ctx: Context, verb: Verb) -> Panel | None:
    preview = previews.preview_severities(ctx, verb.case, list(verb.ranks))
    if preview is None:
        return None
    asides = {rank: _new_times(found) for rank, found in preview.items()}
    return Panel("verb", "sla/panels/_severity.html", {"asides": asides, "case": verb.case})


def _new_times(found: Mapping[str, Any]) -> str:
    """The promises under another severity, in one line."""
    parts = [
        _("%(clock)s by %(when)s", clock=labels.kind_label(kind), when=times.time_words(at))
        for kind, at in found.items()
        if at is not None
    ]
    return " · ".join(parts) or _("no promise")
