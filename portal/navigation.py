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
from portal.kernel.context import Context
from portal.kernel.counting import counts
from portal.notifications.queries import BELL, bell_text, unread
from portal.tenants.queries.actors import actor, has_desk
from portal.web.shell import Group, Item, Shell


def furnish(ctx: Context, shell: Shell) -> None:
    """Put the menus of the current surface into *shell*."""
    on_portal = shell.surface == "portal"
    on_desk = shell.surface == "desk" and can(ctx.actor, Permission.DESK_USE)
    queues = tuple(view for view in views() if view in COUNTED or added_view(view)) if on_desk else ()
    # The numbers of the frame, one statement: the bell, and what waits.
    found = counts(
        ctx,
        ("frame", on_portal, queues),
        lambda: {
            "bell": unread(ctx),
            **({"waiting": waiting_count(ctx)} if on_portal else {}),
            **{view: view_count(ctx, view) for view in queues},
        },
    )
    ctx.notes[BELL] = found.pop("bell")
    shell.bell_count = bell_text(ctx.notes[BELL])
    if on_portal:
        portal_menu(ctx, shell, found["waiting"])
    else:
        desk_menu(ctx, shell, found)


def here(href: str) -> bool:
    """Whether the current page lies under *href*."""
    return request.path == href or (href not in ("/", "/desk", "/admin") and request.path.startswith(f"{href}/"))


def item(key: str, label: str, href: str, icon: str = "", count: int | None = None) -> Item:
    return Item(key, label, href, icon, count=count, current=here(href.partition("?")[0]))


def portal_menu(ctx: Context, shell: Shell, waiting: int) -> None:
    """The client's header, and the bar at the bottom of a phone."""
    cases = item("cases", _("Cases"), "/cases", "list", waiting or None)
    shell.nav = [item("home", _("Home"), "/", "home"), cases]
    administered = {row.organization_id for row in ctx.actor.access if row.role == "organization_admin"}
    for membership in ctx.actor.memberships.values():
        if membership.organization_id in administered:
            label = _("Organization") if len(administered) == 1 else membership.name
            shell.nav.append(item("organization", label, f"/org/{membership.slug}", "users"))
    shell.nav.append(item("support", _("Support"), "/support", "help"))
    shell.search_href, shell.search_label = "/search", _("Search")
    if can(ctx.actor, Permission.CASE_OPEN):
        shell.open_case_href = "/new"
    shell.bottom = [
        item("home", _("Home"), "/", "home"),
        cases,
        *([item("open", _("Open case"), "/new", "plus")] if shell.open_case_href else []),
        item("support", _("Support"), "/support", "help"),
    ]
    if has_desk(ctx, ctx.person):
        shell.switch_to = Item("desk", _("Switch to the desk"), "/desk")


def desk_menu(ctx: Context, shell: Shell, numbers: Mapping[str, int]) -> None:
    """The rail of desk and administration."""
    if shell.surface == "admin":
        shell.groups, shell.home_href = admin_groups(ctx), "/admin"
    elif can(ctx.actor, Permission.DESK_USE):
        shell.groups, shell.home_href = desk_groups(ctx, numbers), "/desk"
        shell.search_href, shell.search_label = "/desk/search", _("Search or jump to…")
        if can(ctx.actor, Permission.CASE_OPEN_FOR_OTHERS):
            shell.open_case_href = "/desk/new"
        daily = {entry.key: entry for group in shell.groups for entry in group.items}
        shell.bottom = [
            *(daily[key] for key in ("mine", "unassigned", "customer-replied") if key in daily),
            item("search", _("Search"), "/desk/search", "search"),
        ]
    elif can(ctx.actor, Permission.PROVIDER_READ):
        shell.groups, shell.home_href = (
            [Group("", [item("admin", _("Administration"), "/admin", "settings")])],
            "/admin",
        )
    if actor(ctx, ctx.person, Side.CONTACT).memberships:
        shell.switch_to = Item("portal", _("Switch to the portal"), "/")


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


def desk_groups(ctx: Context, numbers: Mapping[str, int]) -> list[Group]:
    """The desk's rail: the queues with their counts, the clients, the way to administration."""
    inside = request.args.get("view", "") if request.path.startswith("/desk/cases/") else ""
    queues = []
    for view in views():
        added = added_view(view)
        entry = item(view, view_label(view), f"/desk/queue/{view}", added.icon if added else QUEUE_ICONS[view])
        entry.tone = added.tone if added else ""
        number = numbers.get(view)
        entry.count = f"{COUNT_LIMIT - 1}+" if number and number >= COUNT_LIMIT else number or None
        entry.current = entry.current or inside == view
        queues.append(entry)
    work = [
        item("monitor", _("Monitor"), "/desk/monitor", "clock"),
        item("escalations", _("Escalations"), "/desk/escalations", "escalate"),
        item("accounts", _("Accounts"), "/desk/accounts", "building"),
        item("surveys", _("Surveys"), "/desk/surveys", "star"),
        item("reports", _("Reports"), "/desk/reports/sla", "chart"),
    ]
    work[-1].current = request.path.startswith("/desk/reports/")
    groups = [Group(_("Queues"), queues), Group("", work)]
    if can(ctx.actor, Permission.PROVIDER_READ):
        groups.append(Group("", [item("admin", _("Administration"), "/admin", "settings")]))
    return groups


def admin_groups(ctx: Context) -> list[Group]:
    """The administration's rail, for whoever may read it."""
    if not can(ctx.actor, Permission.PROVIDER_READ):
        return []
    overview = Item("overview", _("Overview"), "/admin", "home", current=request.path == "/admin")
    records = [
        *([item("mail", _("Mail"), "/admin/mail", "mail")] if can(ctx.actor, Permission.MAIL_SEE) else []),
        *([item("jobs", _("Jobs"), "/admin/jobs", "refresh")] if can(ctx.actor, Permission.PROVIDER_CONFIGURE) else []),
    ]
    groups = [
        Group("", [overview]),
        Group(
            _("Clients"),
            [
                item("organizations", _("Organizations"), "/admin/organizations", "building"),
                item("accounts", _("Accounts"), "/admin/accounts", "briefcase"),
                item("environments", _("Environments"), "/admin/environments", "globe"),
            ],
        ),
        Group(
            _("Team"),
            [
                item("staff", _("Staff"), "/admin/staff", "users"),
                item("departments", _("Departments"), "/admin/departments", "merge"),
                item("roles", _("Roles"), "/admin/roles", "key"),
            ],
        ),
        Group(
            _("Case design"),
            [
                item("request-types", _("Request types"), "/admin/request-types", "list"),
                item("severity", _("Severity"), "/admin/severity", "sev-2"),
                item("statuses", _("Statuses"), "/admin/statuses", "s-in_progress"),
                item("services", _("Services"), "/admin/services", "tag"),
            ],
        ),
        Group(
            _("Promises"),
            [
                item("sla-policies", _("SLA policies"), "/admin/sla-policies", "clock"),
                item("calendars", _("Support hours"), "/admin/calendars", "s-on_hold"),
                item("escalation-rules", _("Escalation rules"), "/admin/escalation-rules", "escalate"),
            ],
        ),
        Group(_("Voice"), [item("surveys", _("Surveys"), "/admin/surveys", "star")]),
        Group(
            _("House"),
            [
                item("settings", _("Settings"), "/admin/settings", "settings"),
                item("branding", _("Branding"), "/admin/branding", "image"),
                item("languages", _("Languages and words"), "/admin/languages", "globe"),
                *records,
            ],
        ),
    ]
    if can(ctx.actor, Permission.DESK_USE):
        groups.append(Group("", [item("desk", _("Desk"), "/desk", "inbox")]))
    return groups
