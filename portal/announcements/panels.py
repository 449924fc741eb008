"""What goes on, above the home page and the form of a new case, for those whom it affects."""

from typing import Any

from portal.announcements import labels
from portal.announcements.queries import current_announcements, has_announcements, muted_announcements
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.queries.interface import Draft, Panel, Verb
from portal.kernel.context import Context

# The place of the panel: above the page, and not among the panels beside its form.
BANNER = "banner"
# The most lines of a banner; the list has them all.
MOST_LINES = 3


def is_worth_showing(ctx: Context) -> bool:
    """Whether the list of the desk can hold anything for the reader: there is something, or they may write it."""
    return can(ctx.actor, Permission.ANNOUNCEMENT_WRITE) or has_announcements(ctx)


def home_banner(ctx: Context, _types: Any) -> Panel | None:
    """What affects the reader now; no statement while nothing changed."""
    return _banner(ctx, current_announcements(ctx), on_form=False)


def form_banner(ctx: Context, draft: Draft) -> Panel | None:
    """What affects the account of the case that is about to be opened, or the reader while none is chosen."""
    if draft.account is None and ctx.actor.is_staff:
        return None
    account = draft.account.id if draft.account is not None else None
    return _banner(ctx, current_announcements(ctx, account), on_form=True)


def workaround_link(ctx: Context, verb: Verb) -> Panel | None:
    """On the page of a pinned workaround: the way to tell other clients of it, for those who write announcements."""
    pinned = verb.name == "workaround" and verb.case.workaround_position is not None and verb.case.unresolved
    if not pinned or not can(ctx.actor, Permission.ANNOUNCEMENT_WRITE):
        return None
    return Panel("verb", "announcements/desk/_from_workaround.html", {"key": verb.case.key})


def _banner(ctx: Context, rows: Any, *, on_form: bool) -> Panel | None:
    if not rows:
        return None
    base = "/desk/announcements" if ctx.actor.is_staff else "/announcements"
    if ctx.actor.is_contact and not on_form:
        muted = muted_announcements(ctx)
        rows = [row for row in rows if row.id not in muted]
        if not rows:
            return None
    values = {
        "rows": rows[:MOST_LINES],
        "more": len(rows) > MOST_LINES,
        "base": base,
        "on_form": on_form,
        "labels": labels,
    }
    return Panel(BANNER, "announcements/_banner.html", values)
