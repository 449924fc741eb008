"""The administration of sign-in, the page of an organization, and the command line."""

import pytest

from portal.sso.models import OrganizationDomain, SignInWay
from portal.tenants.actions import organizations
from tests.support.identity_provider import CLIENT, SECRET


@pytest.fixture
def new(desk, client):
    """Fill in the form of a new way as an administrator."""

    def fill(**fields):
        desk.there.tenant("acme")
        values = {
            "name": "acme-id",
            "label": "Acme",
            "kind": "openid",
            "issuer": f"{desk.there.url}/acme",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "organization": str(desk.organization("acme").id),
            **fields,
        }
        return client("ada").post("/admin/sign-in/new", data=values)

    return fill


def test_a_way_is_off_until_a_test_came_back(desk, new, client):
    admin = client("ada")
    assert new().headers["Location"] == "/admin/sign-in/acme-id"
    assert client().get("/sign-in/with/acme-id").status_code == 404
    page = admin.get("/admin/sign-in/acme-id")
    assert "http://northwind.localhost/sign-in/with/acme-id/callback" in page.page.text
    assert SECRET not in page.get_data(as_text=True)
    form = page.page.form("/admin/sign-in/acme-id")
    refused = admin.submit(form, enabled="y")
    assert refused.status_code == 422 and "Test it first" in refused.page.text
    desk.there.redirect("http://northwind.localhost/sign-in/with/acme-id/callback")
    desk.domain("acme.example", "acme")
    desk.there.sign_in_as(desk.there.user("acme", "new.joiner@acme.example", name="New Joiner"))
    answer = admin.get(desk.consent(admin.post("/admin/sign-in/acme-id/test")))
    assert answer.status_code == 200
    assert "New Joiner would be added to Acme" in answer.page.text and "nobody was signed in" in answer.page.text
    assert desk.links() == []
    form = admin.get("/admin/sign-in/acme-id").page.form("/admin/sign-in/acme-id")
    assert admin.submit(form, enabled="y", enforced="y").status_code == 303
    (row,) = desk.rows(SignInWay)
    assert row.enabled and row.enforced and row.tested_at is not None
    assert SECRET not in row.client_secret
    assert client().get("/sign-in/with/acme-id").status_code == 200


def test_another_application_must_be_tested_again(desk, client):
    desk.way("acme", "acme", "acme.example")
    admin = client("ada")
    form = admin.get("/admin/sign-in/acme").page.form("/admin/sign-in/acme")
    assert admin.submit(form, client_id="another").status_code == 422
    form = admin.get("/admin/sign-in/acme").page.form("/admin/sign-in/acme")
    assert admin.submit(form, client_id="another", enabled=None).status_code == 303
    (row,) = desk.rows(SignInWay)
    assert (row.enabled, row.client_secret, row.tested_at) == (False, "", None)


def test_a_test_of_a_broken_provider_says_what_is_wrong(desk, client):
    desk.way("acme", "acme", "acme.example")
    admin = client("ada")
    desk.there.fault("discovery", status=503, times=-1)
    answer = admin.post("/admin/sign-in/acme/test")
    assert answer.status_code == 422 and "does not answer right now" in answer.page.text
    assert "/admin/sign-in/acme" in answer.page.links


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "password", "Use 3 to 40 small letters"),
        ("name", "Ä b", "Use 3 to 40 small letters"),
        ("label", "", "Write what people read on the button"),
        ("client_id", "", "Write the client ID"),
        ("issuer", "", "Write the issuer"),
        ("issuer", "http://login.example.com", "must look like https"),
        ("issuer", "javascript:alert(1)", "must look like https"),
        ("enabled", "y", "Test it first"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(new, field, value, sentence):
    answer = new(**{field: value})
    assert answer.status_code == 422 and sentence in answer.page.text


def test_only_the_way_of_an_organization_can_be_required(new):
    answer = new(organization="", enforced="y")
    assert answer.status_code == 422 and "Only an organization's own sign-in" in answer.page.text


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("gmail.com", "it cannot belong to one organization"),
        ("not a domain", "Write a domain"),
        ("acme.example", "listed already"),
    ],
)
def test_a_domain_belongs_to_one_organization(desk, client, value, sentence):
    desk.domain("acme.example", "acme")
    form = {"kind": "email", "value": value, "organization": "globex", "account": "", "role": "requester"}
    answer = client("ada").post("/admin/sign-in/domains/new", data=form)
    assert answer.status_code == 422 and sentence in answer.page.text


def test_a_domain_is_added_and_removed(desk, client):
    admin = client("ada")
    account = str(desk.world.acme.id)
    form = {"kind": "email", "value": "@ACME.example", "organization": "acme", "account": account, "role": "member"}
    assert admin.post("/admin/sign-in/domains/new", data=form).status_code == 303
    assert "acme.example" in admin.get("/admin/sign-in").page.text
    (row,) = desk.rows(OrganizationDomain)
    assert admin.get(f"/admin/sign-in/domains/{row.id}/delete").status_code == 200
    assert admin.post(f"/admin/sign-in/domains/{row.id}/delete").status_code == 303
    assert desk.rows(OrganizationDomain) == []
    wrong = {**form, "organization": "globex"}
    assert admin.post("/admin/sign-in/domains/new", data=wrong).status_code == 422


def test_the_form_of_a_domain_asks_as_much_for_many_organizations(desk, client, statements):
    admin = client("ada")
    with statements() as few:
        assert admin.get("/admin/sign-in/domains/new").status_code == 200
    for n in range(5):
        organizations.add_organization(desk.world.ctx("ada"), name=f"Another {n}")
    admin.get("/admin/sign-in/domains/new")  # what is cached with the configuration is read anew, once
    with statements() as many:
        assert "Another 4" in admin.get("/admin/sign-in/domains/new").page.text
    assert len(many) <= len(few)


def test_a_way_is_removed_with_the_sign_ins_there(desk, client):
    desk.way("acme", "acme", "acme.example")
    desk.go(client(), "acme", desk.there.user("acme", "rita@acme.example"))
    admin = client("ada")
    assert "1 person signs in this way" in admin.get("/admin/sign-in/acme/delete").page.text
    assert admin.post("/admin/sign-in/acme/delete").status_code == 303
    assert desk.links() == [] and desk.rows(SignInWay) == []


def test_who_may_see_and_change_ways(desk, client):
    desk.way("acme", "acme", "acme.example")
    for who in ("lee", "aud"):
        page = client(who).get("/admin/sign-in/acme")
        assert page.status_code == 200 and "/admin/sign-in/acme/test" not in [form.action for form in page.page.forms]
        assert client(who).post("/admin/sign-in/acme/test").status_code == 403
    assert client("ana").get("/admin/sign-in").status_code == 403
    assert client("sue", "southgate.localhost").get("/admin/sign-in/acme").status_code == 404


def test_the_administrator_of_an_organization_reads_and_tests_its_own(desk, client):
    desk.way("acme", "acme", "acme.example")
    desk.way("globex", "globex", "globex.example")
    olga = client("olga")
    page = olga.get("/org/acme/sign-in")
    assert "acme.example" in page.page.text and "globex" not in page.page.text.casefold()
    assert olga.get("/org/globex/sign-in").status_code == 404
    assert olga.post("/org/acme/sign-in/globex/test").status_code == 404
    assert client("mel").get("/org/acme/sign-in").status_code == 403
    desk.there.sign_in_as(desk.there.user("acme", "rita@acme.example"))
    answer = olga.get(desk.consent(olga.post("/org/acme/sign-in/acme/test")))
    assert answer.status_code == 200 and "Rita Costa, who has this address, would be signed in" in answer.page.text
    assert desk.links() == []


def test_an_operator_sets_a_way_up_by_command(desk, client):
    run = desk.world.app.test_cli_runner().invoke
    issuer = desk.there.tenant("acme")
    command = ["sign-in", "add", "northwind.localhost", "acme", "--issuer", issuer, "--client-id", CLIENT]
    more = ["--client-secret", SECRET, "--organization", "acme", "--domain", "acme.example", "--enforced"]
    result = run(args=[*command, *more])
    assert result.exit_code == 0, result.output
    assert "acme is on" in result.output
    desk.there.redirect("http://northwind.localhost/sign-in/with/acme/callback")
    subject = desk.there.user("acme", "new.joiner@acme.example", name="New Joiner")
    assert desk.go(client(), "acme", subject).status_code == 303
    assert run(args=[*command, *more]).exit_code == 1
    assert run(args=[*command[:-2], "--client-id", CLIENT, "--organization", "nobody"]).exit_code == 1
    assert "acme\tRequired" in run(args=["sign-in", "list", "northwind.localhost"]).output
