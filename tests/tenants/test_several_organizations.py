"""One person with places in several organizations: the switch in the header, links, and two windows."""

import pytest

from portal.authz.roles import ContactRole
from portal.identity.models import User
from portal.tenants.actions import contacts
from portal.tenants.models import Contact, Organization


@pytest.fixture
def gil(world):
    """Gil of Globex, who is a member of Acme too."""
    ctx = world.system()
    acme = world.rows(Organization, Organization.slug == "acme")[0]
    grant = contacts.Grant(world.accounts["ACME"].id, None, ContactRole.MEMBER)
    contacts.add_contact(ctx, acme, world.row(User, world.gil), grants=[grant])
    return world.gil


def picker(page):
    """(words, address, whether it is the chosen one) of the switch."""
    lists = page.all("ul", class_="picker__list")
    links = lists[0].all("a") if lists else []
    return [(link.text.strip(), link.get("href"), link.get("aria-current") == "true") for link in links]


def test_the_switch_names_organization_and_account_and_stands_in_the_address(world, gil, as_user):
    browser = as_user("gil")
    names, addresses, chosen = zip(*picker(browser.get("/cases?tab=all").page), strict=True)
    assert chosen == (True, False, False)
    assert names[0] == "All accounts" and "Acme" in names[1] and "Globex" in names[2]
    assert addresses == ("/cases?tab=all", "/cases?tab=all&account=ACME", "/cases?tab=all&account=GLOBEX")
    page = browser.get(addresses[1]).page
    assert [row[2] for row in picker(page)] == [False, True, False]


def test_whoever_has_one_account_has_no_switch(world, as_user):
    assert picker(as_user("gil").get("/cases").page) == []
    assert len(picker(as_user("cora").get("/cases").page)) == 3


def test_the_switch_shows_cases_of_one_organization(world, gil, as_user):
    world.open_case("gil", account="ACME", subject="A printer at Acme")
    world.open_case("gil", account="GLOBEX", subject="A printer at Globex")
    browser = as_user("gil")
    every, acme, globex = (browser.get(f"/cases{q}").page.text for q in ("", "?account=ACME", "?account=GLOBEX"))
    assert "A printer at Acme" in every and "A printer at Globex" in every
    assert "A printer at Acme" in acme and "A printer at Globex" not in acme
    assert "A printer at Globex" in globex and "A printer at Acme" not in globex


def test_a_link_to_the_other_organization_opens_it_wherever_one_was_before(world, gil, as_user, client):
    case = world.open_case("gil", account="ACME")
    browser = as_user("gil")
    browser.get("/cases?account=GLOBEX")
    page = browser.get(f"/cases/{case.key}").page
    assert [row[1] for row in picker(page) if row[2]] == ["/cases?account=ACME"]
    # … also by way of signing in; and never for somebody who may not.
    stranger = client()
    assert stranger.get(f"/cases/{case.key}").status_code == 302
    answer = stranger.post(
        "/sign-in", data={"email": world.gil.email, "password": "parley-demo", "next": f"/cases/{case.key}"}
    )
    assert answer.headers["Location"] == f"/cases/{case.key}"
    assert as_user("gina").get(f"/cases/{case.key}").status_code == 404


def test_two_windows_on_two_organizations_never_mix(world, gil, as_user):
    """Both forms are open at once; each opens its case where it says, whatever the other window did."""
    browser = as_user("gil")
    forms = {key: browser.get(f"/new/question?account={key}").page.form("/new/question") for key in ("ACME", "GLOBEX")}
    for key in ("GLOBEX", "ACME"):
        assert forms[key].filled()["account"] == key
        answer = browser.submit(forms[key], subject=f"A question to {key}", description="Why?", severity="4")
        assert answer.status_code == 303 and answer.headers["Location"].startswith(f"/cases/{key}-")


def test_without_a_choice_the_form_asks_and_never_guesses(world, gil, as_user):
    browser = as_user("gil")
    browser.get("/cases?account=GLOBEX")
    page = browser.get("/new/question").page
    form = page.form("/new/question")
    assert not form.filled().get("account")
    assert picker(page)[1][1] == "/new/question?account=ACME"


def test_the_end_of_one_place_leaves_the_other(world, gil, as_user):
    case = world.open_case("gil", account="GLOBEX")
    here = Contact.organization_id == world.acme.organization_id
    (place,) = world.rows(Contact, Contact.user_id == gil.id, here)
    contacts.end_contact(world.ctx("ada"), place)
    browser = as_user("gil")
    assert browser.get(f"/cases/{case.key}").status_code == 200
    assert picker(browser.get("/cases").page) == []
