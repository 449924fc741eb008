"""Which menus lead where: one page for all surfaces. Items that a person cannot use are absent, not greyed (ux.md 1.5)."""

from flask import request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.queries.lists import waiting_for_me
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.notifications.queries import bell_text, unread_count
from portal.tenants.queries.actors import actor, has_desk
from portal.web.shell import Group, Item, Shell


def furnish(ctx: Context, shell: Shell) -> None:
    """Put the menus of the current surface into *shell*."""
    shell.bell_count = bell_text(unread_count(ctx))
    if shell.surface == "portal":
        portal_menu(ctx, shell)
    else:
        desk_menu(ctx, shell)


def here(href: str) -> bool:
    """Whether the current page lies under *href*."""
    return request.path == href or (href not in ("/", "/desk", "/admin") and request.path.startswith(f"{href}/"))


def item(key: str, label: str, href: str, icon: str = "", count: int | None = None) -> Item:
    return Item(key, label, href, icon, count=count, current=here(href.partition("?")[0]))


def portal_menu(ctx: Context, shell: Shell) -> None:
    """The client's header, and the bar at the bottom of a phone."""
    waiting = waiting_for_me(ctx)
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
        item("home", _("Home"), "/", "home"), cases,
        *([item("open", _("Open case"), "/new", "plus")] if shell.open_case_href else []),
        item("support", _("Support"), "/support", "help"),
    ]
    if has_desk(ctx, ctx.person):
        shell.switch_to = Item("desk", _("Switch to the desk"), "/desk")


def desk_menu(ctx: Context, shell: Shell) -> None:
    """The rail of desk and administration."""
    if shell.surface == "admin":
        shell.groups, shell.home_href = admin_groups(ctx), "/admin"
    if actor(ctx, ctx.person, Side.CONTACT).memberships:
        shell.switch_to = Item("portal", _("Switch to the portal"), "/")


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
        Group(_("Clients"), [
            item("organizations", _("Organizations"), "/admin/organizations", "building"),
            item("accounts", _("Accounts"), "/admin/accounts", "briefcase"),
            item("environments", _("Environments"), "/admin/environments", "globe"),
        ]),
        Group(_("Team"), [
            item("staff", _("Staff"), "/admin/staff", "users"),
            item("departments", _("Departments"), "/admin/departments", "merge"),
            item("roles", _("Roles"), "/admin/roles", "key"),
        ]),
        Group(_("Case design"), [
            item("request-types", _("Request types"), "/admin/request-types", "list"),
            item("severity", _("Severity"), "/admin/severity", "sev-2"),
            item("services", _("Services"), "/admin/services", "tag"),
        ]),
        Group(_("House"), [item("settings", _("Settings"), "/admin/settings", "settings"), *records]),
    ]
    if can(ctx.actor, Permission.DESK_USE):
        groups.append(Group("", [item("desk", _("Desk"), "/desk", "inbox")]))
    return groups
