"""Browsers in which the second factor was proved a short time ago: bounded, listed, and ended by a new password."""

import pytest

from portal.identity import actions
from portal.identity.factor_models import TrustedDevice
from portal.identity.models import BrowserSession, User
from portal.kernel.events import Event
from tests.identity.second_factors import code_of, set_up_app
from tests.identity.steps import sign_in


@pytest.fixture
def rita(world, client):
    """A browser in which Rita typed a code and trusts the device; she is signed out."""
    secret, _codes = set_up_app(world, "rita")
    browser = client()
    assert sign_in(browser, world.rita.email).headers["Location"] == "/sign-in/factor"
    form = browser.get("/sign-in/factor").page.form("/sign-in/factor")
    assert form.filled().get("trust") is None  # never by itself
    assert browser.submit(form, code=code_of(world, secret), trust="y").headers["Location"] == "/"
    browser.post("/sign-out")
    return browser


def test_a_trusted_device_needs_no_code_and_another_one_does(world, rita, client):
    assert sign_in(rita, world.rita.email, next="/cases").headers["Location"] == "/cases"
    event = world.rows(Event, Event.name == "session.started")[-1]
    assert event.facts["factor"] == "trusted"
    assert sign_in(client(), world.rita.email).headers["Location"] == "/sign-in/factor"
    # Somebody else in the same browser is not helped by it.
    set_up_app(world, "mel")
    rita.post("/sign-out")
    assert sign_in(rita, world.mel.email).headers["Location"] == "/sign-in/factor"


def test_a_trusted_device_is_no_proof_for_a_sensitive_change(world, rita):
    sign_in(rita, world.rita.email)
    answer = rita.post("/me/factors/codes", data={})
    assert answer.status_code in (302, 303) and "/me/proof" in answer.headers["Location"]
    assert [row.proved_at for row in world.rows(BrowserSession, BrowserSession.user_id == world.rita.id)][-1] is None


def test_it_ends_by_itself(world, rita, travel):
    travel(days=31)
    assert sign_in(rita, world.rita.email).headers["Location"] == "/sign-in/factor"


def test_it_is_listed_and_can_be_ended(world, rita, client):
    sign_in(rita, world.rita.email)
    (row,) = world.rows(TrustedDevice)
    path = f"/me/factors/devices/{row.id}/end"
    assert path in rita.get("/me/factors").page.links
    assert client("mel").get(path).status_code == 404
    assert client("mel").post(path).status_code == 404
    assert rita.submit(rita.get(path).page.form(path)).status_code == 303
    rita.post("/sign-out")
    assert sign_in(rita, world.rita.email).headers["Location"] == "/sign-in/factor"


@pytest.mark.parametrize("change", ["password", "reset", "elsewhere", "another app"])
def test_what_ends_every_trust(world, rita, change):
    person = world.row(User, world.rita)
    if change == "password":
        actions.set_password(world.system(), person, "tea in the old harbour")
    elif change == "reset":
        actions.reset_factors(world.ctx("ada"), person)
    elif change == "elsewhere":
        actions.sign_out_elsewhere(world.ctx("rita", "contact"), person)
    else:
        set_up_app(world, "rita")
    assert world.rows(TrustedDevice) == []


def test_the_number_of_devices_is_bounded(world, rita):
    ctx, person = world.ctx("rita", "contact"), world.row(User, world.rita)
    for number in range(actions.MOST_DEVICES + 5):
        actions.trust_device(ctx, person, f"browser {number}")
    rows = world.rows(TrustedDevice)
    assert len(rows) == actions.MOST_DEVICES
