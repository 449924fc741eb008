"""What is missing, derived from the data, each with a way out."""

from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import organizations as organization_actions
from portal.tenants.actions import staff
from portal.tenants.models import Organization


def todo(as_user, who="ada"):
    return as_user(who).get("/admin").page.first("main")


def test_a_provider_that_answers_cases_has_nothing_to_do(world, as_user):
    world.answer(world.open_case("rita"))
    assert "Nothing is missing" in todo(as_user).text and "Set up" not in todo(as_user).text


def test_an_account_without_environments_is_named_and_linked(world, as_user, ctx_of):
    ctx = ctx_of("ada")
    globex = ctx.session.get(Organization, world.organizations["Globex"].id)
    account_actions.add_account(ctx, globex, key="GLX", name="Globex X")
    main = todo(as_user)
    assert "Globex X has no environments" in main.text
    assert "/admin/accounts/GLX" in [a.get("href") for a in main.all("a")]


def test_an_organization_without_people_is_named(ctx_of, as_user):
    ctx = ctx_of("ada")
    organization = organization_actions.add_organization(ctx, name="Hollow")
    assert "Hollow has no account" in todo(as_user).text
    account_actions.add_account(ctx_of("ada"), organization, key="HOLLOW", name="Hollow")
    assert "Nobody can sign in for Hollow" in todo(as_user).text


def test_staff_who_look_after_nothing_are_named(world, as_user, ctx_of):
    from portal.tenants.queries import staff as staff_queries

    ctx = ctx_of("ada")
    staff.change_staff(
        ctx,
        staff_queries.staff_member(ctx, world.tom.staff_id),
        role="agent",
        tier=2,
        all_accounts=False,
        accounts=[],
        departments=[],
    )
    main = todo(as_user)
    assert "Tom Berg looks after no account" in main.text
    assert f"/admin/staff/{world.tom.staff_id}" in [a.get("href") for a in main.all("a")]


def test_several_of_a_kind_are_counted(ctx_of, as_user):
    ctx = ctx_of("ada")
    for name in ("Hollow One", "Hollow Two"):
        organization_actions.add_organization(ctx, name=name)
    assert "2 organizations have no account" in todo(as_user).text


def test_a_person_without_access_is_named(world, as_user, ctx_of):
    from portal.tenants.queries import contacts as contact_queries

    ctx = ctx_of("ada")
    acme = ctx.session.get(Organization, world.organizations["Acme"].id)
    contact_actions.change_access(ctx, contact_queries.contact(ctx, acme, world.mel.contact_id), grants=[])
    assert "Mel Harper belongs to an organization but has access to nothing" in todo(as_user).text
    assert f"/admin/organizations/acme/people/{world.mel.contact_id}" in [a.get("href") for a in todo(as_user).all("a")]
