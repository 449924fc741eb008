"""Who reads and who changes the configuration: every address, every role."""

import pytest

from tests.admin.places import pages, questions

READERS = ("lee", "aud", "ada", "pat")
STRANGERS = ("ana", "tom", "rita", "olga")
WRITES = (
    *("/admin/organizations/acme", "/admin/accounts/ACME", "/admin/severity", "/admin/settings", "/admin/branding"),
    *("/admin/severity/question", "/admin/statuses", "/admin/languages", "/admin/preset"),
)


@pytest.mark.parametrize("reader", READERS)
def test_readers_open_every_page(world, as_user, reader):
    for path in pages(world):
        assert as_user(reader).get(path).status_code == 200, path


@pytest.mark.parametrize("stranger", STRANGERS)
def test_agents_and_contacts_open_none(world, as_user, stranger):
    for path in (*pages(world), *questions(world)):
        assert as_user(stranger).get(path).status_code == 403, path


def test_nobody_is_asked_to_sign_in(world, client):
    for path in pages(world):
        answer = client().get(path)
        assert answer.status_code == 302 and "/sign-in" in answer.headers["Location"], path


@pytest.mark.parametrize("who", ("lee", "aud", *STRANGERS))
def test_who_only_reads_changes_nothing(world, as_user, who):
    for path in (*questions(world), *WRITES):
        assert as_user(who).post(path, data={"name": "Changed"}).status_code == 403, path


@pytest.mark.parametrize("who", ("ada", "pat"))
def test_who_configures_opens_every_question(world, as_user, who):
    for path in questions(world):
        assert as_user(who).get(path).status_code == 200, path


def test_a_lead_sees_text_where_an_administrator_sees_fields(as_user):
    assert as_user("ada").get("/admin/settings").page.all("input", name="name")
    page = as_user("lee").get("/admin/settings").page
    assert not page.all("input", name="name") and "Northwind MSP" in page.first("main").text


def test_a_refusal_names_the_roles_that_may(as_user):
    assert "Platform administrator" in as_user("lee").post("/admin/departments/new", data={}).page.text


def test_a_platform_administrator_sees_no_case(world, as_user):
    case = world.open_case("rita", subject="Nothing for Pat")
    assert as_user("pat").get(f"/desk/cases/{case.key}").status_code in (403, 404)
    for path in pages(world):
        assert "Nothing for Pat" not in as_user("pat").get(path).text


def test_a_lead_with_some_accounts_sees_only_their_clients(world, as_user, ctx_of):
    from portal.tenants.actions import staff
    from portal.tenants.queries import staff as staff_queries

    ctx = ctx_of("ada")
    staff.change_staff(
        ctx,
        staff_queries.staff_member(ctx, world.tom.staff_id),
        role="lead",
        tier=2,
        all_accounts=False,
        accounts=[world.globex.id],
        departments=[],
    )
    tom = as_user("tom")
    assert "Acme" not in tom.get("/admin/organizations").page.first("main").text
    assert tom.get("/admin/organizations/acme").status_code == 404
    assert tom.get("/admin/accounts/ACME").status_code == 404
    assert tom.get("/admin/organizations/globex").status_code == 200
