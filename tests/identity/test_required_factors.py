"""Second factors that a rule asks for: of a role at the provider, or of an organization."""

import re

from portal.identity.models import BrowserSession
from portal.kernel.security_events import SecurityEvent
from portal.tenants.models import Organization, Provider
from tests.identity.second_factors import code_of, set_up_app
from tests.identity.steps import sign_in

KEY = re.compile(r"<code class=\"key-text\" id=\"key\">([A-Z2-7 ]+)</code>")


def require_of_roles(as_user, *roles, days="0"):
    ada = as_user("ada")
    form = ada.get("/admin/settings").page.form("/admin/settings")
    assert ada.submit(form, factor_roles=list(roles), factor_grace_days=days).status_code == 303


def require_of_acme(as_user, days="0", required="y"):
    ada = as_user("ada")
    form = ada.get("/admin/organizations/acme").page.form("/admin/organizations/acme")
    assert ada.submit(form, factor_required=required, factor_grace_days=days).status_code == 303


def test_a_role_needs_a_factor_at_the_next_sign_in_and_leads_on_afterwards(world, as_user, client):
    require_of_roles(as_user, "agent")
    browser = client()
    assert sign_in(browser, world.ana.email, next="/desk/queue/mine").headers["Location"] == "/sign-in/factor"
    assert "_user_id" not in browser.cookie
    page = browser.get("/sign-in/factor")
    assert "asks people with your role" in page.page.text and "put this off" not in page.page.text
    refused = browser.submit(page.page.form("/sign-in/factor"), later="yes", code="")
    assert refused.status_code == 422 and "_user_id" not in browser.cookie
    secret = KEY.search(page.text)[1].replace(" ", "")
    answer = browser.submit(page.page.form("/sign-in/factor"), code=code_of(world, secret))
    assert answer.headers["Location"] == "/me/factors/codes?next=/desk/queue/mine"
    shown = browser.get(answer.headers["Location"]).page
    assert len(shown.all("code")) == 10
    assert browser.submit(shown.form("/me/factors/codes")).headers["Location"] == "/desk/queue/mine"
    # Other roles, and whoever is a client, sign in as before; so does whoever is signed in already.
    assert sign_in(client(), world.lee.email).headers["Location"] != "/sign-in/factor"
    assert sign_in(client(), world.rita.email).headers["Location"] == "/"


def test_until_the_grace_ends_the_step_can_be_skipped(world, as_user, client, travel):
    require_of_acme(as_user, days="3")
    browser = client()
    sign_in(browser, world.rita.email, next="/cases")
    page = browser.get("/sign-in/factor").page
    assert "Acme" in page.text and "You can put this off until" in page.text
    assert page.all("button", name="later")
    assert browser.post("/sign-in/factor", data={"later": "yes"}).headers["Location"] == "/cases"
    assert browser.get("/me").status_code == 200
    assert "signing in here needs a second device" in browser.get("/me/factors").page.text
    travel(days=4)
    again = client()
    sign_in(again, world.rita.email)
    assert "put this off" not in again.get("/sign-in/factor").page.text


def test_the_days_count_from_when_the_rule_was_set_and_saving_again_moves_nothing(world, as_user, travel):
    require_of_acme(as_user, days="3")
    require_of_roles(as_user, "agent", days="3")
    row, provider = world.row(Organization, world.organizations["Acme"].id), world.row(Provider, world.northwind.id)
    since, roles = row.factor_required_at, dict(provider.factor_roles)
    travel(days=2)
    require_of_acme(as_user, days="3")
    require_of_roles(as_user, "agent", "lead", days="3")
    world.session.refresh(row), world.session.refresh(provider)
    assert row.factor_required_at == since and provider.factor_roles["agent"] == roles["agent"]
    assert provider.factor_roles["lead"] > roles["agent"]
    require_of_acme(as_user, required=None)
    world.session.refresh(row)
    assert row.factor_required_at is None
    changes = [event for event in world.rows(SecurityEvent) if event.kind == "organization.changed"]
    assert [event.facts["changed"]["factor_required"] for event in changes] == [[False, True], [True, False]]


def test_nobody_removes_the_last_factor_that_a_rule_asks_for(world, as_user, client):
    set_up_app(world, "rita")
    require_of_acme(as_user)
    browser = client("rita")
    answer = browser.post("/me/factors/app/remove")
    assert answer.status_code == 409 and "You need a second factor" in answer.page.text
    require_of_acme(as_user, required=None)
    assert browser.post("/me/factors/app/remove").status_code == 303


def test_the_clients_administrator_reads_the_rule_and_only_the_provider_changes_it(world, as_user):
    assert "not needed" in as_user("olga").get("/org/acme").page.text
    require_of_acme(as_user, days="3")
    assert "needed; it could be put off until" in as_user("olga").get("/org/acme").page.text
    olga = as_user("olga")
    form = olga.get("/org/acme/sharing").page.form("/org/acme/sharing")
    olga.post("/org/acme/sharing", data={**form.filled(), "factor_required": "", "factor_grace_days": "365"})
    row = world.row(Organization, world.organizations["Acme"].id)
    assert row.factor_required_at is not None and row.factor_grace_days == 3
    aud = as_user("aud").get("/admin/settings")
    assert aud.status_code == 200 and "second device" in aud.page.text


def test_hostile_settings_are_answered_with_a_sentence(world, as_user):
    ada = as_user("ada")
    form = ada.get("/admin/settings").page.form("/admin/settings")
    for days in ("-1", "366", "x", "", "1e9"):
        answer = ada.submit(form, factor_grace_days=days)
        assert answer.status_code == 422 and answer.page.all(id="factor_grace_days-error")
    assert ada.submit(form, factor_roles=["owner of everything"]).status_code == 422


def test_a_rule_signs_nobody_out(world, as_user, client):
    browser = client("rita")
    require_of_acme(as_user)
    assert browser.get("/me").status_code == 200
    assert world.rows(BrowserSession, BrowserSession.user_id == world.rita.id)[-1].ended_at is None
