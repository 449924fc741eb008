"""Reporting lines: who may set them, what they refuse, and what they open."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal.authz.scopes import scope
from portal.cases.audience import find_viewers
from portal.cases.models import Case
from portal.cases.queries import search
from portal.cases.queries.people import candidate_viewers, visibility_facts
from portal.kernel.errors import Forbidden, Refused
from portal.tenants.actions.contacts import end_contact
from portal.tenants.actions.organizations import change_organization
from portal.tenants.actions.reporting_lines import set_manager
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import reporting_lines as queries


def place(ctx, world, key):
    return ctx.session.get_one(Contact, world.person(key).contact_id)


def report(world, who, to, by="ada"):
    """Let *who* report to *to* (None: nobody)."""
    row = place(world.ctx("ada"), world, who)
    set_manager(world.ctx(by), row, world.person(to).contact_id if to else None)


def switch(world, value):
    ctx = world.ctx("ada")
    change_organization(ctx, ctx.session.get_one(Organization, world.organizations["Acme"].id), managers_see=value)


def sees(world, who, case):
    ctx = world.ctx(who)
    return ctx.session.scalar(scope(ctx.actor, Case).where(Case.id == case.id).with_only_columns(Case.id)) is not None


def viewers(world, case):
    """Who the preview of *case* names, with the rules."""
    ctx = world.ctx("ana")
    row = ctx.session.get_one(Case, case.id)
    facts = visibility_facts(ctx, row)
    return {viewer.user_id: viewer.rules for viewer in find_viewers(candidate_viewers(ctx, facts), facts)}


def test_a_line_opens_nothing_until_the_organization_says_so(world):
    case = world.open_case("rita")
    report(world, "rita", "mel")
    assert not sees(world, "mel", case)
    switch(world, "direct")
    assert sees(world, "mel", case)
    assert viewers(world, case)[world.mel.id] == ("manager",)
    switch(world, "")
    assert not sees(world, "mel", case)
    assert world.mel.id not in viewers(world, case)


def test_a_line_over_levels_needs_its_own_choice(world):
    case = world.open_case("rita")
    report(world, "rita", "mel")
    report(world, "mel", "cora")
    switch(world, "direct")
    assert sees(world, "mel", case) and not sees(world, "cora", case)
    switch(world, "line")
    assert sees(world, "cora", case)
    assert not sees(world, "jan", case)


def test_an_exclusion_beats_the_line(world):
    case = world.open_case("rita")
    report(world, "rita", "mel")
    switch(world, "direct")
    world.exclude(case, "mel")
    assert not sees(world, "mel", case)
    assert world.mel.id not in viewers(world, case)


def test_a_line_stays_inside_the_access_of_the_manager(world):
    """Piotr works at Acme Polska only."""
    case = world.open_case("rita")
    report(world, "rita", "piotr")
    switch(world, "line")
    assert not sees(world, "piotr", case)


def test_a_former_member_passes_nothing_on(world):
    case = world.open_case("rita")
    report(world, "rita", "mel")
    report(world, "mel", "cora")
    switch(world, "line")
    assert sees(world, "cora", case)
    ctx = world.ctx("ada")
    end_contact(
        ctx,
        contact_queries.contact(
            ctx, ctx.session.get_one(Organization, world.organizations["Acme"].id), world.mel.contact_id
        ),
    )
    assert not sees(world, "cora", case)


def test_a_search_finds_what_the_line_opens(world):
    case = world.open_case("rita", subject="Quarterly ledger drifts")
    report(world, "rita", "mel")
    switch(world, "direct")
    ctx = world.ctx("mel")
    assert case.id in search.find_ids(ctx, "ledger drifts")
    assert case.id not in search.find_ids(world.ctx("jan"), "ledger drifts")


def test_a_manager_reads_and_does_not_answer(world, as_user):
    case = world.open_case("rita")
    report(world, "rita", "jan")
    switch(world, "direct")
    jan = as_user("jan")
    assert jan.get(f"/cases/{case.key}").status_code == 200
    answer = jan.post(f"/cases/{case.key}/replies", data={"body": "I answer for her"})
    assert answer.status_code == 403


def test_a_loop_is_refused(world):
    report(world, "rita", "mel")
    report(world, "mel", "cora")
    for who, to in (("cora", "rita"), ("mel", "rita"), ("rita", "rita")):
        with pytest.raises(Refused):
            report(world, who, to)


def test_a_line_is_bounded(world):
    chain = ["rita", "jan", "mel", "cora", "olga", "piotr"]
    assert len(chain) <= queries.MOST_LEVELS
    for low, high in itertools.pairwise(chain):
        report(world, low, high)
    ctx = world.ctx("ada")
    assert len(queries.places_above(ctx, world.rita.contact_id)) == len(chain) - 1


def test_a_line_that_would_be_too_long_is_refused(world, monkeypatch):
    monkeypatch.setattr("portal.tenants.actions.reporting_lines.MOST_LEVELS", 2)
    report(world, "rita", "jan")
    report(world, "jan", "mel")
    with pytest.raises(Refused):
        report(world, "mel", "cora")
    report(world, "cora", "mel")  # beside, not below
    with pytest.raises(Refused):
        report(world, "piotr", "rita")


@pytest.mark.parametrize("who", ("rita", "mel", "cora", "gina", "ana"))
def test_only_administrators_set_a_line(world, who):
    with pytest.raises(Forbidden):
        report(world, "jan", "rita", by=who)


def test_an_administrator_does_not_choose_the_own_manager(world):
    report(world, "jan", "mel", by="olga")
    with pytest.raises(Forbidden):
        report(world, "olga", "mel", by="olga")


def test_nobody_of_another_client_is_a_manager(world):
    with pytest.raises(Refused):
        report(world, "rita", "gil")


def test_the_page_sets_and_ends_a_line(world, as_user):
    olga = as_user("olga")
    address = f"/org/acme/people/{world.rita.contact_id}/manager"
    form = olga.get(address)
    assert "Mel" in form.text
    answer = olga.submit(form.page.form(address), manager=str(world.mel.contact_id))
    assert answer.status_code == 303
    assert world.row(Contact, world.rita.contact_id).reports_to_id == world.mel.contact_id
    page = olga.get(f"/org/acme/people/{world.rita.contact_id}")
    assert "Reports to" in page.text
    below = olga.get(f"/org/acme/people/{world.mel.contact_id}/manager")
    assert str(world.rita.contact_id) not in below.text
    assert olga.submit(olga.get(address).page.form(address), manager="").status_code == 303
    assert world.row(Contact, world.rita.contact_id).reports_to_id is None
    assert olga.submit(olga.get(address).page.form(address), manager="rubbish").status_code == 422
    assert olga.submit(olga.get(address).page.form(address), manager=str(world.gil.contact_id)).status_code == 422


def test_an_old_page_does_not_overwrite(world, as_user):
    olga = as_user("olga")
    address = f"/org/acme/people/{world.rita.contact_id}/manager"
    old = olga.get(address).page.form(address)
    report(world, "rita", "cora")
    assert olga.submit(old, manager=str(world.mel.contact_id)).status_code == 409
    assert world.row(Contact, world.rita.contact_id).reports_to_id == world.cora.contact_id


def test_the_desk_sets_a_line(world, as_user):
    ada = as_user("ada")
    address = f"/admin/organizations/acme/people/{world.rita.contact_id}/manager"
    assert ada.submit(ada.get(address).page.form(address), manager=str(world.mel.contact_id)).status_code == 303
    assert world.row(Contact, world.rita.contact_id).reports_to_id == world.mel.contact_id


def test_two_right_changes_at_one_moment_close_no_loop(live):
    """Rita under Mel and Mel under Rita, each alone right: one of them is refused, whoever comes first."""
    places = live.do(lambda world: {who: world.person(who).contact_id for who in ("rita", "mel")})
    together = Barrier(2)
    browsers = {"rita": live.client("olga"), "mel": live.client("olga")}
    addresses = {who: f"/org/acme/people/{places[who]}/manager" for who in places}
    forms = {who: browsers[who].get(addresses[who]).page.form(addresses[who]) for who in places}

    def change(who: str) -> int:
        other = "mel" if who == "rita" else "rita"
        together.wait()
        return browsers[who].submit(forms[who], manager=str(places[other])).status_code

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(change, places)) == [303, 422]
