"""An address that somebody names while it belongs to a person whom they may not see: a claimant, until the holder of
the address accepts."""

import io

import pytest
from sqlalchemy import func

from portal.announcements.models import AnnouncementFollow, AnnouncementJoin
from portal.authz.roles import ContactRole
from portal.cases.actions import people
from portal.cases.models import Case, CaseExclusion, CaseGrant
from portal.identity import actions as identity
from portal.identity.models import Address, User
from portal.identity.queries import password_of, user_by_email
from portal.kernel import tokens
from portal.kernel.database import db
from portal.kernel.errors import Forbidden
from portal.notifications.mime import fill_link
from portal.notifications.models import MailChoice, Notification, OutgoingMail
from portal.search.models import SearchDocument
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import people_import
from portal.tenants.models import Account, Contact, ContactAccess, Organization
from portal.tenants.queries.import_plan.objects import ImportRow
from tests.identity.steps import PASSWORD, sign_in
from tests.support import acting
from tests.support.announcements import write_announcement

PHRASE = "tea in the old harbour"


def invite(world, email, *, by="olga", name="Typed Name", role=ContactRole.MEMBER):
    """An administrator of Acme invites *email*; returns the contact."""
    ctx = world.ctx(by)
    acme = ctx.session.get(Organization, world.organizations["Acme"].id)
    grants = [contact_actions.Grant(world.acme.id, None, role)]
    contact = contact_actions.add_contact_by_email(ctx, acme, name=name, email=email, grants=grants)
    return world.row(Contact, contact.id)


def link_of(world, user_id):
    """The path of the newest invitation to a user."""
    rows = world.rows(tokens.TokenHash, tokens.TokenHash.subject_id == user_id)
    return f"/invite/{tokens.derive_token(rows[-1].id)}"


def accept(browser, path, **fields):
    page = browser.get(path).page
    return browser.submit(next(form for form in page.forms if form.action == path), **fields)


def mails_to(world, email):
    return world.rows(OutgoingMail, func.lower(OutgoingMail.recipient) == email.lower())


def test_the_claimant_is_a_person_apart_until_the_holder_accepts(world, as_user):
    contact = invite(world, world.gil.email.upper())
    assert contact.user_id != world.gil.id
    listed = as_user("olga").get("/org/acme/people").text
    assert "Typed Name" in listed and "Gil" not in listed
    # Signing in, resets and copies mean the holder.
    assert user_by_email(world.system(), world.gil.email).id == world.gil.id
    with pytest.raises(Exception, match="ix_addresses_holder"), db.session.begin_nested():
        row = world.rows(Address, Address.user_id == contact.user_id)[0]
        row.claimed = False
        db.session.flush()


def test_the_holder_who_signs_in_accepts_with_one_button_and_keeps_the_password(world, client, as_user, run_outbox):
    contact = invite(world, world.gil.email)
    claimant = contact.user_id
    case = world.open_case("olga", account="ACME")
    opened = world.open_case(
        "ana", account="ACME", side="staff", person_name="Typed Name", person_email=world.gil.email
    )
    world.put_in_copy(case, world.gil.email)
    assert opened.contact_user_id == claimant
    run_outbox()
    before = len(mails_to(world, world.gil.email))
    assert before >= 3  # invited, opened for them, put in copy
    path, browser = link_of(world, claimant), client()
    page = browser.get(path).page
    assert "You are invited to Acme" in page.text and not page.all("input", type="password")
    answer = accept(browser, path)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
    assert "You belong to Acme now" in browser.get(answer.headers["Location"]).page.text
    assert browser.get("/").status_code in (302, 303, 401)  # nobody was signed in
    assert sign_in(client(), world.gil.email, PASSWORD).status_code == 303
    moved = world.rows(Contact, Contact.id == contact.id)[0]
    assert moved.user_id == world.gil.id
    assert {row.user_id for row in world.rows(ContactAccess, ContactAccess.contact_id == contact.id)} == {world.gil.id}
    assert world.reload(opened).contact_user_id == world.gil.id
    assert [row.user_id for row in world.rows(CaseGrant, CaseGrant.case_id == case.id)] == [world.gil.id]
    assert not world.rows(Notification, Notification.user_id == claimant)
    documents = world.rows(SearchDocument, SearchDocument.case_id == opened.id)
    assert world.gil.id in documents[0].people and claimant not in documents[0].people
    for row in (case, opened):
        assert as_user("gil").get(f"/cases/{row.key}").status_code == 200
    listed = as_user("olga").get("/org/acme/people").text
    assert world.gil.name in listed and "Typed Name" not in listed
    old = world.rows(User, User.id == claimant)[0]
    assert (old.name, old.merged_into_id) == ("Typed Name", world.gil.id) and old.ended_at
    # Nobody is told twice, and who was let in hears of what comes.
    run_outbox()
    assert len(mails_to(world, world.gil.email)) == before
    world.answer(opened)
    run_outbox()
    assert len(mails_to(world, world.gil.email)) == before + 1
    assert client().get(path).status_code == 410


def test_who_accepts_while_signed_in_stays_signed_in_and_somebody_else_does_not(world, as_user):
    path = link_of(world, invite(world, world.gil.email).user_id)
    assert accept(as_user("gil"), path).headers["Location"] == "/"
    assert "Acme" in as_user("gil").get("/").page.text
    path = link_of(world, invite(world, world.gina.email, name="Other").user_id)
    assert accept(as_user("mel"), path).headers["Location"].startswith("/sign-in")
    assert world.rows(Contact, Contact.user_id == world.gina.id, Contact.organization_id == world.acme.organization_id)
    assert as_user("mel").get("/org/acme").status_code == 302


def test_a_holder_without_a_password_chooses_one_and_gets_every_place(world, client):
    eve = world.add_person("eve@elsewhere.example", "eve@elsewhere.example")
    contact = invite(world, eve.email)
    answer = accept(client(), link_of(world, contact.user_id), name="Eve Adams", password=PHRASE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert world.rows(Contact, Contact.id == contact.id)[0].user_id == eve.id
    assert world.rows(User, User.id == eve.id)[0].name == "Eve Adams"
    assert [row.verified_at is not None for row in world.rows(Address, Address.user_id == eve.id)] == [True]
    assert sign_in(client(), eve.email, PHRASE).status_code == 303


def test_a_link_to_a_known_sign_in_takes_no_password(world, client):
    """The link is good for a week: it must not be a key to an account that exists."""
    contact = invite(world, world.gil.email)
    path = link_of(world, contact.user_id)
    old = password_of(world.system(), world.gil.id).hash
    client().post(path, data={"name": "Mallory", "password": PHRASE})
    assert password_of(world.system(), world.gil.id).hash == old
    assert sign_in(client(), world.gil.email, PHRASE).status_code == 422
    assert world.rows(User, User.id == world.gil.id)[0].name == world.gil.name


def test_two_organizations_that_name_one_address_are_accepted_one_by_one(world, client):
    eve = world.add_person("Eve", "eve@elsewhere.example")
    acme = invite(world, eve.email)
    ctx = world.ctx("tom")
    globex = ctx.session.get(Account, world.globex.id)
    other = contact_actions.add_requester(ctx, globex, name="E.", email=eve.email, environment_id=None)
    other_id, other_user = other.id, other.user_id
    assert len({acme.user_id, other_user, eve.id}) == 3
    accept(client(), link_of(world, acme.user_id), name="Eve", password=PHRASE)
    assert world.rows(Contact, Contact.id == other_id)[0].user_id == other_user
    identity.invite(world.system(), world.rows(User, User.id == other_user)[0])
    accept(client(), link_of(world, other_user))
    assert world.rows(Contact, Contact.id == other_id)[0].user_id == eve.id


@pytest.mark.parametrize("over", ("holder", "place", "organization"))
def test_an_invitation_that_leads_nowhere_is_over(world, client, over):
    contact = invite(world, world.gil.email)
    path = link_of(world, contact.user_id)
    if over == "holder":
        identity.end_person(world.system(), world.rows(User, User.id == world.gil.id)[0])
    elif over == "place":
        contact_actions.end_contact(world.ctx("olga"), contact)
    else:
        world.row(Organization, world.organizations["Acme"].id).active = False
    db.session.flush()
    browser = client()
    assert browser.get(path).status_code == 410
    assert browser.post(path).status_code == 410
    assert world.rows(Contact, Contact.id == contact.id)[0].user_id == contact.user_id


def test_staff_of_all_accounts_name_the_person_whom_they_see(world):
    ctx = world.ctx("ana")
    globex = ctx.session.get(Account, world.globex.id)
    found = contact_actions.add_requester(ctx, globex, name="R", email=world.rita.email, environment_id=None)
    assert found.user_id == world.rita.id


def test_an_address_names_the_same_person_of_the_organization_every_time(world):
    contact = invite(world, world.gil.email)
    case = world.open_case("rita", account="ACME")
    people.add_people(world.ctx("rita"), case, [world.gil.email])
    assert [grant.user_id for grant in world.rows(CaseGrant, CaseGrant.case_id == case.id)] == [contact.user_id]
    for by in ("olga", "ada"):
        with pytest.raises(Exception, match="Typed Name already belongs to Acme"):
            invite(world, world.gil.email, by=by, name="Again")


def test_whom_a_case_excludes_no_second_self_sees(world, client):
    """Neither who claims the address of an excluded person, nor an excluded claimant's holder."""
    first, second = world.open_case("rita", account="ACME"), world.open_case("rita", account="ACME")
    world.exclude(first, "gil")
    contact = invite(world, world.gil.email)
    excluded = lambda case: {row.user_id for row in world.rows(CaseExclusion, CaseExclusion.case_id == case.id)}  # noqa: E731
    assert excluded(first) == {world.gil.id, contact.user_id}
    people.exclude(world.ctx("ana"), second, world.gil.id)
    assert excluded(second) == {world.gil.id, contact.user_id}
    third = world.open_case("rita", account="ACME", visibility="shared")
    people.exclude(world.ctx("ana"), third, contact.user_id)
    assert excluded(third) == {contact.user_id}
    accept(client("gil"), link_of(world, contact.user_id))
    assert [excluded(case) for case in (first, second, third)] == [{world.gil.id}] * 3
    assert [client("gil").get(f"/cases/{case.key}").status_code for case in (first, second, third)] == [404] * 3


def test_a_holder_in_copy_keeps_the_larger_grant(world, client):
    case = world.open_case("rita", account="ACME")
    world.put_in_copy(case, world.gil.email)
    contact = invite(world, world.gil.email)
    people.share_with(world.ctx("rita"), case, contact.user_id)
    assert len(world.rows(CaseGrant, CaseGrant.case_id == case.id)) == 2
    accept(client("gil"), link_of(world, contact.user_id))
    found = world.rows(CaseGrant, CaseGrant.case_id == case.id)
    assert [(grant.user_id, grant.kind) for grant in found] == [(world.gil.id, "participant")]


def test_a_person_with_two_addresses_keeps_one_place(world, client):
    ctx, second = world.system(), "gil@two.example"
    ctx.session.add(Address(provider_id=ctx.provider_id, user_id=world.gil.id, email=second, email_folded=second))
    ctx.session.flush()
    one = invite(world, world.gil.email)
    two = invite(world, second, role=ContactRole.COORDINATOR)
    case = world.open_case("ana", account="ACME", side="staff", person_name="Two", person_email=second)
    assert case.contact_user_id == two.user_id
    for contact in (one, two):
        accept(client("gil"), link_of(world, contact.user_id))
    acme = [c for c in world.rows(Contact, Contact.user_id == world.gil.id) if c.organization_id == one.organization_id]
    assert [contact.id for contact in acme] == [one.id]
    moved = world.rows(Case, Case.id == case.id)[0]
    assert (moved.contact_user_id, moved.contact_id) == (world.gil.id, one.id)
    assert client("gil").get(f"/cases/{case.key}").status_code == 200


def test_a_mail_about_a_case_leads_the_holder_in_who_was_named_only(world, client, as_user, run_outbox):
    """Nobody invited them: the link of the case is a 404 until they join, so the mail brings the way to join."""
    case = world.open_case("olga", account="ACME", person_name="Typed Name", person_email=world.gil.email)
    run_outbox()
    (mail,) = mails_to(world, world.gil.email)
    assert as_user("gil").get(f"/cases/{case.key}").status_code == 404
    assert "To see this case there, join Acme:" in mail.text and f"/cases/{case.key}" not in mail.text
    token = tokens.derive_token(mail.token_id)
    assert token not in mail.text + mail.html and f"/invite/{token}" in fill_link(mail, mail.text)
    # Nothing of it shows where the person was named.
    listed = as_user("ada").get("/admin/organizations/acme/people?q=typed").page.text
    assert "Typed Name" in listed and "No sign-in" in listed
    assert accept(as_user("gil"), f"/invite/{token}").headers["Location"] == "/"
    assert as_user("gil").get(f"/cases/{case.key}").status_code == 200
    world.answer(case)
    run_outbox()
    assert "join Acme" not in mails_to(world, world.gil.email)[-1].text


def test_who_cannot_sign_in_gets_no_way_in_by_being_named(world, run_outbox):
    """Somebody unknown, and a holder without a password: a case opened for them is no invitation."""
    world.add_person("Eve", "eve@elsewhere.example")
    for email in ("eve@elsewhere.example", "new@elsewhere.example"):
        world.open_case("olga", account="ACME", person_name="Typed Name", person_email=email)
        run_outbox()
        (mail,) = mails_to(world, email)
        assert mail.token_id is None and "/invite/" not in mail.text


def test_the_second_who_names_an_unknown_address_does_not_see_what_the_first_typed(world, as_user):
    first = invite(world, "new@elsewhere.example", name="Secret Nickname")
    ctx = world.ctx("tom")
    globex = ctx.session.get(Account, world.globex.id)
    second = contact_actions.add_requester(
        ctx, globex, name="Ms New", email="new@elsewhere.example", environment_id=None
    )
    names = {row.id: row.name for row in world.rows(User, User.id.in_([first.user_id, second.user_id]))}
    assert names == {first.user_id: "Secret Nickname", second.user_id: "Ms New"}
    for who, path, own, other in (
        ("olga", "/org/acme/people", "Secret Nickname", "Ms New"),
        ("tom", "/desk/accounts/GLOBEX", "Ms New", "Secret Nickname"),
    ):
        text = as_user(who).get(path).text
        assert own in text and other not in text, who


def import_file(browser, *rows):
    """Upload *rows* and import what is good; returns the words of the preview and of the result."""
    content = "\n".join(["Organization,Account key,Name,Email,Role", *rows]).encode()
    path = browser.post("/admin/import", data={"file": (io.BytesIO(content), "people.csv")}).headers["Location"]
    page = browser.get(path).page
    browser.submit(page.form(path))
    return page.text, browser.get(path).page.text


def test_a_row_of_an_import_means_the_claimant_in_their_organization_and_the_holder_elsewhere(world, as_user):
    contact = invite(world, world.gil.email)
    holder = world.row(User, world.gil).name
    rows = (f"Acme,ACME,Gilbert,{world.gil.email},coordinator", f"Third,THIRD,Gilda,{world.gil.email},member")
    preview, result = import_file(as_user("ada"), *rows)
    assert "known person, new in this organization" in preview and "new person" not in preview
    assert "1 row was refused" not in result
    assert world.row(User, contact.user_id).name == "Gilbert" and world.row(User, world.gil).name != "Gilbert"
    roles = world.rows(ContactAccess, ContactAccess.contact_id == contact.id)
    assert [row.role for row in roles] == ["coordinator"]
    third = world.rows(Organization, Organization.name == "Third")[0]
    assert [row.user_id for row in world.rows(Contact, Contact.organization_id == third.id)] == [world.gil.id]
    assert world.row(User, world.gil).name == holder, "an organization that somebody joins does not rename them"
    assert len(world.rows(Address, Address.email_folded == world.gil.email)) == 2
    listed = as_user("olga").get("/org/acme/people").text
    assert "Gilbert" in listed and holder not in listed


@pytest.mark.parametrize("who", ["olga", "cora", "ana", "lee"])
def test_who_does_not_see_everybody_imports_nobody(world, as_user, who):
    """A preview tells whose address is known, so it is for those who configure the provider only."""
    browser, draft = as_user(who), acting.leave_import(world.northwind, world.ada)
    for path in ("/admin/import", f"/admin/import/{draft}", f"/admin/import/{draft}/refused.csv"):
        assert browser.get(path).status_code == 403
    for path in ("/admin/import", f"/admin/import/{draft}", f"/admin/import/{draft}/invite"):
        assert browser.post(path, data={}).status_code == 403
    plan = [ImportRow(2, organization="Acme", account_key="ACME", name="Gil", email=world.gil.email)]
    with pytest.raises(Forbidden):
        people_import.import_people(world.ctx(who), plan, invite=False)
    with pytest.raises(Forbidden):
        people_import.import_batch(world.ctx(who), plan, invite=False)


def test_N15_what_the_claimant_joined_and_chose_is_the_holders(world, client):
    """Both said something of one announcement: the holder's word stays. The rest comes along."""
    contact = invite(world, world.gil.email)
    both, alone = write_announcement(world, "Both"), write_announcement(world, "Alone")
    own = {"provider_id": world.northwind.id}
    place = {"organization_id": world.organizations["Acme"].id, "account_id": world.acme.id}
    for row, user_id, word in (
        (both, world.gil.id, "holder"),
        (both, contact.user_id, "x"),
        (alone, contact.user_id, "y"),
    ):
        said = {"announcement_id": row.id, "user_id": user_id, **own}
        world.session.add(AnnouncementJoin(**said, **place, impact=word, joined_at=row.created_at, answer=""))
        world.session.add(AnnouncementFollow(**said, mode="mute" if user_id == world.gil.id else "follow"))
    world.session.add(MailChoice(**own, user_id=world.gil.id, topic="answers", mailed=True))
    for topic in ("answers", "announcements"):
        world.session.add(MailChoice(**own, user_id=contact.user_id, topic=topic, mailed=False))
    world.session.flush()
    assert accept(client(), link_of(world, contact.user_id)).status_code == 303
    joins = {(row.announcement_id, row.user_id): row.impact for row in world.rows(AnnouncementJoin)}
    assert joins == {(both.id, world.gil.id): "holder", (alone.id, world.gil.id): "y"}
    follows = {(row.announcement_id, row.user_id): row.mode for row in world.rows(AnnouncementFollow)}
    assert follows == {(both.id, world.gil.id): "mute", (alone.id, world.gil.id): "follow"}
    chosen = {row.topic: row.mailed for row in world.rows(MailChoice, MailChoice.user_id == world.gil.id)}
    assert chosen == {"answers": True, "announcements": False}
