"""Signing in at an identity provider: the happy paths, and every answer that is not accepted, with its sentence."""

import pytest

from portal.identity import queries as identity
from portal.identity.models import BrowserSession, User
from portal.kernel.security_events import SecurityEvent
from portal.sso.models import LinkedSignIn, SignInWay
from tests.sso.conftest import DIRECTORY, OTHER_DIRECTORY


def signed_in_as(browser) -> str:
    """The address of whoever is signed in, '' for nobody."""
    answer = browser.get("/me")
    return "" if answer.status_code == 302 else answer.page.text


@pytest.fixture
def acme(desk):
    """Acme's own identity provider, and Rita there."""
    desk.way("acme", "acme", "acme.example")
    return desk.there.user("acme", "rita@acme.example", name="Rita")


def test_a_member_signs_in_by_the_identity_provider_of_their_organization(desk, acme, client):
    browser = client()
    answer = desk.go(browser, "acme", acme, next="/cases")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases")
    assert "rita@acme.example" in signed_in_as(browser)
    (linked,) = desk.links(subject=acme)
    assert linked.user_id == desk.world.rita.id and linked.last_used_at is not None
    (session,) = desk.rows(BrowserSession, BrowserSession.method == "acme")
    assert session.user_id == desk.world.rita.id


def test_the_second_time_the_person_is_found_by_issuer_and_subject_alone(desk, acme, client):
    assert desk.go(client(), "acme", acme).status_code == 303
    desk.there.order("change_claims", claims={"email": "gina@globex.example"})
    browser = client()
    assert desk.go(browser, "acme", acme).status_code == 303
    assert "rita@acme.example" in signed_in_as(browser)
    assert len(desk.links(subject=acme)) == 1


def test_a_newcomer_of_the_domain_becomes_a_contact_with_the_default_role(desk, acme, client):
    subject = desk.there.user("acme", "new.joiner@acme.example", name="New Joiner")
    browser = client()
    assert desk.go(browser, "acme", subject).status_code == 303
    assert "new.joiner@acme.example" in signed_in_as(browser)
    joined = identity.user_by_email(desk.world.system(), "new.joiner@acme.example")
    assert joined is not None and joined.name == "New Joiner"


def test_google_vouches_for_the_domains_that_it_hosts(desk, client):
    desk.way("google")
    own = desk.there.user("google", "rita@acme.example", claims={"hd": "acme.example"})
    browser = client()
    assert desk.go(browser, "google", own).status_code == 303
    assert "rita@acme.example" in signed_in_as(browser)


def test_google_does_not_vouch_for_an_address_elsewhere(desk, client):
    desk.way("google")
    foreign = desk.there.user("google", "rita@acme.example")
    answer = desk.go(client(), "google", foreign)
    assert answer.status_code == 422
    assert "Google does not confirm your email address" in answer.page.text
    assert desk.links() == []


def test_microsoft_is_keyed_by_directory_and_subject(desk, client):
    desk.there.tenant(DIRECTORY, is_microsoft=True)
    desk.way("microsoft")
    desk.domain(DIRECTORY, "acme", "microsoft")
    desk.domain(OTHER_DIRECTORY, "globex", "microsoft")
    desk.domain("acme.example", "acme")
    subject = desk.there.user(DIRECTORY, "rita@acme.example", name="Rita")
    browser = client()
    answer = desk.go(browser, "microsoft", subject)
    assert answer.status_code == 303
    assert "rita@acme.example" in signed_in_as(browser)
    (linked,) = desk.links(subject=subject)
    assert linked.issuer == f"{desk.there.url}/{DIRECTORY}/v2.0"


def test_a_foreign_directory_with_the_address_of_a_victim_gets_nowhere(desk, client):
    for name in (DIRECTORY, OTHER_DIRECTORY):
        desk.there.tenant(name, is_microsoft=True)
    desk.way("microsoft")
    desk.domain(DIRECTORY, "acme", "microsoft")
    desk.domain("acme.example", "acme")
    desk.domain("11111111-86f1-41af-91ab-2d7cd011db47", "globex", "microsoft")
    attacker = desk.there.user(OTHER_DIRECTORY, "rita@acme.example")
    answer = desk.go(client(), "microsoft", attacker)
    assert answer.status_code == 422
    assert "Your Microsoft directory is not known here" in answer.page.text
    assert desk.links() == []


def test_a_known_directory_speaks_for_its_own_domains_only(desk, client):
    for name in (DIRECTORY, OTHER_DIRECTORY):
        desk.there.tenant(name, is_microsoft=True)
    desk.way("microsoft")
    desk.domain(DIRECTORY, "acme", "microsoft")
    desk.domain(OTHER_DIRECTORY, "globex", "microsoft")
    desk.domain("acme.example", "acme")
    attacker = desk.there.user(OTHER_DIRECTORY, "rita@acme.example")
    answer = desk.go(client(), "microsoft", attacker)
    assert answer.status_code == 422
    assert "does not confirm your email address" in answer.page.text
    assert desk.links() == []


def test_microsoft_can_say_that_the_domain_was_not_proved(desk, client):
    for name in (DIRECTORY,):
        desk.there.tenant(name, is_microsoft=True)
    desk.way("microsoft")
    desk.domain(DIRECTORY, "acme", "microsoft")
    desk.domain("acme.example", "acme")
    subject = desk.there.user(DIRECTORY, "rita@acme.example", claims={"xms_edov": False})
    assert "does not confirm your email address" in desk.go(client(), "microsoft", subject).page.text


WRONG = {
    "alg_none": "is not signed",
    "foreign_key": "is not that of Acme",
    "unknown_key": "is not that of Acme",
    "hs256_public_key": "signed in a way that is not safe",
    "hs256_secret": "signed in a way that is not safe",
    "tampered": "is not that of Acme",
    "expired": "has expired",
    "issued_later": "dated in the future",
    "no_nonce": "belongs to another sign-in",
    "wrong_nonce": "belongs to another sign-in",
    "wrong_audience": "meant for another application",
    "wrong_issuer": "comes from another place",
    "no_subject": "did not say who you are",
    "no_id_token": "is not complete",
}


@pytest.mark.parametrize(("fault", "sentence"), WRONG.items())
def test_a_wrong_token_signs_nobody_in(desk, acme, client, fault, sentence):
    desk.there.token_fault(fault, times=5)
    browser = client()
    answer = desk.go(browser, "acme", acme)
    assert answer.status_code == 422
    assert sentence in answer.page.text
    assert signed_in_as(browser) == "" and desk.links() == []
    answer.close()  # what was noted is stored after the answer
    (event,) = desk.rows(SecurityEvent, SecurityEvent.kind == "sign_in.refused")
    assert event.address.startswith("acme ")


def test_an_unproved_address_signs_nobody_in(desk, acme, client):
    subject = desk.there.user("acme", "rita@acme.example", email_verified=False)
    answer = desk.go(client(), "acme", subject)
    assert answer.status_code == 422 and "does not confirm your email address" in answer.page.text
    assert desk.links() == []


def test_an_organization_does_not_speak_for_other_domains(desk, acme, client):
    for email in ("gina@globex.example", "ada@northwind.example", "stranger@elsewhere.example"):
        answer = desk.go(client(), "acme", desk.there.user("acme", email))
        assert answer.status_code == 422 and "does not confirm your email address" in answer.page.text
    assert desk.links() == []


def test_a_callback_in_another_browser_leads_nowhere(desk, acme, client):
    desk.there.sign_in_as(acme)
    back = desk.consent(desk.start(client(), "acme"))
    answer = client().get(back)
    assert answer.status_code == 410 and "did not begin in this browser" in answer.page.text


def test_a_state_and_a_code_are_used_once(desk, acme, client):
    desk.there.sign_in_as(acme)
    browser = client()
    back = desk.consent(desk.start(browser, "acme"))
    assert browser.get(back).status_code == 303
    browser.get("/sign-out")
    assert browser.get(back).status_code == 410
    code = back.partition("code=")[2].partition("&")[0]
    again = client()
    other = desk.consent(desk.start(again, "acme"))
    stolen = other.replace(other.partition("code=")[2].partition("&")[0], code)
    answer = again.get(stolen)
    assert answer.status_code == 422 and "used already" in answer.page.text


def test_a_denied_consent_changes_nothing(desk, acme, client):
    desk.there.sign_in_as(acme, deny=True)
    answer = client()
    browser = answer
    answer = browser.get(desk.consent(desk.start(browser, "acme")))
    assert answer.status_code == 422 and "You did not confirm the sign-in at Acme" in answer.page.text


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"status": 503, "times": -1}, "does not answer right now"),
        ({"drop": True, "times": -1}, "does not answer right now"),
        ({"status": 0, "delay": 3, "times": -1}, "took too long to answer"),
        ({"status": 429, "times": -1}, "does not answer right now"),
    ],
)
def test_a_provider_that_is_down_or_slow_leaves_the_other_ways(desk, acme, client, monkeypatch, fault, sentence):
    from portal.sso.servers import openid

    monkeypatch.setattr(openid, "SECONDS", 1.0)
    desk.there.fault("token", **fault)
    answer = desk.go(client(), "acme", acme)
    assert answer.status_code == 422 and sentence in answer.page.text
    assert any(link.startswith("/sign-in") for link in answer.page.links)
    openid.forget_descriptions()
    desk.there.fault("discovery", **fault)
    answer = desk.start(client(), "acme")
    assert answer.status_code == 422 and sentence in answer.page.text


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/%09/evil", "javascript:alert(1)", "/sign-out"],
)
def test_next_leads_to_this_portal_only(desk, acme, client, path):
    answer = desk.go(client(), "acme", acme, next=path)
    assert answer.headers["Location"] in ("/", "/%09/evil")


def test_answers_must_name_the_issuer_where_the_provider_says_that_they_do(desk, client):
    issuer = desk.there.tenant("acme", names_itself=True)
    desk.way("acme", "acme", "acme.example", issuer=issuer)
    subject = desk.there.user("acme", "rita@acme.example")
    desk.there.sign_in_as(subject)
    browser = client()
    back = desk.consent(desk.start(browser, "acme"))
    assert "iss=" in back
    assert browser.get(back).status_code == 303
    desk.there.set("wrong_issuer_parameter", True)
    answer = desk.go(client(), "acme", subject)
    assert answer.status_code == 422 and "comes from another place" in answer.page.text
    desk.there.set("wrong_issuer_parameter", False)
    browser = client()
    back = desk.consent(desk.start(browser, "acme"))
    without = "&".join(part for part in back.split("&") if not part.startswith("iss="))
    assert browser.get(without).status_code == 422
    desk.there.tenant("acme")


def test_an_address_that_comes_by_userinfo_alone_counts(desk, acme, client):
    desk.there.order("change_claims", claims={"email": None, "email_verified": None})
    browser = client()
    assert desk.go(browser, "acme", acme).status_code == 303
    assert "rita@acme.example" in signed_in_as(browser)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        # The ID token says that an address is proved which it does not have: that is not said of the other one.
        ({"email_verified": True}, "does not confirm your email address"),
        # What is told of somebody else is not told of whoever signed in.
        ({"email_verified": None, "sub": "somebody-else"}, "does not understand"),
    ],
)
def test_userinfo_speaks_for_itself_and_for_whoever_signed_in(desk, acme, client, changes, sentence):
    desk.there.order("change_claims", claims={"email": None, **changes})
    subject = desk.there.user("acme", "rita@acme.example", email_verified=False)
    answer = desk.go(client(), "acme", subject)
    assert answer.status_code == 422 and sentence in answer.page.text
    assert desk.links() == []


def test_without_userinfo_nobody_signs_in(desk, acme, client):
    desk.there.order("change_claims", claims={"email": None})
    desk.there.fault("userinfo", status=503, times=-1)
    answer = desk.go(client(), "acme", acme)
    assert answer.status_code == 422 and "does not answer right now" in answer.page.text
    desk.there.order("change_claims", claims={})


def test_a_new_key_is_found(desk, acme, client, monkeypatch):
    from portal.sso.servers import openid

    monkeypatch.setattr(openid, "_AGAIN_SECONDS", 0.0)
    assert desk.go(client(), "acme", acme).status_code == 303
    desk.there.order("rotate_keys", tenant="acme", retire=True)
    assert desk.go(client(), "acme", acme).status_code == 303


def test_support_does_not_sign_in_by_a_client(desk, acme, client):
    ctx = desk.world.system()
    person = ctx.session.get_one(User, desk.world.ada.id)
    ctx.session.add(
        LinkedSignIn(
            provider_id=ctx.provider_id,
            user_id=person.id,
            way_id=desk.rows(SignInWay, SignInWay.name == "acme")[0].id,
            issuer=f"{desk.there.url}/acme",
            subject=acme,
            linked_at=ctx.now,
        )
    )
    ctx.session.flush()
    answer = desk.go(client(), "acme", acme)
    assert answer.status_code == 403 and "Support staff sign in with their own account" in answer.page.text


def test_an_unknown_way_and_one_that_is_off_do_not_exist(desk, acme, client):
    assert client().get("/sign-in/with/nobody").status_code == 404
    assert client().get("/sign-in/with/acme").status_code == 200
    desk.rows(SignInWay, SignInWay.name == "acme")[0].enabled = False
    desk.world.session.flush()
    assert client().get("/sign-in/with/acme").status_code == 404
    assert client().post("/sign-in/with/acme").status_code == 404


def test_the_page_of_sign_in_has_a_button_for_each_way_of_the_provider(desk, acme, client):
    desk.way("google")
    page = client().get("/sign-in", query_string={"next": "/cases"})
    actions = [form.action for form in page.page.forms]
    assert "/sign-in/with/google" in actions and "/sign-in/with/acme" not in actions
    assert page.page.form("/sign-in/with/google")["next"] == "/cases"
    assert desk.there.url in page.headers["Content-Security-Policy"]
