"""The organization's own pages on the portal: who opens them, what they change."""

import pytest

from portal.authz.roles import ContactRole
from portal.identity.models import User
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.models import Account, ContactAccess, Environment, Organization
from portal.tenants.queries import contacts as contact_queries

PAGES = (
    "/org/acme",
    "/org/acme/people",
    "/org/acme/people/invite",
    "/org/acme/environments",
    "/org/acme/environments/new",
    "/org/acme/sharing",
)


def questions(world):
    yield from (f"/org/acme/people/{world.rita.contact_id}/{verb}" for verb in ("end", "return", "invite", "withdraw"))
    yield f"/org/acme/people/{world.rita.contact_id}"
    yield f"/org/acme/environments/{world.environments['ACME', 'Production'].id}"


def new(world, **changes):
    return {
        "name": "Nora Lind",
        "email": "nora@acme.example",
        "place": str(world.acme.id),
        "role": "member",
        "invite": "y",
        **changes,
    }


def test_an_administrator_opens_every_page(world, as_user):
    for path in (*PAGES, *questions(world)):
        assert as_user("olga").get(path).status_code == 200, path


@pytest.mark.parametrize("who", ("rita", "mel", "cora", "piotr"))
def test_members_without_the_role_are_told_who_can_help(world, as_user, who):
    for path in (*PAGES, *questions(world)):
        answer = as_user(who).get(path)
        assert answer.status_code == 403, path
    if who != "piotr":
        assert "Olga Brandt can change that" in as_user(who).get("/org/acme").page.text


@pytest.mark.parametrize("who", ("gil", "gina", "ada", "ana"))
def test_people_of_others_learn_nothing(world, as_user, who):
    for path in (*PAGES, *questions(world)):
        assert as_user(who).get(path).status_code == 404, path


@pytest.mark.parametrize("who", ("rita", "cora"))
def test_what_is_closed_takes_no_posts(world, as_user, who):
    for path in ("/org/acme/people/invite", "/org/acme/environments/new", "/org/acme/sharing", *questions(world)):
        assert as_user(who).post(path, data=new(world)).status_code == 403, path


def test_the_neighbor_with_the_same_slug_sees_ones_own(world, as_user):
    assert "Mel Harper" not in as_user("zoe").get("/org/acme/people").text
    south = world.southgate.people["rob"]
    assert as_user("olga").get(f"/org/acme/people/{south.contact_id}").status_code == 404
    assert as_user("olga").get(f"/org/acme/people/{world.gil.contact_id}").status_code == 404
    globex = next(v for (key, _n), v in world.environments.items() if key == "GLOBEX")
    assert as_user("olga").get(f"/org/acme/environments/{globex.id}").status_code == 404


def test_the_list_says_what_people_may_do(as_user):
    page = as_user("olga").get("/org/acme/people").page
    row = next(r for r in page.all("tr") if "Cora Whitfield" in r.text)
    assert "Coordinator · Acme" in row.text and "yes" in row.text
    assert "people (6)" in page.heading


def test_a_colleague_is_invited(world, as_user):
    assert as_user("olga").post("/org/acme/people/invite", data=new(world)).status_code == 303
    page = as_user("olga").get("/org/acme/people?q=nora").page
    assert "Nora Lind" in page.text and "invited" in page.text and "Withdraw" in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    (
        ({"email": "nora"}, "is not a full email address"),
        ({"email": "mel@acme.example"}, "already belongs to Acme"),
        ({"name": ""}, "Write the person's name"),
        ({"place": ""}, "Choose what the person gets access to"),
        ({"role": "agent"}, "that you administer"),
        ({"place": "x"}, "that you administer"),
    ),
)
def test_a_refused_invitation_says_why_and_keeps_the_text(world, as_user, changes, sentence):
    answer = as_user("olga").post("/org/acme/people/invite", data=new(world, **changes))
    assert answer.status_code == 422 and sentence in answer.page.text
    assert answer.page.form("/org/acme/people/invite")["email"] == {**new(world), **changes}["email"]
    assert "Gil" not in answer.page.first("main").text


def test_an_administrator_cannot_change_or_end_themselves(world, as_user):
    path = f"/org/acme/people/{world.olga.contact_id}"
    assert "You cannot change your own access" in as_user("olga").get(path).page.text
    assert as_user("olga").post(path, data=new(world, role="organization_admin")).status_code == 403
    assert as_user("olga").post(f"{path}/end").status_code == 403


def test_another_accounts_access_cannot_be_given(world, as_user):
    answer = as_user("olga").post("/org/acme/people/invite", data=new(world, place=str(world.globex.id)))
    assert answer.status_code == 422


@pytest.fixture
def only_acme(world, ctx_of):
    """Olga administers ACME alone; ACMEPL has other people."""
    ctx = ctx_of("ada")
    acme = ctx.session.get(Organization, world.organizations["Acme"].id)
    olga = contact_queries.contact(ctx, acme, world.olga.contact_id)
    grant = contact_actions.Grant(world.acme.id, None, ContactRole.ORGANIZATION_ADMIN)
    contact_actions.change_access(ctx, olga, grants=[grant])


def test_an_administrator_of_one_account_gives_access_to_that_one_only(world, as_user, only_acme):
    polish = str(world.accounts["ACMEPL"].id)
    page = as_user("olga").get("/org/acme/people/invite").page
    assert polish not in page.form("/org/acme/people/invite").element.text
    assert as_user("olga").post("/org/acme/people/invite", data=new(world, place=polish)).status_code == 422


def test_access_elsewhere_stays_when_an_administrator_of_one_account_saves(world, as_user, only_acme):
    path = f"/org/acme/people/{world.cora.contact_id}"
    page = as_user("olga").get(path).page
    assert "accounts that you do not administer" in page.text
    answer = as_user("olga").submit(page.form(path), role=["member", "requester", "requester"])
    assert answer.status_code == 303
    rows = world.rows(ContactAccess, ContactAccess.contact_id == world.cora.contact_id)
    assert {(row.account_id, row.role) for row in rows} == {
        (world.acme.id, "member"),
        (world.accounts["ACMEPL"].id, "coordinator"),
    }


def test_somebody_with_access_elsewhere_cannot_be_ended_by_an_administrator_of_one_account(world, as_user, only_acme):
    answer = as_user("olga").post(f"/org/acme/people/{world.cora.contact_id}/end")
    assert answer.status_code == 403 and "accounts that you do not administer" in answer.page.text
    assert as_user("olga").post(f"/org/acme/people/{world.mel.contact_id}/end").status_code == 303


def test_an_administrator_of_one_account_adds_environments_there_only(world, as_user, only_acme):
    polish = world.accounts["ACMEPL"]
    data = {"account": str(polish.id), "name": "Lab", "kind": "test"}
    assert as_user("olga").post("/org/acme/environments/new", data=data).status_code == 422
    place = next(v for (key, _n), v in world.environments.items() if key == "ACMEPL")
    assert as_user("olga").get(f"/org/acme/environments/{place.id}").status_code == 404


def test_an_environment_is_added_changed_and_retired(world, as_user):
    olga = as_user("olga")
    data = {"account": str(world.acme.id), "name": "Lab", "kind": "test"}
    assert olga.post("/org/acme/environments/new", data=data).status_code == 303
    again = olga.post("/org/acme/environments/new", data=data)
    assert again.status_code == 422 and "already has an environment" in again.page.text
    path = f"/org/acme/environments/{world.rows(Environment, Environment.name == 'Lab')[0].id}"
    assert olga.submit(olga.get(path).page.form(path), active=None).status_code == 303
    assert "Retired" in olga.get("/org/acme/environments").page.text


def test_sharing_rules_are_changed_and_hold(world, as_user):
    case = world.open_case("mel", visibility="shared")
    assert as_user("rita").get(f"/cases/{case.key}").status_code == 404
    form = as_user("olga").get("/org/acme/sharing").page.form("/org/acme/sharing")
    answer = as_user("olga").submit(form, requesters_see_shared="y", default_visibility="shared")
    assert answer.status_code == 303
    assert as_user("rita").get(f"/cases/{case.key}").status_code == 200


def test_sharing_does_not_change_what_only_the_provider_decides(world, as_user):
    form = as_user("olga").get("/org/acme/sharing").page.form("/org/acme/sharing")
    as_user("olga").submit(form, name="Hacked", active="", outside_copy="")
    row = world.row(Organization, world.organizations["Acme"])
    assert (row.name, row.active) == ("Acme", True)


def test_an_old_sharing_form_is_a_conflict(as_user):
    form = as_user("olga").get("/org/acme/sharing").page.form("/org/acme/sharing")
    assert as_user("olga").submit(form, requesters_see_shared="y").status_code == 303
    assert as_user("olga").submit(form, default_visibility="shared").status_code == 409


def test_an_ended_colleague_is_gone_at_once_and_can_return(world, as_user):
    mel, path = as_user("mel"), f"/org/acme/people/{world.mel.contact_id}"
    assert as_user("olga").post(f"{path}/end").status_code == 303
    assert world.mel.name not in as_user("olga").get("/org/acme/people").page.first("tbody").text
    assert "does not belong to a company" in mel.get("/").page.text
    assert as_user("olga").post(f"{path}/return").status_code == 303


def test_an_invitation_is_sent_again_and_withdrawn(world, as_user):
    path = f"/org/acme/people/{world.jan.contact_id}"
    assert as_user("olga").post(f"{path}/invite").status_code == 303
    assert as_user("olga").post(f"{path}/withdraw").status_code == 303
    assert world.row(User, world.jan).invited_at is None


def test_counts_come_from_what_the_administrator_sees(world, as_user):
    page = as_user("olga").get("/org/acme").page
    stats = {e.first("p").text: e for e in page.all(class_="stat")}
    assert "6" in stats["People"].text and "2" in stats["Accounts"].text


def test_the_list_of_people_costs_the_same_however_long(world, as_user, ctx_of, statements):
    olga = as_user("olga")
    olga.get("/org/acme/people")
    with statements() as few:
        olga.get("/org/acme/people")
    ctx = ctx_of("ada")
    acme = ctx.session.get(Organization, world.organizations["Acme"].id)
    account = ctx.session.get(Account, world.acme.id)
    for n in range(20):
        contact_actions.add_contact_by_email(
            ctx,
            acme,
            name=f"P {n}",
            email=f"p{n}@acme.example",
            invite=False,
            grants=[contact_actions.Grant(account.id, None, ContactRole.MEMBER)],
        )
    with statements() as many:
        olga.get("/org/acme/people")
    assert len(many) <= len(few)


@pytest.mark.parametrize("query", ("q=%00", "page=-1", "page=x", "role=%00", "show=%27", "q=" + "x" * 3000))
def test_the_list_survives_any_query(as_user, query):
    assert as_user("olga").get(f"/org/acme/people?{query}").status_code == 200


@pytest.mark.parametrize("path", ("/org/nobody", "/org/%00", "/org/acme/people/x", "/org/acme/environments/1"))
def test_what_does_not_exist_is_not_found(as_user, path):
    assert as_user("olga").get(path).status_code == 404


def test_the_page_of_a_colleague_asks_for_the_accounts_once(world, as_user, statements):
    olga, path = as_user("olga"), f"/org/acme/people/{world.mel.contact_id}"
    olga.get(path)
    with statements() as seen:
        assert olga.get(path).status_code == 200
    asked = [one for one in seen if "ORDER BY folded(accounts.name)" in one]
    assert len(asked) == 1
