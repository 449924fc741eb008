"""Non-interference: what happens where somebody may not look changes not one byte of what they are shown.

This holds for words, and for everything that could count, sort, hint or suggest: chips, bells, rails, pages, pickers.
"""

import datetime as dt

import pytest

from portal.authz.roles import ContactRole
from portal.cases.actions import conversation, desk, resolution
from portal.knowledge.queries.reading import categories
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import environments as environment_actions
from portal.tenants.models import Account, Organization
from tests.isolation.visits import difference, visit
from tests.support import help_articles

pytestmark = pytest.mark.slow

PORTAL = (
    "/",
    "/cases",
    "/cases?tab=shared&status=any",
    "/cases?tab=cc&status=any",
    "/cases?tab=all&status=any",
    "/cases?tab=my&status=any",
    "/cases?tab=waiting",
    "/cases.csv?tab=shared&status=any",
    "/cases.csv?q=printer&status=any",
    "/cases?q=printer&status=any&tab=all",
    "/search?q=printer",
    "/search?q=1",
    "/new",
    "/new/outage",
    "/new/outage/alike?subject=printer",
    "/new/outage?account=ACME",
    "/notifications",
    "/announcements",
    "/community",
    "/support",
    "/help",
    "/help?q=printer",
    "/me",
    "/org/acme",
    "/org/acme/people",
    "/org/acme/access",
    "/org/acme/environments",
    "/org/acme/sharing",
    "/org/acme/audit",
    "/org/acme/audit/export",
    "/org/acme/audit/sign-ins",
    "/org/acme/audit/sign-ins/export",
    "/org/globex",
    "/org/globex/people",
    "/org/globex/access",
)
DESK = (
    "/desk/replies",
    "/desk/help",
    "/desk/help?q=printer",
    "/desk/queue/mine",
    "/desk/queue/all",
    "/desk/queue/unassigned",
    "/desk/queue/waiting",
    "/desk/queue/escalated",
    "/desk/queue/resolved",
    "/desk/queue/recently-closed",
    "/desk/queue/all?q=printer",
    "/desk/queue/all?status=any&group=account&columns=number,who,by,type,environment,owner",
    "/desk/queue/all/cases.csv?status=any",
    "/desk/search?q=printer",
    "/desk/search?q=a",
    "/desk/accounts",
    "/desk/reports/sla",
    "/desk/accounts/GLOBEX",
    "/desk/announcements",
    "/desk/community",
    "/desk/new",
    "/desk/new?account=GLOBEX",
    "/notifications",
    "/desk/bulk",
)
CASE = ("", "/print", "/replies", "/sharing", "/people", "/exclusions", "/close", "/mute")


def snapshot(browser, who, paths):
    return {path: visit(who, path, browser.get(path, checked=False)).same() for path in paths}


def live_elsewhere(world, account, by, contact, staff):
    """A full life of a private case for *contact* in *account*, full of words that lists would find."""
    case = world.open_case(
        by, account=account, contact=contact, subject="The printer is down", visibility="private", severity=1
    )
    ctx = world.ctx(staff, "staff")
    desk.take(ctx, case)
    conversation.note(ctx, case, body="printer: a note")
    desk.ask(ctx, case, question="Which printer?")
    conversation.reply(world.ctx(contact or by, "contact"), case, body="The printer on the left", cc=[])
    desk.escalate(ctx, case, tier=3, note="printer")
    resolution.resolve(ctx, case, solution="printer replaced")
    other = world.open_case(
        by, account=account, contact=contact, subject="Another printer", visibility="private", severity=1
    )
    desk.hold(ctx, other, reason="printer", until=ctx.now + dt.timedelta(days=1))


def write_help(world, client, admin):
    """A help article for one client."""
    ctx = world.ctx(admin)
    row = ctx.session.get_one(Organization, client)
    there = categories(ctx)
    category = there[0] if there else help_articles.add_category(ctx, "Printer help")
    help_articles.add_article(
        ctx, category, "The printer", body="printer", audience="organizations", organizations=[row]
    )


def acme(world):
    live_elsewhere(world, "ACME", "ana", "jan", "ana")


def help_for_acme(world):
    write_help(world, world.organizations["Acme"].id, "ada")


def southgate(world):
    live_elsewhere(world, "ACME", "rob", "", "sam")
    write_help(world, world.southgate.accounts["ACME"].organization_id, "sue")


def globex(world):
    """New people, a new account and new cases at the other client."""
    live_elsewhere(world, "GLOBEX", "gina", "", "ana")
    write_help(world, world.organizations["Globex"].id, "ada")
    system = world.system()
    organization = system.session.get(Organization, world.organizations["Globex"].id)
    account = account_actions.add_account(system, organization, key="PRINTER", name="Printer plant")
    environment_actions.add_environment(system, account, name="Printer hall")
    contact_actions.add_contact_by_email(
        system,
        organization,
        name="Anna Printer",
        email="printer@globex.example",
        invite=False,
        grants=[contact_actions.Grant(account.id, None, ContactRole.MEMBER)],
    )
    assert system.session.get(Account, account.id)


ADMINISTRATION = (
    "/admin",
    "/admin/replies",
    "/admin/organizations",
    "/admin/accounts",
    "/admin/staff",
    "/admin/mail",
    "/admin/jobs",
    "/admin/security",
    "/admin/request-types",
)


def looked_at(world, who, own, there):
    """What *who* looks at: lists, counts, pickers, and the case that is theirs."""
    case = own if who in ("rita", "mel", "cora", "olga") else there if who in ("gil", "gina") else None
    lists = PORTAL if world.person(who).staff_id is None else (*DESK, *(ADMINISTRATION if who == "ada" else ()))
    return [*lists, *(f"/cases/{case.key}{end}" for end in CASE if case)]


@pytest.mark.parametrize(
    ("people", "elsewhere"),
    [
        (("rita", "mel", "cora", "olga", "piotr"), (acme, southgate, globex)),
        (("gil", "gina", "tom"), (acme, help_for_acme, southgate)),
        (("ana", "ada"), (southgate,)),
        (("rob", "sam"), (acme, help_for_acme, globex)),
    ],
    ids=["acme", "globex", "northwind", "southgate"],
)
def test_what_happens_elsewhere_changes_no_byte(world, as_user, run_outbox, still_clock, people, elsewhere):
    own = world.open_case("rita", subject="My printer", visibility="shared")
    world.answer(own, "We know that printer.")
    there = world.open_case("gil", subject="My printer too", visibility="shared")
    help_articles.add_category(world.ctx("ada"), "Printer help")  # all staff may know the categories
    run_outbox()
    paths = {who: looked_at(world, who, own, there) for who in people}
    before = {}
    for who in people:
        snapshot(as_user(who), who, paths[who][-1:])  # what looking at a case marks as read is marked now
    for who in people:
        before[who] = snapshot(as_user(who), who, paths[who])

    for happens in elsewhere:
        happens(world)
    run_outbox()

    for who in people:
        after = snapshot(as_user(who), who, paths[who])
        changed = [path for path in paths[who] if before[who][path] != after[path]]
        assert not changed, f"{who} {changed[0]}: {difference(before[who][changed[0]], after[changed[0]])}"
        assert sum("200 " in text[:4] for text in before[who].values()) > len(paths[who]) // 3


@pytest.mark.parametrize("who", ["rita", "mel"])
def test_a_note_changes_no_byte_for_the_customer(world, as_user, run_outbox, still_clock, who):
    """Not only its words: also that there is one. (The version a form carries moves, and means nothing to a reader.)"""
    case = world.open_case("rita", subject="My printer", visibility="shared")
    world.answer(case, "We know that printer.")
    run_outbox()
    browser = as_user(who)
    paths = [*PORTAL, *(f"/cases/{case.key}{end}" for end in CASE)]
    snapshot(browser, who, [f"/cases/{case.key}"])
    before = snapshot(browser, who, paths)

    staged = world.stage(by="ana", name="note.txt").id
    conversation.note(world.ctx("ana"), case, body="Between us", staged=[staged])
    desk.escalate(world.ctx("ana"), case, tier=3, note="Between us too")
    run_outbox()

    after = snapshot(browser, who, paths)
    changed = [path for path in paths if before[path] != after[path]]
    assert not changed, difference(before[changed[0]], after[changed[0]])
