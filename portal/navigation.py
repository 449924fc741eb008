"""Which menus lead where: one page for all surfaces. Items that a person cannot use are absent, not greyed (ux.md
1.5)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.announcements.queries import has_announcements, has_status_posts
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.calls.labels import shown_lines
from portal.calls.queries.telephone_systems import has_telephone_systems
from portal.cases.pages.queue_trail import view_label
from portal.cases.pages.saved_views import counted_view, is_on_saved
from portal.cases.queries.lists import added_view, views
from portal.cases.queries.live import fetch_frame_counts
from portal.cases.queries.saved_views import PinnedView, pinned_views
from portal.chat.queries.settings import is_chat_offered
from portal.community.queries.spaces import has_spaces
from portal.kernel.accent_colors import BUILT_IN
from portal.kernel.actor import Side
from portal.kernel.app_icon import icon_path
from portal.kernel.bounded_counts import count_text
from portal.kernel.context import Context
from portal.knowledge.queries.reading import has_articles
from portal.tenants.queries.accounts import account_choices
from portal.tenants.queries.actors import build_actor, has_desk
from portal.web.drafts import list_path
from portal.web.feature import NavigationItem
from portal.web.page_frame import MenuGroup, MenuItem, PageFrame
from portal.web.urls import text_parameter


def fill_menus(ctx: Context, frame: PageFrame) -> None:
    """Put the menus of the current surface into *frame*."""
    frame.status_href = "/status" if has_status_posts(ctx) else ""
    frame.icon_href = icon_path(ctx.provider.called, ctx.provider.accent or BUILT_IN, 180)
    if frame.support is not None and (named := shown_lines(ctx)):
        frame.support.phone, frame.support.hours, frame.support.lines = named[0].number, named[0].hours, named
        frame.support.calls_back = any(line.calls_back for line in named)
    if frame.person is None:
        return
    on_portal = frame.surface == "portal"
    on_desk = frame.surface == "desk" and can(ctx.actor, Permission.DESK_USE)
    # The numbers of the frame, one statement: the bell, and what waits.
    pinned = pinned_views(ctx) if on_desk else []
    counted = [one for view in pinned if (one := counted_view(ctx, view))]
    found = fetch_frame_counts(ctx, on_portal=on_portal, queues=on_desk, saved=counted)
    frame.unread = found.pop("bell")
    frame.bell_count = count_text(frame.unread)
    if found.pop("drafts"):
        frame.drafts_href = list_path(staff=not on_portal)
    frame.counts = found
    if on_portal:
        portal_menu(ctx, frame, found["waiting"])
    else:
        desk_menu(ctx, frame, found, pinned)


# The groups of the rails, in their order; features put their entries into them (`web.feature.NavigationItem`).
DESK_GROUPS = {"work": "", "more": _l("More")}
ADMIN_GROUPS = {
    "clients": _l("Clients"),
    "team": _l("Team"),
    "design": _l("Case setup"),
    "promises": _l("Promises"),
    "feedback": _l("Feedback"),
    "provider": _l("Provider"),
}
_items: list[NavigationItem] = []


def register_items(items: Sequence[NavigationItem]) -> None:
    """Use *items* as the entries of the rails. Raises ValueError for an entry of an unknown group."""
    unknown = {item.group for item in items} - set(DESK_GROUPS) - set(ADMIN_GROUPS)
    if unknown:
        raise ValueError(f"entries of unknown groups: {', '.join(sorted(unknown))}")
    _items[:] = sorted(items, key=lambda item: item.position)


def item_groups(ctx: Context, groups: Mapping[str, Any], numbers: Mapping[str, int] | None = None) -> list[MenuGroup]:
    """*groups* with the entries that the actor may use and whose pages can have something; without the empty ones. An
    entry whose key is among *numbers* (`Feature.counts`) shows its number."""
    found = []
    for name, label in groups.items():
        entries = []
        for item in _items:
            if item.group == name and (item.permission is None or can(ctx.actor, item.permission)):
                entry = menu_item(item.key, str(item.label), item.href, item.icon)
                entry.current = entry.current or bool(item.section and request.path.startswith(item.section))
                if numbers and item.key in numbers:
                    entry.count = count_text(numbers[item.key]) or ""
                if entry.current or item.is_shown is None or item.is_shown(ctx):
                    entries.append(entry)
        if entries:
            found.append(MenuGroup(str(label), entries, folds=bool(label)))
    return found


def is_current(href: str) -> bool:
    """Whether the current page lies under *href*."""
    return request.path == href or (href not in ("/", "/desk", "/admin") and request.path.startswith(f"{href}/"))


def menu_item(key: str, label: str, href: str, icon: str = "", count: int | None = None) -> MenuItem:
    return MenuItem(key, label, href, icon, count=count, current=is_current(href.partition("?")[0]))


def portal_menu(ctx: Context, frame: PageFrame, waiting: int) -> None:
    """The client's header, and the bar at the bottom of a phone."""
    cases = menu_item("cases", _("Cases"), "/cases", "list", waiting or None)
    frame.nav = [menu_item("home", _("Home"), "/", "home"), cases]
    administered = {row.organization_id for row in ctx.actor.access if row.role == "organization_admin"}
    for membership in ctx.actor.memberships.values():
        if membership.organization_id in administered:
            label = _("Organization") if len(administered) == 1 else membership.name
            frame.nav.append(menu_item("organization", label, f"/org/{membership.slug}", "users"))
    if has_articles(ctx):
        frame.nav.append(menu_item("help", _("Help"), "/help", "book"))
    announcements = menu_item("announcements", _("Announcements"), "/announcements", "megaphone")
    if announcements.current or has_announcements(ctx):
        frame.nav.append(announcements)
    if has_spaces(ctx):
        frame.nav.append(menu_item("community", _("Community"), "/community", "chat"))
    frame.chat_href = "/chat" if is_chat_offered(ctx) and not is_current("/chat") else ""
    frame.nav.append(menu_item("support", _("Support"), "/support", "help"))
    frame.search_href, frame.search_label = "/search", _("Search")
    frame.accounts = account_picker(ctx)
    if can(ctx.actor, Permission.CASE_OPEN):
        frame.open_case_href = "/new"
    frame.bottom = [
        menu_item("home", _("Home"), "/", "home"),
        cases,
        *([menu_item("open", _("Open case"), "/new", "plus")] if frame.open_case_href else []),
        menu_item("support", _("Support"), "/support", "help"),
    ]
    if has_desk(ctx, ctx.person):
        frame.switch_to = MenuItem("desk", _("Switch to the desk"), "/desk")


def account_picker(ctx: Context) -> list[dict[str, Any]]:
    """The switch in the header of somebody with several accounts, in one organization or in several.

    It is a filter that stands in the address (`?account=`), and no state of the session: two windows never mix, and a
    link to anything of another organization opens as it is. On a case the account of the case is the chosen one.
    """
    if len({row.account_id for row in ctx.actor.access}) < 2:
        return []
    rows = account_choices(ctx)
    # A case that is not there, or not theirs, chooses nothing: its page says the same for both.
    missing = g.get("error_status") == 404
    case_key = "" if missing else str((request.view_args or {}).get("key", "")).upper()
    chosen = text_parameter("account", 10).upper() or case_key.rpartition("-")[0]
    opening = request.path == "/new" or request.path.startswith("/new/")
    path = request.path if opening else "/cases"
    kept = {"tab": text_parameter("tab", 10)} if request.path == "/cases" and text_parameter("tab", 10) else {}
    names = {id: membership.name for id, membership in ctx.actor.memberships.items()}
    several = len(names) > 1
    found = [
        {
            "label": _(
                "%(organization)s: %(account)s", organization=names.get(row.organization_id, ""), account=row.name
            )
            if several
            else row.name,
            "key": row.key,
            "href": f"{path}?{urlencode({**kept, 'account': row.key})}",
            "current": row.key == chosen,
        }
        for row in rows
    ]
    every = {"label": _("All accounts"), "href": f"{path}?{urlencode(kept)}" if kept else path}
    current = not any(item["current"] for item in found)
    return [{**every, "current": current}, *sorted(found, key=lambda item: str(item["label"]).casefold())]


def desk_menu(ctx: Context, frame: PageFrame, numbers: Mapping[str, int], pinned: Sequence[PinnedView]) -> None:
    """The rail of desk and administration."""
    if frame.surface == "admin":
        frame.groups, frame.home_href = admin_groups(ctx), "/admin"
    elif can(ctx.actor, Permission.DESK_USE):
        frame.groups, frame.home_href = desk_groups(ctx, numbers, pinned), "/desk"
        frame.search_href, frame.search_label = "/desk/search", _("Search, or enter a number")
        frame.tick_href = "/desk/tick"
        frame.ringing = (
            numbers["ringing"] if can(ctx.actor, Permission.CASE_READ) and has_telephone_systems(ctx) else None
        )
        if can(ctx.actor, Permission.CASE_OPEN_FOR_OTHERS):
            frame.open_case_href = "/desk/new"
        daily = {entry.key: entry for group in frame.groups for entry in group.items}
        frame.bottom = [
            *(daily[key] for key in ("mine", "unassigned", "customer-replied") if key in daily),
            menu_item("search", _("Search"), "/desk/search", "search"),
        ]
    elif can(ctx.actor, Permission.PROVIDER_READ):
        frame.groups, frame.home_href = (
            [MenuGroup("", [menu_item("admin", _("Administration"), "/admin", "settings")])],
            "/admin",
        )
    if build_actor(ctx, ctx.person, Side.CONTACT).memberships:
        frame.switch_to = MenuItem("portal", _("Switch to the portal"), "/")


QUEUE_ICONS = {
    "mine": "user",
    "unassigned": "inbox",
    "new": "s-new",
    "customer-replied": "chat",
    "waiting": "s-waiting",
    "on-hold": "s-on_hold",
    "escalated": "escalate",
    "resolved": "s-resolved",
    "recently-closed": "s-closed",
    "all": "list",
}


def desk_groups(ctx: Context, numbers: Mapping[str, int], pinned: Sequence[PinnedView]) -> list[MenuGroup]:
    """The desk's rail: the queues and the reader's saved views with their counts, the clients, the way to
    administration."""
    inside = request.args.get("view", "") if request.path.startswith("/desk/cases/") else ""
    queues = []
    for view in views():
        added = added_view(view)
        entry = menu_item(view, view_label(view), f"/desk/queue/{view}", added.icon if added else QUEUE_ICONS[view])
        entry.tone = added.tone if added else ""
        # Empty, not absent: an open page fills it later.
        entry.count = (count_text(numbers[view]) or "") if view in numbers else None
        entry.current = entry.current or inside == view
        queues.append(entry)
    saved = [saved_view_item(view, numbers) for view in pinned]
    if any(entry.current for entry in saved):
        for entry in queues:
            entry.current = False
    groups = [MenuGroup(_("Queues"), queues), *([MenuGroup(_("Views"), saved, live="pinned=1")] if saved else [])]
    groups += item_groups(ctx, DESK_GROUPS, numbers)
    if can(ctx.actor, Permission.PROVIDER_READ):
        groups.append(MenuGroup("", [menu_item("admin", _("Administration"), "/admin", "settings")]))
    return groups


def saved_view_item(view: PinnedView, numbers: Mapping[str, int]) -> MenuItem:
    """The entry of a saved view; without a count where it searches for words."""
    count = (count_text(numbers[view.key]) or "") if view.key in numbers else None
    return MenuItem(view.key, view.name, f"/desk/views/{view.id}", "star", count=count, current=is_on_saved(view))


def admin_groups(ctx: Context) -> list[MenuGroup]:
    """The navigation of the administration, for people who may read it."""
    if not can(ctx.actor, Permission.PROVIDER_READ):
        return []
    overview = MenuItem("overview", _("Overview"), "/admin", "home", current=request.path == "/admin")
    groups = [MenuGroup("", [overview]), *item_groups(ctx, ADMIN_GROUPS)]
    if can(ctx.actor, Permission.DESK_USE):
        groups.append(MenuGroup("", [menu_item("desk", _("Desk"), "/desk", "inbox")]))
    return groups
