"""Signing in: who gets in, where they land, and what a stranger can learn (nothing)."""

from unittest import mock

import pytest

from portal.identity import passwords
from portal.identity.models import User
from portal.kernel.events import Event
from portal.tenants.models import Contact, StaffMember
from tests.identity.steps import MISMATCH, PASSWORD, WRONG, masked, sign_in


def test_the_right_password_leads_a_contact_to_the_portal_and_staff_to_the_desk(world, client):
    world.answer(world.open_case("rita"))  # until then who configures is led to the first steps
    assert sign_in(client(), world.rita.email).headers["Location"] == "/"
    assert sign_in(client(), world.ana.email).headers["Location"] == "/desk"
    answer = sign_in(client(), world.pat.email)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin")


def test_letter_case_and_blanks_around_the_address_do_not_matter(world, client):
    browser = client()
    assert sign_in(browser, f"  {world.rita.email.upper()} ").status_code == 303
    assert browser.get("/me").status_code == 200


def test_signing_in_is_recorded_with_its_method(world, client):
    sign_in(client(), world.rita.email)
    event = world.rows(Event, Event.name == "session.started")[-1]
    assert (event.actor_user_id, event.facts["method"]) == (world.rita.id, "password")


def test_the_address_alone_leads_to_a_page_for_the_password_that_keeps_it(world, client):
    browser = client()
    answer = browser.post("/sign-in", data={"email": world.rita.email, "next": "/cases"})
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).page
    form = next(f for f in page.forms if f.action == "/sign-in/password")
    assert form.filled()["email"] == world.rita.email
    assert browser.submit(form, password=PASSWORD).headers["Location"] == "/cases"


def test_the_page_behind_the_address_offers_every_way(client):
    page = client().get("/sign-in/password?email=rita@acme.example").page
    assert any(link.startswith("/sign-in/link") for link in page.links)
    assert any(link.startswith("/password") for link in page.links)
    assert any(form.action == "/sign-in/passkey" for form in page.forms)


def test_an_unknown_address_alone_gets_the_same_password_page(world, client):
    known, unknown = world.rita.email, "nobody@acme.example"
    answers = [client().get("/sign-in/password", query_string={"email": email}) for email in (known, unknown)]
    assert answers[0].status_code == answers[1].status_code == 200
    assert masked(answers[0], known, known.replace("@", "%40")) == masked(
        answers[1], unknown, unknown.replace("@", "%40")
    )


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/password"])
def test_known_unknown_and_passwordless_addresses_fail_with_the_same_bytes(world, client, path):
    seen = set()
    for email in (world.rita.email, world.jan.email, "nobody@acme.example"):
        answer = client().post(path, data={"email": email, "password": WRONG})
        assert answer.status_code == 422
        assert MISMATCH in answer.page.text
        seen.add(masked(answer, email, email.replace("@", "%40")))
    assert len(seen) == 1


@pytest.mark.parametrize("who", ["rita", "jan", "nobody"])
@pytest.mark.parametrize("password", [PASSWORD, WRONG, "x" * 100_000])
def test_every_try_costs_exactly_one_verification(world, client, who, password):
    email = f"{who}@acme.example"
    with mock.patch.object(passwords, "_hasher", wraps=passwords._hasher) as hasher:
        sign_in(client(), email, password)
    assert hasher.verify.call_count == 1


def test_a_wrong_password_keeps_the_address_and_never_the_password(world, client):
    answer = sign_in(client(), world.rita.email, WRONG)
    assert world.rita.email in answer.text
    assert WRONG not in answer.text


def test_a_long_password_is_not_cut_to_a_right_one(world, client):
    from portal.identity import actions

    long = "a long pass phrase of 200 signs " * 6 + "12345678"
    assert len(long) == 200
    actions.set_password(world.system(), world.row(User, world.rita), long)
    assert sign_in(client(), world.rita.email, long + "!").status_code == 422
    assert sign_in(client(), world.rita.email, long).status_code == 303


def test_a_password_may_be_typed_with_composed_or_decomposed_letters(world, client):
    from portal.identity import actions

    actions.set_password(world.system(), world.row(User, world.rita), "żółw \u00f3semka")
    assert sign_in(client(), world.rita.email, "żółw o\u0301semka").status_code == 303


@pytest.mark.parametrize("email", ["", "ana", "ana@acme", "a b@c.d", "\x00", "ana\u202e@acme.example.", "@" * 10_000])
def test_what_is_no_address_is_answered_with_a_sentence(world, client, email):
    answer = sign_in(client(), email, WRONG)
    assert answer.status_code == 422
    assert answer.page.all(id="email-error")


@pytest.mark.parametrize("password", ["\x00", "\u202e", "\U0001f600", " ", "x" * 10_000_000])
def test_hostile_passwords_are_only_wrong(world, client, password):
    assert sign_in(client(), world.rita.email, password).status_code == 422


def test_an_old_form_token_keeps_the_address(world, client):
    answer = client().post("/sign-in", csrf=False, data={"email": world.rita.email, "password": PASSWORD})
    assert answer.status_code == 422
    assert "Check and send again" in answer.page.text
    assert world.rita.email in answer.text
    assert PASSWORD not in answer.text


def test_an_ended_contact_hears_so_only_after_the_right_password(world, client):
    world.row(Contact, world.rita.contact_id).active = False
    assert MISMATCH in sign_in(client(), world.rita.email, WRONG).page.text
    browser = client()
    answer = sign_in(browser, world.rita.email)
    assert answer.status_code == 403
    assert "Your access has ended" in answer.page.text
    assert "_user_id" not in browser.cookie


def test_an_ended_person_and_an_ended_staff_member_hear_so_too(world, client):
    world.row(User, world.gil).ended_at = world.system().now
    world.row(StaffMember, world.ana.staff_id).active = False
    assert sign_in(client(), world.gil.email).status_code == 403
    assert sign_in(client(), world.ana.email).status_code == 403


def test_somebody_who_was_put_in_copy_may_come_in_without_a_place(world, client):
    case = world.open_case("rita")
    world.put_in_copy(case, world.gil.email)
    world.row(Contact, world.gil.contact_id).active = False
    assert sign_in(client(), world.gil.email).status_code == 303


def test_whoever_is_signed_in_is_led_on_from_the_sign_in_page(world, as_user):
    assert as_user("rita").get("/sign-in").headers["Location"] == "/"
    assert as_user("ana").get("/sign-in?next=/desk/queue").headers["Location"] == "/desk/queue"


def test_the_page_says_whom_to_call(client):
    first, second = (client().get(path).page for path in ("/sign-in", "/sign-in/password?email=rita@acme.example"))
    assert "+48 22 100 20 30" in first.text and "+48 22 100 20 30" in second.text
    names = [{f.get("name"): f.get("autocomplete") for f in p.all("input", autocomplete=True)} for p in (first, second)]
    assert names == [{"email": "username"}, {"email": "username", "password": "current-password"}]
