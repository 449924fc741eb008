"""Whose account at an identity provider is whose: first sign-ins, addresses that were given to others, linking and
unlinking, and what an organization requires."""

import pytest

from portal.demo.cli import PASSWORD
from portal.identity import queries as identity
from portal.identity.models import Address, BrowserSession, Password, User
from portal.notifications.models import OutgoingMail
from portal.sso.models import LinkedSignIn, SignInWay
from portal.tenants.models import Contact, ContactAccess


@pytest.fixture
def acme(desk):
    desk.way("acme", "acme", "acme.example")
    return desk.there.user("acme", "rita@acme.example", name="Rita")


def signed_in(browser) -> bool:
    return browser.get("/me").status_code == 200


def require(desk) -> None:
    (way,) = desk.rows(SignInWay, SignInWay.name == "acme")
    way.enforced = True
    desk.world.session.flush()


def test_a_newcomer_gets_the_default_role_in_the_named_account_and_no_more(desk, acme, client):
    subject = desk.there.user("acme", "new.joiner@acme.example", name="New <b>Joiner")
    assert desk.go(client(), "acme", subject).status_code == 303
    person = identity.user_by_email(desk.world.system(), "new.joiner@acme.example")
    (contact,) = desk.rows(Contact, Contact.user_id == person.id)
    (access,) = desk.rows(ContactAccess, ContactAccess.contact_id == contact.id)
    assert (contact.organization_id, access.role) == (desk.organization("acme").id, "requester")
    (address,) = desk.rows(Address, Address.user_id == person.id)
    assert address.verified_at is not None


def test_a_newcomer_counts_as_somebody_who_signs_in_and_may_choose_a_password(desk, acme, client, run_outbox):
    subject = desk.there.user("acme", "new.joiner@acme.example", name="New Joiner")
    desk.go(client(), "acme", subject)
    ctx = desk.world.system()
    person = identity.user_by_email(ctx, "new.joiner@acme.example")
    assert identity.sign_ins(ctx, [person.id])[person.id].state == "signs_in"
    client().post("/password", data={"email": "new.joiner@acme.example"})
    run_outbox()
    assert [mail.kind for mail in desk.rows(OutgoingMail, OutgoingMail.user_id == person.id)] == ["password_reset"]


def test_who_was_removed_from_the_organization_does_not_come_back_by_arriving(desk, acme, client):
    (contact,) = desk.rows(Contact, Contact.user_id == desk.world.rita.id)
    contact.active = False
    desk.world.session.flush()
    answer = desk.go(client(), "acme", acme)
    assert answer.status_code == 403 and "Your access has ended" in answer.page.text
    desk.world.session.refresh(contact)
    assert not contact.active and desk.links() == []


def test_without_an_account_for_newcomers_a_stranger_is_refused(desk, client):
    desk.way("acme", "acme")
    from portal.sso.actions.ways import add_domain

    add_domain(
        desk.world.system(), desk.organization("acme"), "email", "acme.example", account_id=None, role="requester"
    )
    answer = desk.go(client(), "acme", desk.there.user("acme", "new.joiner@acme.example"))
    assert answer.status_code == 422 and "no access for this address yet" in answer.page.text
    assert identity.user_by_email(desk.world.system(), "new.joiner@acme.example") is None


def test_a_registration_that_nobody_proved_does_not_survive_the_proved_owner(desk, acme, client):
    """An attacker registered the address of a victim first: password, sessions and sign-ins of theirs end."""
    attacker = client("rita")
    assert signed_in(attacker)
    (address,) = desk.rows(Address, Address.user_id == desk.world.rita.id)
    address.verified_at = None
    google = desk.way("google")
    ctx = desk.world.system()
    ctx.session.add(
        LinkedSignIn(
            provider_id=ctx.provider_id,
            user_id=desk.world.rita.id,
            way_id=google.id,
            issuer="https://attacker.example",
            subject="attacker",
            linked_at=ctx.now,
        )
    )
    ctx.session.flush()
    victim = client()
    assert desk.go(victim, "acme", acme).status_code == 303
    assert signed_in(victim) and not signed_in(attacker)
    assert desk.rows(Password, Password.user_id == desk.world.rita.id) == []
    assert [row.subject for row in desk.links()] == [acme]
    answer = client().post("/sign-in/password", data={"email": "rita@acme.example", "password": PASSWORD})
    assert answer.status_code == 422


def test_a_recycled_address_signs_nobody_in_until_somebody_decides(desk, acme, client):
    assert desk.go(client(), "acme", acme).status_code == 303
    newcomer = desk.there.user("acme", "rita@acme.example", name="Rita the Second")
    for sentence in ("An administrator decides", "An administrator has not decided"):
        browser = client()
        answer = desk.go(browser, "acme", newcomer)
        assert answer.status_code == 403 and sentence in answer.page.text
        assert not signed_in(browser)
    (waiting,) = desk.links(subject=newcomer)
    admin = client("ada")
    listed = admin.get("/admin/sign-in").page
    assert f"/admin/sign-in/waiting/{waiting.id}" in listed.links
    assert admin.get(f"/admin/sign-in/waiting/{waiting.id}").status_code == 200
    assert client("ana").get(f"/admin/sign-in/waiting/{waiting.id}").status_code == 403
    assert admin.post(f"/admin/sign-in/waiting/{waiting.id}").status_code == 303
    assert desk.go(client(), "acme", newcomer).status_code == 303
    assert desk.links(subject=acme) == []


def test_a_recycled_address_can_be_somebody_new(desk, acme, client):
    before = client()
    assert desk.go(before, "acme", acme).status_code == 303
    newcomer = desk.there.user("acme", "rita@acme.example", name="Rita the Second")
    desk.go(client(), "acme", newcomer)
    (waiting,) = desk.links(subject=newcomer)
    admin = client("ada")
    assert admin.get(f"/admin/sign-in/waiting/{waiting.id}/new-person").status_code == 200
    assert admin.post(f"/admin/sign-in/waiting/{waiting.id}/new-person").status_code == 303
    assert not signed_in(before)
    browser = client()
    assert desk.go(browser, "acme", newcomer).status_code == 303
    person = identity.user_by_email(desk.world.system(), "rita@acme.example")
    assert person.id != desk.world.rita.id and person.name == "Rita the Second"
    assert desk.go(client(), "acme", acme).status_code == 403
    (case_contact,) = desk.rows(Contact, Contact.user_id == person.id)
    assert case_contact.organization_id == desk.organization("acme").id


def test_one_links_and_removes_a_sign_in_of_ones_own(desk, client):
    desk.way("google")
    browser = client("rita")
    subject = desk.there.user("google", "rita.private@gmail.com")
    desk.there.sign_in_as(subject)
    assert "/me/sign-ins/google/add" in [form.action for form in browser.get("/me/sign-ins").page.forms]
    answer = browser.get(desk.consent(browser.post("/me/sign-ins/google/add")))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/sign-ins")
    assert "rita.private@gmail.com" in browser.get("/me/sign-ins").page.text
    other = client()
    assert desk.go(other, "google", subject).status_code == 303
    assert "rita@acme.example" in other.get("/me").page.text
    (linked,) = desk.links(subject=subject)
    assert client("mel").get(f"/me/sign-ins/{linked.id}/remove").status_code == 404
    assert browser.get(f"/me/sign-ins/{linked.id}/remove").status_code == 200
    assert browser.post(f"/me/sign-ins/{linked.id}/remove").status_code == 303
    assert desk.links() == [] and not signed_in(other) and signed_in(browser)


def test_an_account_that_belongs_to_somebody_else_is_not_taken(desk, client):
    desk.way("google")
    subject = desk.there.user("google", "shared@gmail.com")
    desk.there.sign_in_as(subject)
    rita, mel = client("rita"), client("mel")
    assert rita.get(desk.consent(rita.post("/me/sign-ins/google/add"))).status_code == 303
    answer = mel.get(desk.consent(mel.post("/me/sign-ins/google/add")))
    assert answer.status_code == 422 and "belongs to somebody else here" in answer.page.text
    assert [row.user_id for row in desk.links()] == [desk.world.rita.id]


def test_a_link_begun_by_one_person_is_not_ended_by_another(desk, client):
    desk.way("google")
    desk.there.sign_in_as(desk.there.user("google", "attacker@gmail.com"))
    back = desk.consent(client("mel").post("/me/sign-ins/google/add"))
    assert client("rita").get(back).status_code == 410
    assert desk.links() == []


def test_nobody_links_the_sign_in_of_a_foreign_organization(desk, acme, client):
    assert client("gina").post("/me/sign-ins/acme/add").status_code == 404
    assert client("ada").post("/me/sign-ins/acme/add").status_code == 404


def test_an_own_address_that_was_never_proved_links_nothing(desk, client):
    desk.way("google")
    (address,) = desk.rows(Address, Address.user_id == desk.world.rita.id)
    address.verified_at = None
    desk.world.session.flush()
    browser = client("rita")
    desk.there.sign_in_as(desk.there.user("google", "rita.private@gmail.com"))
    answer = browser.get(desk.consent(browser.post("/me/sign-ins/google/add")))
    assert answer.status_code == 422 and "Confirm your own address first" in answer.page.text


def test_the_last_way_in_stays(desk, acme, client):
    subject = desk.there.user("acme", "new.joiner@acme.example", name="New Joiner")
    browser = client()
    desk.go(browser, "acme", subject)
    (linked,) = desk.links(subject=subject)
    answer = browser.post(f"/me/sign-ins/{linked.id}/remove")
    assert answer.status_code == 409 and "your last way to sign in" in answer.page.text
    assert len(desk.links()) == 1


def test_a_passkey_is_another_way_in_unless_the_organization_requires_its_own(desk, acme, client):
    from tests.support import acting

    subject = desk.there.user("acme", "new.joiner@acme.example", name="New Joiner")
    browser = client()
    desk.go(browser, "acme", subject)
    (linked,) = desk.links(subject=subject)
    person = identity.user_by_email(desk.world.system(), "new.joiner@acme.example")
    acting.leave_passkey(desk.world.northwind, person)
    require(desk)
    assert browser.post(f"/me/sign-ins/{linked.id}/remove").status_code == 409
    (way,) = desk.rows(SignInWay, SignInWay.name == "acme")
    way.enforced = False
    desk.world.session.flush()
    assert browser.post(f"/me/sign-ins/{linked.id}/remove").status_code == 303
    assert desk.links(subject=subject) == []


def test_what_decides_who_gets_in_needs_a_new_proof(desk, client, travel):
    desk.way("acme", "acme", "acme.example")
    browser, person = client("ada"), client("rita")
    travel(minutes=11)
    for path in (
        "/admin/sign-in/new",
        "/admin/sign-in/acme",
        "/admin/sign-in/acme/delete",
        "/admin/sign-in/domains/new",
    ):
        answer = browser.post(path, data={"label": "Else"})
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/me/proof"), path
    desk.way("google")
    assert person.post("/me/sign-ins/google/add").headers["Location"].startswith("/me/proof")


def test_a_required_way_closes_passwords_and_links_to_its_members(desk, acme, client, run_outbox):
    require(desk)
    for email in ("rita@acme.example", "nobody.here@acme.example"):
        answer = client().post("/sign-in", data={"email": email, "password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in/with/acme")
    answer = client().post("/sign-in/password", data={"email": "rita@acme.example", "password": PASSWORD})
    assert answer.status_code == 403 and "sign in with" in answer.page.text
    from portal.notifications.models import OutgoingMail

    before = len(desk.rows(OutgoingMail))
    client().post("/password", data={"email": "rita@acme.example"})
    run_outbox()
    assert len(desk.rows(OutgoingMail)) == before
    assert desk.go(client(), "acme", acme).status_code == 303


def test_support_always_gets_in_with_a_password(desk, client):
    """Break-glass: even if somebody of support is also a member there."""
    desk.way("acme", "acme", "acme.example")
    require(desk)
    ctx = desk.world.system()
    place = Contact(
        provider_id=ctx.provider_id,
        organization_id=desk.organization("acme").id,
        user_id=desk.world.ada.id,
        created_at=ctx.now,
    )
    ctx.session.add(place)
    ctx.session.flush()
    email = identity.primary_email(ctx, desk.world.ada.id)
    answer = client().post("/sign-in/password", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303


def test_the_page_after_the_address_tells_the_domain_and_no_person(desk, acme, client):
    from tests.identity.steps import masked

    pages = []
    for email in ("rita@acme.example", "nope@acme.example"):
        browser = client()
        answer = browser.post("/sign-in", data={"email": email})
        page = browser.get(answer.headers["Location"])
        assert "Acme has a sign-in of its own" in page.page.text
        pages.append((answer.status_code, masked(page, email, email.replace("@", "%40"))))
    assert pages[0] == pages[1]
    elsewhere = client().post("/sign-in", data={"email": "gina@globex.example"})
    assert elsewhere.headers["Location"].startswith("/sign-in/password")


def test_signing_out_there_ends_the_sessions_that_came_from_there(desk, acme, client):
    by_password, by_acme = client("rita"), client()
    desk.go(by_acme, "acme", acme)
    assert signed_in(by_acme)
    token = {"logout_token": "a.b.c"}
    assert client().post("/sign-in/with/acme/logout", data=token, csrf=False).status_code == 400
    assert signed_in(by_acme)
    (linked,) = desk.links(subject=acme)
    from portal.sso.actions.arrivals import end_sessions_there

    (way,) = desk.rows(SignInWay, SignInWay.name == "acme")
    assert end_sessions_there(desk.world.system(), way, linked.issuer, subject=acme) == 1
    assert not signed_in(by_acme) and signed_in(by_password)
    open_rows = [row for row in desk.rows(BrowserSession) if row.ended_at is None and row.method == "acme"]
    assert open_rows == []


def test_a_person_whose_access_ended_stays_out(desk, acme, client):
    desk.go(client(), "acme", acme)
    (person,) = desk.rows(User, User.id == desk.world.rita.id)
    person.ended_at = desk.world.system().now
    desk.world.session.flush()
    answer = desk.go(client(), "acme", acme)
    assert answer.status_code == 403 and "Your access has ended" in answer.page.text
