"""FEATURES N15 and 2.6, DESIGN 2: an announcement is seen by those whom it reaches, and leaves no trace elsewhere.

One scope: the list, the page, the banner, the menu, the calendar file and the people who are told agree, for everybody.
"""

import uuid

import pytest
from sqlalchemy import select

from portal.announcements import queries
from portal.announcements.models import Announcement
from portal.announcements.policies import visible_announcements
from portal.authz.roles import ContactRole
from portal.identity.models import User
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions.contacts import Grant
from portal.tenants.models import Account, Contact, Organization
from tests.isolation.visits import visit

CONTACTS = ("rita", "mel", "cora", "olga", "piotr", "jan", "gil", "gina")
# By what an announcement is for: who reads it.
READERS = {
    "everybody": set(CONTACTS),
    "ACME": {"rita", "mel", "cora", "olga", "jan"},
    "ACMEPL": {"cora", "olga", "piotr"},
    "GLOBEX": {"gil", "gina"},
    "ACME Test": {"rita", "mel", "cora", "olga", "jan"},
    "GLOBEX Production": {"gina"},
    "colocation": {"rita", "mel", "cora", "olga", "jan"},
}
NOWHERE = uuid.UUID("01890000-0000-7000-8000-00000000dead")


@pytest.fixture
def announced(world, announce):
    """One announcement for each of READERS. Gil has only the test environment of Globex; Acme bought colocation."""
    narrow = Grant(world.globex.id, world.environments["GLOBEX", "Test"].id, ContactRole.MEMBER)
    contact_actions.change_access(world.system(), world.row(Contact, world.gil.contact_id), grants=[narrow])
    return {
        "everybody": announce("All of them"),
        "ACME": announce("Words for Acme", accounts=["ACME"]),
        "ACMEPL": announce("Words for Polska", accounts=["ACMEPL"]),
        "GLOBEX": announce("Words for Globex", accounts=["GLOBEX"], kind="maintenance"),
        "ACME Test": announce("Words for the test of Acme", environments=[("ACME", "Test")]),
        "GLOBEX Production": announce("Words for production", environments=[("GLOBEX", "Production")]),
        "colocation": announce("Words for a service", services=["colocation"]),
    }


def test_2_6_the_list_and_the_pages_are_for_those_whom_it_reaches(world, as_user, announced):
    for who in CONTACTS:
        if who == "jan":  # cannot sign in
            continue
        listed = as_user(who).get("/announcements").text
        for name, row in announced.items():
            answer = as_user(who).get(f"/announcements/{row.id}", checked=False)
            reads = who in READERS[name]
            assert answer.status_code == (200 if reads else 404), (who, name)
            assert (row.title in listed) == reads, (who, name)


def test_2_6_a_foreign_one_is_answered_like_a_missing_one(world, as_user, announced):
    for suffix in ("", "/calendar.ics"):
        foreign = as_user("rita").get(f"/announcements/{announced['GLOBEX'].id}{suffix}", checked=False)
        missing = as_user("rita").get(f"/announcements/{NOWHERE}{suffix}", checked=False)
        assert foreign.status_code == missing.status_code == 404
        assert "Words for Globex" not in foreign.text
        said = visit("rita", f"/announcements/{announced['GLOBEX'].id}", foreign).same()
        assert said == visit("rita", f"/announcements/{NOWHERE}", missing).same()


def test_2_6_the_banner_stands_where_it_hits(world, as_user, announced):
    home, form = as_user("rita").get("/").text, as_user("rita").get("/new/outage").text
    for page in (home, form):
        assert "Words for Acme" in page
        assert "Words for Globex" not in page
        assert "Words for Polska" not in page
    assert "We know about this:" in form
    # The form of one account shows what affects that account.
    assert "Words for Polska" in as_user("cora").get("/new/outage?account=ACMEPL").text
    assert "Words for Acme" not in as_user("cora").get("/new/outage?account=ACMEPL").text


def test_2_6_planned_work_is_no_banner(world, as_user, announced):
    assert "Words for Globex" not in as_user("gina").get("/").text
    assert "Words for Globex" in as_user("gina").get("/announcements").text


def test_2_6_nobody_reads_a_draft(world, as_user, announce):
    row = announce("Not yet", state="draft")
    assert as_user("rita").get(f"/announcements/{row.id}", checked=False).status_code == 404
    assert "Not yet" not in as_user("rita").get("/announcements").text
    assert "/announcements" not in as_user("rita").get("/").text


def test_2_6_the_menu_names_what_is_there(world, as_user, announce):
    assert 'href="/announcements"' not in as_user("gil").get("/").text
    announce("Words for Acme", accounts=["ACME"])
    assert 'href="/announcements"' not in as_user("gil").get("/").text
    assert 'href="/announcements"' in as_user("rita").get("/").text


def test_2_6_whoever_is_told_is_whoever_may_read(world, announced):
    """The inverse question, asked from the announcement, has the same answer as the scope, for everybody."""
    ctx = world.system()
    names = {world.person(who).id: who for who in CONTACTS}
    for name, row in announced.items():
        reach = queries.reach_of(ctx, world.row(Announcement, row))
        reached = {names[user.id] for user, _actor in queries.reached_people(ctx, reach)}
        assert reached == READERS[name], name
        readers = {
            who
            for who in CONTACTS
            if world.ctx(who, "contact")
            .session.scalars(
                visible_announcements(world.ctx(who, "contact").actor)
                .where(Announcement.id == row.id)
                .with_only_columns(Announcement.id)
            )
            .all()
        }
        assert readers == READERS[name], name


def test_2_6_row_level_security_alone_keeps_a_foreign_organization_out(world, announced):
    """Wall c with wall a removed."""
    seen = set(world.ctx("gil", "contact").session.scalars(select(Announcement.title)))
    assert "Words for Acme" not in seen
    assert "Words for the test of Acme" not in seen
    assert "Words for a service" not in seen
    assert {"All of them", "Words for Globex"} <= seen
    south = set(world.ctx("rob", "contact").session.scalars(select(Announcement.title)))
    assert not south


def test_2_6_customers_read_only_their_own_places(world, as_user, announce):
    row = announce("Both", accounts=["ACME", "GLOBEX"])
    page = as_user("rita").get(f"/announcements/{row.id}").text
    assert "Globex" not in page
    assert world.row(Account, world.acme).name in page


def test_2_6_staff_see_those_of_their_accounts(world, as_user, announced):
    page = as_user("tom").get("/desk/announcements").text
    assert "Words for Globex" in page
    assert "All of them" in page
    assert "Words for Acme" not in page
    assert as_user("tom").get(f"/desk/announcements/{announced['ACME'].id}", checked=False).status_code == 404
    assert "Words for Acme" in as_user("ana").get("/desk/announcements").text


def test_2_6_a_person_of_two_organizations_is_reached_through_one(world, announce):
    jan = world.row(User, world.jan)
    contact_actions.add_contact(
        world.system(),
        world.row(Organization, world.organizations["Globex"]),
        jan,
        grants=[Grant(world.globex.id, None, ContactRole.MEMBER)],
    )
    row = announce("All of them")
    reach = queries.reach_of(world.system(), row)
    ctx = world.system()
    everybody = [user.id for user, _a in queries.reached_people(ctx, reach)]
    by_organization = [
        user.id
        for organization in queries.reached_organizations(ctx, reach)
        for user, _a in queries.reached_people(ctx, reach, organization.id)
    ]
    assert sorted(everybody) == sorted(by_organization)
    assert len(set(by_organization)) == len(by_organization)
