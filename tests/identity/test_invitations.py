"""An invitation: opened as often as one likes, spent once, good for seven days, worth nothing elsewhere."""

import pytest

from portal.identity import actions
from portal.identity.models import Address, User
from portal.kernel import tokens
from tests.identity.steps import PASSWORD, invitation, sign_in

PHRASE = "tea in the old harbour"


def test_accepting_sets_name_and_password_verifies_the_address_and_signs_in(world, client):
    path, browser = invitation(world, "jan"), client()
    page = browser.get(path).page
    assert world.jan.email in page.text
    form = next(f for f in page.forms if f.action == path)
    assert form.filled()["name"] == "Jan Nowak"
    answer = browser.submit(form, name="Jan J. Nowak", password=PHRASE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Jan J. Nowak" in browser.get("/me").text
    assert world.rows(Address, Address.user_id == world.jan.id)[0].verified_at is not None
    assert sign_in(client(), world.jan.email, PHRASE).status_code == 303


def test_opening_it_ten_times_spends_nothing(world, client):
    path = invitation(world, "jan")
    for _ in range(10):
        assert client().get(path).status_code == 200
        assert client().head(path).status_code == 200
    assert client().post(path, data={"name": "Jan", "password": PHRASE}).status_code == 303


def test_it_works_once(world, client):
    path = invitation(world, "jan")
    client().post(path, data={"name": "Jan", "password": PHRASE})
    for answer in (client().get(path), client().post(path, data={"name": "X", "password": "something else 1"})):
        assert answer.status_code == 410
        assert answer.page.all("a", href="/password") and answer.page.all("a", href="/sign-in")
    assert sign_in(client(), world.jan.email, "something else 1").status_code == 422


def test_after_seven_days_it_is_too_old_and_the_way_on_sends_a_new_one(world, client, travel, run_outbox):
    path = invitation(world, "jan")
    travel(days=7, seconds=1)
    assert client().get(path).status_code == 410
    client().post("/password", data={"email": world.jan.email})
    run_outbox()
    links = world.rows(tokens.TokenHash, tokens.TokenHash.subject_id == world.jan.id)
    new = f"/invite/{tokens.derive_token(links[-1].id)}"
    assert new != path
    assert client().get(new).status_code == 200


def test_a_newer_invitation_kills_the_older_and_withdrawing_kills_it(world, client):
    first = invitation(world, "jan")
    second = invitation(world, "jan")
    assert client().get(first).status_code == 410
    actions.withdraw_invitation(world.system(), world.row(User, world.jan))
    assert client().get(second).status_code == 410


@pytest.mark.parametrize("token", ["x", "%00", "A" * 43, "a" * 3000, "żółw", "..%2f.."])
def test_a_wrong_token_does_not_exist(client, token):
    assert client().get(f"/invite/{token}").status_code == 404
    assert client().post(f"/invite/{token}", data={"name": "A", "password": PHRASE}).status_code == 404


def test_it_means_nothing_at_another_provider_nor_for_another_purpose(world, client):
    path = invitation(world, "jan")
    assert client(host=world.southgate.host).get(path).status_code == 404
    assert client().get(path.replace("/invite/", "/password/")).status_code == 404


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 10"),
        ("x" * 201, "at most 200"),
        ("aaaaaaaaaaaa", "too easy"),
        ("password123", "too easy"),
        ("Jan@Acme.example", "too easy"),
        ("", "Choose a password"),
    ],
)
def test_a_bad_password_is_refused_with_the_name_kept_and_the_link_still_good(world, client, password, says):
    path = invitation(world, "jan")
    answer = client().post(path, data={"name": "Jan J.", "password": password})
    assert answer.status_code == 422
    assert says in answer.page.first(id="password-error").text
    assert answer.page.first("input", name="name").get("value") == "Jan J."
    assert not password or f'"{password}"' not in answer.text
    assert client().post(path, data={"name": "Jan", "password": PHRASE}).status_code == 303


def test_whoever_is_signed_in_here_is_signed_out_by_accepting(world, client):
    path, browser, copy = invitation(world, "jan"), client("rita"), client()
    copy.remember(**browser.cookie)
    browser.post(path, data={"name": "Jan Nowak", "password": PHRASE})
    assert "Jan Nowak" in browser.get("/me").page.text
    assert copy.get("/me").status_code == 302


def test_somebody_whose_place_ended_meanwhile_is_told_and_gets_no_password(world, client):
    from portal.tenants.models import Contact

    path = invitation(world, "jan")
    world.row(Contact, world.jan.contact_id).active = False
    answer = client().post(path, data={"name": "Jan", "password": PHRASE})
    assert answer.status_code == 422
    assert "Your access has ended" in answer.page.text
    assert sign_in(client(), world.jan.email, PASSWORD).status_code == 422
