"""Correcting who somebody is: by the provider's administrators, and by those of an organization within it."""

import pytest

from portal.identity import actions as identity
from portal.identity.models import Address, User
from portal.identity.queries import primary_email
from portal.kernel import tokens
from portal.kernel.errors import Forbidden, Refused
from portal.notifications.models import OutgoingMail
from portal.tenants.actions import person_details as actions
from portal.tenants.models import Contact
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import organizations as organization_queries
from tests.identity.steps import sign_in

NEW = "new.name@acme.example"


def details_of(world, who, by):
    """The path of the page where *by* corrects *who*."""
    contact = world.people[who].contact_id
    return (
        f"/org/acme/people/{contact}/details" if by == "olga" else f"/admin/organizations/acme/people/{contact}/details"
    )


def submit(browser, path, **fields):
    return browser.submit(browser.get(path).page.form(path), **fields)


def link_of(world, who):
    wanted = (tokens.TokenHash.purpose == identity.EMAIL_CHANGE, tokens.TokenHash.subject_id == world.people[who].id)
    return f"/email/{tokens.derive_token(world.rows(tokens.TokenHash, *wanted)[-1].id)}"


@pytest.mark.parametrize("by", ["ada", "olga"])
def test_name_phone_and_zone_are_corrected_at_once(world, as_user, by):
    answer = submit(
        as_user(by), details_of(world, "mel", by), name="Melanie", phone="+44 20 7946 0000", zone="Asia/Tokyo"
    )
    assert answer.status_code == 303
    person = world.row(User, world.mel)
    assert (person.name, person.name_folded, person.phone, person.zone) == (
        "Melanie",
        "melanie",
        "+44 20 7946 0000",
        "Asia/Tokyo",
    )


@pytest.mark.parametrize("by", ["ada", "olga"])
def test_an_address_holds_once_its_link_was_used_and_the_old_one_is_told(world, as_user, client, run_outbox, by):
    page = as_user(by)
    answer = submit(page, details_of(world, "mel", by), email=NEW)
    assert "the address changes once it is used" in page.get(answer.headers["Location"]).page.text
    run_outbox()
    kinds = {mail.kind: mail for mail in world.rows(OutgoingMail, OutgoingMail.user_id == world.mel.id)}
    assert (kinds["email_change"].recipient, kinds["email_change_notice"].recipient) == (NEW, world.mel.email)
    assert kinds["email_change_notice"].token_id is None, "only the new address can prove itself"
    assert sign_in(client(), NEW).status_code == 422 and sign_in(client(), world.mel.email).status_code == 303
    path = link_of(world, "mel")
    browser = client()
    for _time in range(2):
        assert browser.get(path).status_code == 200, "opening the link spends nothing"
    assert browser.submit(browser.get(path).page.form(path)).status_code == 303
    assert sign_in(client(), NEW).status_code == 303 and sign_in(client(), world.mel.email).status_code == 422
    assert browser.get(path).status_code == 410


def test_another_correction_or_the_old_address_makes_the_link_useless(world, as_user, client):
    path = details_of(world, "mel", "ada")
    submit(as_user("ada"), path, email=NEW)
    first = link_of(world, "mel")
    submit(as_user("ada"), path, email="other@acme.example")
    assert client().get(first).status_code == 410
    second = link_of(world, "mel")
    submit(as_user("ada"), path, email=world.mel.email)
    assert client().get(second).status_code == 410 and world.row(User, world.mel).new_email == ""


def test_who_has_no_password_gets_the_address_at_once_and_the_invitation_again(world, as_user, run_outbox):
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    submit(as_user("olga"), details_of(world, "jan", "olga"), email=NEW)
    run_outbox()
    assert primary_email(world.system(), world.jan.id) == NEW
    mails = world.rows(OutgoingMail, OutgoingMail.user_id == world.jan.id, OutgoingMail.kind == "invitation")
    assert mails[-1].recipient == NEW


def test_an_address_that_is_known_elsewhere_answers_an_organization_like_an_unknown_one(world, as_user):
    path = details_of(world, "jan", "olga")
    known = submit(as_user("olga"), path, email=world.gil.email)
    assert known.status_code == 303
    address = world.rows(Address, Address.user_id == world.jan.id)[0]
    assert address.claimed and address.email == world.gil.email
    refused = submit(as_user("ada"), details_of(world, "mel", "ada"), email=world.gil.email)
    assert refused.status_code == 422 and "has this address already" in refused.page.text


def test_the_link_of_an_address_that_got_a_holder_meanwhile_changes_nothing(world, as_user, client):
    submit(as_user("olga"), details_of(world, "mel", "olga"), email=world.gil.email)
    path = link_of(world, "mel")
    answer = client().submit(client().get(path).page.form(path))
    assert answer.status_code == 422 and primary_email(world.system(), world.mel.id) == world.mel.email


def contact_of(world, ctx, who, slug="acme"):
    return contact_queries.contact(ctx, organization_queries.organization(ctx, slug), world.people[who].contact_id)


def test_somebody_with_another_place_is_not_corrected_by_one_organization(world, as_user):
    ctx = world.ctx("ada")
    globex = world.organizations["Globex"].id
    ctx.session.add(
        Contact(provider_id=ctx.provider_id, organization_id=globex, user_id=world.mel.id, created_at=ctx.now)
    )
    ctx.session.flush()
    olga = world.ctx("olga")
    values = {"name": "X", "email": world.mel.email, "phone": "", "zone": ""}
    with pytest.raises(Forbidden):
        actions.correct_contact(olga, contact_of(world, olga, "mel"), **values)
    assert as_user("olga").get(details_of(world, "mel", "olga")).status_code == 403
    person = as_user("olga").get(details_of(world, "mel", "olga").removesuffix("/details"))
    assert person.status_code == 200 and '/details"' not in person.text
    actions.correct_contact(world.ctx("ada"), contact_of(world, world.ctx("ada"), "mel"), **values)


def test_who_sees_no_case_cannot_give_an_address_that_would_see_some(world):
    pat = world.ctx("pat")
    contact = contact_of(world, pat, "mel")
    with pytest.raises(Refused, match="somebody could see cases"):
        actions.correct_contact(pat, contact, name="Mel", email="pat2@northwind.example", phone="", zone="")


def test_staff_are_corrected_by_administrators(world, as_user):
    path = f"/admin/staff/{world.tom.staff_id}/details"
    assert submit(as_user("ada"), path, name="Thomas Berg").status_code == 303
    assert world.row(User, world.tom).name == "Thomas Berg"
    assert as_user("ana").get(path).status_code in (403, 404)


def test_both_sides_offer_the_same_zones_also_after_a_refusal(world, as_user):
    offered = []
    for by in ("ada", "olga"):
        path = details_of(world, "mel", by)
        shown = as_user(by).get(path).page
        refused = submit(as_user(by), path, name="")
        assert refused.status_code == 422
        for page in (shown, refused.page):
            offered.append([option.text.partition(" (")[0] for option in page.all("option")])
    assert len(offered[0]) > 100 and all(zones == offered[0] for zones in offered)
