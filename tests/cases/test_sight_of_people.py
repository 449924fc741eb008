"""Who sees what, for the administrator of a client: the reasons, and no hole where the administrator is excluded."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries import sight_of_people as queries
from portal.cases.queries.lists import Filters, tab_page
from portal.tenants.actions.organizations import change_organization
from portal.tenants.actions.reporting_lines import set_manager
from portal.tenants.models import Contact, Organization
from portal.tenants.queries.contacts import contact

ACME = ("rita", "jan", "mel", "cora", "olga", "piotr")


def acme(world):
    return world.row(Organization, world.organizations["Acme"].id)


def rules(world, **values):
    change_organization(world.ctx("ada"), acme(world), **values)


def cell(page, name, label):
    """The words of the cell *label* in the row of *name*."""
    row = next(row for row in page.all("tr") if name in row.text)
    return next(
        " ".join(one.text.split()).replace(" ,", ",") for one in row.all("td") if one.get("data-label") == label
    )


def test_each_cell_says_why(world, as_user):
    page = as_user("olga").get("/org/acme/access").page
    assert "no, requesters see only their own cases here" in cell(page, "Rita Costa", "Shared cases")
    assert "yes, by the role Member" in cell(page, "Mel Harper", "Shared cases")
    assert "no, administrators do not see private cases here" in cell(page, "Olga Brandt", "Private cases")
    assert "no, managers see no more than others here" in cell(page, "Mel Harper", "Cases of their people")
    rules(world, requesters_see_shared=True, admins_see_private=True, managers_see="line")
    set_manager(world.ctx("ada"), world.row(Contact, world.rita.contact_id), world.mel.contact_id)
    page = as_user("olga").get("/org/acme/access").page
    assert "yes, requesters see shared cases here" in cell(page, "Rita Costa", "Shared cases")
    assert "yes, administrators see private cases here" in cell(page, "Olga Brandt", "Private cases")
    assert "yes, as the manager of 1 person" in cell(page, "Mel Harper", "Cases of their people")
    assert "no, nobody reports to them" in cell(page, "Cora Whitfield", "Cases of their people")


@pytest.mark.parametrize("who", ("rita", "mel", "cora"))
def test_only_administrators_look(world, as_user, who):
    assert as_user(who).get("/org/acme/access").status_code == 403
    assert as_user(who).get(f"/org/acme/access/{world.rita.contact_id}").status_code == 403


def test_nobody_of_another_client_is_shown(world, as_user):
    assert as_user("gina").get("/org/acme/access").status_code == 404
    assert as_user("olga").get(f"/org/acme/access/{world.gil.contact_id}").status_code == 404


def test_the_page_of_a_person_names_the_rule_of_each_case(world, as_user):
    shared = world.open_case("mel", subject="Shared with all", visibility="shared")
    secret = world.open_case("mel", subject="Private matter", visibility="private")
    page = as_user("olga").get(f"/org/acme/access/{world.cora.contact_id}").page
    assert "Shared with all" in page.text and "the case is shared in Acme" in page.text
    assert "Private matter" not in page.text
    # Mel sees both; Olga sees one, and nothing tells of the other.
    page = as_user("olga").get(f"/org/acme/access/{world.mel.contact_id}").page
    assert shared.key in page.text and secret.key not in page.text
    rules(world, admins_see_private=True)
    page = as_user("olga").get(f"/org/acme/access/{world.mel.contact_id}").page
    assert secret.key in page.text and "opened the case" in page.text


def test_an_excluded_administrator_finds_no_hole(world, as_user):
    """The whole answer is what it would be if the case did not exist: lists, counts, pages, files, search."""
    rules(world, admins_see_private=True)
    for n in range(3):
        world.open_case("rita", subject=f"Printer {n}", visibility="shared")
    set_manager(world.ctx("ada"), world.row(Contact, world.rita.contact_id), world.olga.contact_id)
    rules(world, managers_see="line")
    addresses = (
        f"/org/acme/access/{world.rita.contact_id}",
        "/org/acme/access",
        "/org/acme",
        f"/org/acme/people/{world.rita.contact_id}",
        "/cases?tab=all&status=any",
        "/cases?tab=shared&status=any",
        "/cases.csv?tab=all&status=any",
        "/cases?tab=all&status=any&q=printer",
        "/search?q=printer",
        "/",
    )
    before = {address: said(as_user("olga").get(address)) for address in addresses}
    hidden = world.open_case("rita", subject="Printer of the dismissal", visibility="shared")
    world.exclude(hidden, "olga")
    after = {address: said(as_user("olga").get(address)) for address in addresses}
    for address in addresses:
        assert after[address] == before[address], address
    assert as_user("olga").get(f"/cases/{hidden.key}").status_code == 404
    # The comparison would notice the case: who is not excluded sees another list.
    assert hidden.key in as_user("mel").get("/cases?tab=shared&status=any").text


def said(answer):
    """What an answer says, without what differs from moment to moment."""
    assert answer.status_code == 200
    text = answer.text
    if answer.mimetype == "text/html":
        text = re.sub(r'(name="csrf_token" value|data-stamp|nonce)="[^"]*"', "", text)
        main = re.search(r"<main.*?</main>", text, re.S)
        assert main
        text = re.sub(r"<time[^>]*>[^<]*</time>", "", main.group(0))
        text = re.sub(r'<input type="hidden"[^>]*>', "", text)
        text = re.sub(r' value="~[^"]*"', "", text)  # signed with the moment
    return text


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(("rita", "mel", "cora")), st.booleans(), st.sets(st.sampled_from(ACME), max_size=2)),
        min_size=1,
        max_size=4,
    ),
    lines=st.dictionaries(st.sampled_from(("rita", "jan", "mel")), st.sampled_from(("cora", "olga")), max_size=3),
    private=st.booleans(),
    managers=st.sampled_from(("", "direct", "line")),
)
def test_the_list_of_a_person_is_what_both_see(world, drawn, lines, private, managers):
    """Over random worlds: the page of a person lists exactly the cases of both scopes, each with a rule."""
    nested = world.session.begin_nested()
    try:
        rules(world, admins_see_private=private, managers_see=managers)
        for who, manager in lines.items():
            set_manager(
                world.ctx("ada"), world.row(Contact, world.person(who).contact_id), world.person(manager).contact_id
            )
        for by, shared, excluded in drawn:
            case = world.open_case(by, visibility="shared" if shared else "private")
            for who in excluded - {by}:
                world.exclude(case, who)
        olga = world.ctx("olga")
        mine = ids_seen(olga)
        for who in ACME:
            row = contact(olga, acme(world), world.person(who).contact_id)
            person = queries.actors_of_contacts(olga, [row])[row.user_id]
            found = queries.cases_seen_by(olga, person, acme(world).id, 1)
            assert all(one.rules for one in found.rows)
            assert {one.case.id for one in found.rows} == mine & ids_seen(world.ctx(who)), who
    finally:
        nested.rollback()
        world.session.expire_all()


def ids_seen(ctx):
    return set(ctx.session.scalars(scope(ctx.actor, Case).with_only_columns(Case.id)))


def test_a_list_of_the_manager_and_of_the_report_agree(world):
    """What the preview names is what the list has, also through a line."""
    case = world.open_case("rita", visibility="private")
    rules(world, managers_see="direct")
    set_manager(world.ctx("ada"), world.row(Contact, world.rita.contact_id), world.mel.contact_id)
    ctx = world.ctx("mel")
    assert case.id in {row.id for row in tab_page(ctx, "all", Filters()).rows}
