"""Registration as each organization settles it: who gets a link, who gets a place, who waits, and who decides."""

import pytest

from portal.identity import queries as identity
from portal.identity.models import User
from portal.kernel import tokens
from portal.notifications.models import OutgoingMail
from portal.registrations.models import Registration
from portal.sso.actions.ways import add_domain, first_account
from portal.tenants.actions import organizations
from portal.tenants.models import Contact, ContactAccess, Organization, Provider
from tests.identity.steps import masked

PHRASE = "tea in the old harbour"
STRANGER = "nina@acme.example"


class Desk:
    """How people register at Northwind."""

    def __init__(self, world, client, run_outbox) -> None:
        self.world, self.client, self.run_outbox = world, client, run_outbox

    def settle(self, mode: str, *, provider: str = "invited", account: bool = True, slug: str = "acme") -> None:
        """The mode of Acme, whose domain brings its first account."""
        ctx = self.world.system()
        self.world.row(Provider, self.world.northwind).registration = provider
        row = self.world.rows(Organization, Organization.slug == slug)[0]
        add_domain(
            ctx, row, "email", f"{slug}.example", account_id=first_account(ctx, row) if account else None,
            role="requester",
        )  # fmt: skip
        organizations.change_organization(self.world.ctx("ada"), row, registration=mode)

    def ask(self, email: str = STRANGER, name: str = "Nina Newcomer", browser=None):
        """Send the form of signing up, and let the worker answer it."""
        answer = (browser or self.client()).post("/sign-up", data={"name": name, "email": email})
        self.run_outbox()
        return answer

    def mails(self, email: str = STRANGER) -> list[str]:
        return [mail.kind for mail in self.world.rows(OutgoingMail, OutgoingMail.recipient == email)]

    def person(self, email: str = STRANGER) -> User | None:
        return identity.user_by_email(self.world.system(), email)

    def register(self, email: str = STRANGER, name: str = "Nina Newcomer"):
        """Ask, open the link, and choose a password; the browser that is signed in."""
        browser = self.client()
        assert self.ask(email, name, browser).status_code == 303
        rows = self.world.rows(tokens.TokenHash, tokens.TokenHash.purpose == "invitation")
        path = f"/invite/{tokens.derive_token(rows[-1].id)}"
        assert browser.submit(browser.get(path).page.form(path), password=PHRASE).status_code == 303
        self.run_outbox()
        return browser

    def waiting(self) -> list[Registration]:
        return list(self.world.rows(Registration))


@pytest.fixture
def desk(world, client, run_outbox):
    return Desk(world, client, run_outbox)


@pytest.mark.parametrize("mode", ["", "invited", "contacts"])
def test_a_stranger_of_a_closed_organization_gets_no_mail(desk, mode):
    desk.settle(mode, provider="contacts")
    assert desk.ask().status_code == 303
    assert desk.mails() == [] and desk.person() is None and desk.waiting() == []


def test_an_organization_is_closed_where_the_provider_is_open(desk):
    desk.settle("invited", provider="anyone")
    desk.ask()
    assert desk.mails() == [] and desk.person() is None
    desk.ask("nina@nowhere.example")
    assert desk.mails("nina@nowhere.example") == ["registration"]


def test_nothing_is_offered_where_nobody_may_register(desk, client):
    assert client().get("/sign-up").status_code == 404
    assert "/sign-up" not in client().get("/sign-in").page.links
    desk.settle("approval")
    assert client().get("/sign-up").status_code == 200
    assert "/sign-up" in client().get("/sign-in").page.links


def test_with_approval_somebody_waits_and_sees_nothing(desk):
    desk.settle("approval")
    browser = desk.register()
    (row,) = desk.waiting()
    assert (row.state, row.organization_id) == ("waiting", desk.world.acme.organization_id)
    home = browser.get("/").page
    assert "belongs to Acme" in home.text and "/registration" in home.links
    # Their address says which company it is, so nothing is asked, and there is no tile to start with.
    assert "/registration" not in [form.action for form in browser.get("/registration").page.forms]
    assert "You have no open cases" in home.text and "tile above" not in home.text
    assert browser.get("/org/acme/people").status_code == 404
    assert browser.get("/new/outage").status_code in (302, 403)
    assert "registration_asked" in desk.mails("olga@acme.example")
    assert "registration_waits" not in desk.mails("ada@northwind.example")
    # … also the next time they sign in.
    again = desk.client()
    assert again.post("/sign-in", data={"email": STRANGER, "password": PHRASE}).status_code == 303
    assert "belongs to Acme" in again.get("/").page.text


def test_the_client_lets_somebody_in(desk, client):
    desk.settle("approval")
    browser, olga = desk.register(name="Nina <b>N"), client("olga")
    (row,) = desk.waiting()
    listed = olga.get("/org/acme/people/waiting").page
    path = f"/org/acme/people/waiting/{row.id}"
    assert path in listed.links and STRANGER in listed.text and "Nina <b>N" in listed.text
    form = olga.get(path).page.form(path)
    assert olga.submit(form).headers["Location"] == "/org/acme/people/waiting"
    (contact,) = desk.world.rows(Contact, Contact.user_id == row.user_id)
    (access,) = desk.world.rows(ContactAccess, ContactAccess.contact_id == contact.id)
    assert access.role == "requester"
    assert "does not belong" not in browser.get("/").page.text and browser.get("/registration").status_code == 404
    desk.run_outbox()
    assert desk.mails()[-1] == "let_in"
    # Somebody else who decides at the same time hears of it, and changes nothing.
    again = olga.post(f"{path}/decline", data={"answer": "No"})
    assert again.status_code == 409
    assert path not in olga.get("/org/acme/people/waiting").page.links


def test_who_gets_no_access_reads_why(desk, client):
    desk.settle("approval")
    browser, olga = desk.register(), client("olga")
    (row,) = desk.waiting()
    path = f"/org/acme/people/waiting/{row.id}/decline"
    assert olga.submit(olga.get(path).page.form(path), answer="You left <in> May").status_code == 303
    page = browser.get("/registration").page
    assert "Olga" in page.text and "You left <in> May" in page.text
    assert desk.world.rows(Contact, Contact.user_id == row.user_id) == []
    desk.run_outbox()
    assert desk.mails()[-1] == "not_let_in"
    # Registering again changes nothing about it.
    desk.ask()
    assert [row.state for row in desk.waiting()] == ["declined"]


def test_an_administrator_gives_nothing_outside_their_organization(desk, client, world):
    desk.settle("approval")
    desk.register()
    (row,) = desk.waiting()
    path = f"/org/acme/people/waiting/{row.id}"
    for place in (str(world.accounts["GLOBEX"].id), "", "nonsense"):
        assert client("olga").post(path, data={"place": place, "role": "requester"}).status_code == 422
    for who, status in (("gina", 404), ("rita", 403), ("cora", 403), ("tom", 404)):
        assert client(who).get(path).status_code == status, who
        assert client(who).post(path, data={}).status_code == status, who
    assert client("gina").get(path.replace("acme", "globex")).status_code == 404
    for who in ("ana", "aud", "rita"):
        assert client(who).get(f"/admin/registrations/{row.id}").status_code == 403, who
    assert desk.waiting()[0].state == "waiting"


def test_automatic_gives_the_access_of_the_domain_at_once(desk):
    desk.settle("automatic")
    browser = desk.register()
    assert desk.waiting() == []
    (contact,) = desk.world.rows(Contact, Contact.user_id == desk.person().id)
    assert contact.organization_id == desk.world.acme.organization_id
    assert browser.get("/new").status_code == 200


def test_automatic_without_an_account_waits(desk):
    desk.settle("automatic", account=False)
    desk.register()
    assert [row.state for row in desk.waiting()] == ["waiting"]


def test_nobody_gets_a_place_before_the_address_is_proved(desk):
    desk.settle("automatic")
    desk.ask()
    assert desk.mails() == ["registration"]
    assert desk.world.rows(Contact, Contact.user_id == desk.person().id) == [] and desk.waiting() == []


def test_who_left_an_organization_does_not_come_back_by_registering(desk):
    desk.settle("automatic")
    (contact,) = desk.world.rows(Contact, Contact.user_id == desk.world.rita.id)
    contact.active = False
    desk.world.session.flush()
    desk.ask("rita@acme.example")
    assert not contact.active and desk.waiting() == []


def test_a_listed_person_gets_an_invitation_where_listed_people_may_ask(desk):
    desk.settle("contacts")
    desk.ask("jan@acme.example")
    assert desk.mails("jan@acme.example") == ["registration"]


def test_of_an_unknown_domain_the_provider_decides(desk, client):
    desk.settle("approval", provider="anyone")
    browser = desk.register("nina@nowhere.example")
    (row,) = desk.waiting()
    assert row.organization_id is None
    assert "registration_waits" in desk.mails("ada@northwind.example")
    assert "registration_asked" not in desk.mails("olga@acme.example")
    form = browser.get("/registration").page.form("/registration")
    assert browser.submit(form, company=" ").status_code == 422
    assert browser.submit(form, company="Nowhere <Ltd>").status_code == 303
    admin = client("ada")
    listed = admin.get("/admin/registrations").page
    path = f"/admin/registrations/{row.id}"
    assert path in listed.links and "Nowhere <Ltd>" in listed.text
    assert "Choose the organization first" in admin.get(path).page.text
    assert admin.post(path).status_code == 422
    chosen = f"{path}?organization=globex"
    form = next(f for f in admin.get(chosen).page.forms if f.method == "post" and f.action == chosen)
    assert admin.submit(form).status_code == 303
    (contact,) = desk.world.rows(Contact, Contact.user_id == row.user_id)
    assert contact.organization_id == desk.world.globex.organization_id
    assert client("aud").get("/admin/registrations").status_code == 200


def test_the_answer_tells_nothing_about_an_address(desk, client):
    """Known, listed, unknown, of a domain that waits, of one that is closed, staff: the same bytes and as many rows."""
    desk.settle("approval")
    seen = []
    for email in ("rita@acme.example", "jan@acme.example", STRANGER, "x@globex.example", "ada@northwind.example"):
        browser = client()
        answer = browser.post("/sign-up", data={"name": "Nina", "email": email})
        seen.append((answer.status_code, answer.headers["Location"], masked(browser.get("/sign-up/sent"), email)))
    assert len(set(seen)) == 1


def test_somebody_of_the_domain_signs_in_elsewhere_and_waits(desk, world):
    """Who comes back from an identity provider for the first time waits like everybody."""
    from portal.sso.queries.arrivals import Arrival, decide
    from tests.support import acting

    desk.settle("approval", account=False)
    ctx = world.system()
    way = acting.add_way(ctx.provider_id, None, "north-id")
    arrival = Arrival("https://id.example", "1", STRANGER, "Nina", True)
    from portal.sso.actions.arrivals import admit

    assert decide(ctx, way, arrival).code == "register"
    outcome = admit(ctx, way, arrival)
    (row,) = desk.waiting()
    assert (row.user_id, row.organization_id) == (outcome.user.id, world.acme.organization_id)
