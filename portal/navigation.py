"""Which menus lead where: one page for all surfaces. Items that a person cannot use are absent, not greyed (ux.md
1.5)."""

from collections.abc import Mapping

from flask import request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.pages.queue_trail import view_label
from portal.cases.queries.lists import COUNT_LIMIT, added_view, view_count, views, waiting_count
from portal.kernel.actor import Side
from portal.kernel.bounded_counts import fetch_counts
from portal.kernel.context import Context
from portal.notifications.queries import bell_text, unread
from portal.tenants.queries.actors import build_actor, has_desk
from portal.web.page_frame import MenuGroup, MenuItem, PageFrame


def fill_menus(ctx: Context, frame: PageFrame) -> None:
    """Put the menus of the current surface into *frame*."""
    on_portal = frame.surface == "portal"
    on_desk = frame.surface == "desk" and can(ctx.actor, Permission.DESK_USE)
    queues = tuple(view for view in views() if view in COUNTED or added_view(view)) if on_desk else ()
    # The numbers of the frame, one statement: the bell, and what waits.
    found = fetch_counts(
        ctx,
        ("frame", on_portal, queues),
        lambda: {
            "bell": unread(ctx),
            **({"waiting": waiting_count(ctx)} if on_portal else {}),
            **{view: view_count(ctx, view) for view in queues},
        },
    )
    frame.unread = found.pop("bell")
    frame.bell_count = bell_text(frame.unread)
    if on_portal:
        portal_menu(ctx, frame, found["waiting"])
    else:
        desk_menu(ctx, frame, found)


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
    frame.nav.append(menu_item("support", _("Support"), "/support", "help"))
    frame.search_href, frame.search_label = "/search", _("Search")
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


def desk_menu(ctx: Context, frame: PageFrame, numbers: Mapping[str, int]) -> None:
    """The rail of desk and administration."""
    if frame.surface == "admin":
        frame.groups, frame.home_href = admin_groups(ctx), "/admin"
    elif can(ctx.actor, Permission.DESK_USE):
        frame.groups, frame.home_href = desk_groups(ctx, numbers), "/desk"
        frame.search_href, frame.search_label = "/desk/search", _("Search or jump to…")
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
COUNTED = ("mine", "unassigned", "new", "customer-replied", "waiting", "on-hold", "escalated")


def desk_groups(ctx: Context, numbers: Mapping[str, int]) -> list[MenuGroup]:
    """The desk's rail: the queues with their counts, the clients, the way to administration."""
    inside = request.args.get("view", "") if request.path.startswith("/desk/cases/") else ""
    queues = []
    for view in views():
        added = added_view(view)
        entry = menu_item(view, view_label(view), f"/desk/queue/{view}", added.icon if added else QUEUE_ICONS[view])
        entry.tone = added.tone if added else ""
        number = numbers.get(view)
        entry.count = f"{COUNT_LIMIT - 1}+" if number and number >= COUNT_LIMIT else number or None
        entry.current = entry.current or inside == view
        queues.append(entry)
    work = [
        menu_item("monitor", _("Monitor"), "/desk/monitor", "clock"),
        menu_item("escalations", _("Escalations"), "/desk/escalations", "escalate"),
        menu_item("accounts", _("Accounts"), "/desk/accounts", "building"),
        menu_item("surveys", _("Surveys"), "/desk/surveys", "star"),
        menu_item("reports", _("Reports"), "/desk/reports/sla", "chart"),
    ]
    work[-1].current = request.path.startswith("/desk/reports/")
    groups = [MenuGroup(_("Queues"), queues), MenuGroup("", work)]
    if can(ctx.actor, Permission.PROVIDER_READ):
        groups.append(MenuGroup("", [menu_item("admin", _("Administration"), "/admin", "settings")]))
    return groups


def admin_groups(ctx: Context) -> list[MenuGroup]:
    """The administration's rail, for whoever may read it."""
    if not can(ctx.actor, Permission.PROVIDER_READ):
        return []
    overview = MenuItem("overview", _("Overview"), "/admin", "home", current=request.path == "/admin")
    records = [
        *([menu_item("mail", _("Mail"), "/admin/mail", "mail")] if can(ctx.actor, Permission.MAIL_SEE) else []),
        *(
            [menu_item("jobs", _("Jobs"), "/admin/jobs", "refresh")]
            if can(ctx.actor, Permission.PROVIDER_CONFIGURE)
            else []
        ),
    ]
    groups = [
        MenuGroup("", [overview]),
        MenuGroup(
            _("Clients"),
            [
                menu_item("organizations", _("Organizations"), "/admin/organizations", "building"),
                menu_item("accounts", _("Accounts"), "/admin/accounts", "briefcase"),
                menu_item("environments", _("Environments"), "/admin/environments", "globe"),
            ],
        ),
        MenuGroup(
            _("Team"),
            [
                menu_item("staff", _("Staff"), "/admin/staff", "users"),
                menu_item("departments", _("Departments"), "/admin/departments", "merge"),
                menu_item("roles", _("Roles"), "/admin/roles", "key"),
            ],
        ),
        MenuGroup(
            _("Case design"),
            [
                menu_item("request-types", _("Request types"), "/admin/request-types", "list"),
                menu_item("severity", _("Severity"), "/admin/severity", "sev-2"),
                menu_item("statuses", _("Statuses"), "/admin/statuses", "s-in_progress"),
                menu_item("services", _("Services"), "/admin/services", "tag"),
            ],
        ),
        MenuGroup(
            _("Promises"),
            [
                menu_item("sla-policies", _("SLA policies"), "/admin/sla-policies", "clock"),
                menu_item("calendars", _("Support hours"), "/admin/calendars", "s-on_hold"),
                menu_item("escalation-rules", _("Escalation rules"), "/admin/escalation-rules", "escalate"),
            ],
        ),
        MenuGroup(_("Voice"), [menu_item("surveys", _("Surveys"), "/admin/surveys", "star")]),
        MenuGroup(
            _("House"),
            [
                menu_item("settings", _("Settings"), "/admin/settings", "settings"),
                menu_item("branding", _("Branding"), "/admin/branding", "image"),
                menu_item("languages", _("Languages and words"), "/admin/languages", "globe"),
                *records,
            ],
        ),
    ]
    if can(ctx.actor, Permission.DESK_USE):
        groups.append(MenuGroup("", [menu_item("desk", _("Desk"), "/desk", "inbox")]))
    return groups
