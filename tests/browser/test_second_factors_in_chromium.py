"""Second factors in Chromium: passkeys on a virtual authenticator, the app without scripts, and their pages by axe."""

import re
from contextlib import suppress

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def add_authenticator(page):
    """A virtual device with a finger, for this page's browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def check(page, found):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found.append(f"{page.url} {scheme}: {violation['id']} {violation['nodes'][0]['html'][:200]}")
    width = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{page.url}: wider than 390 px")
    page.set_viewport_size(width)


def set_presence(session, device, enabled):
    """Whether the device's owner is there: the page of signing in asks for a passkey by itself."""
    session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": device, "enabled": enabled})


def sign_out(page):
    page.goto("/sign-out")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/sign-in")


def test_a_passkey_is_added_confirms_a_password_signs_in_alone_and_is_removed(visit, live):
    page, found = visit("mel"), []
    session, device = add_authenticator(page)
    page.goto("/me/passkeys")
    check(page, found)
    page.fill("input[name=name]", "Work laptop")
    page.click("form[data-passkey=create] button[type=submit]")
    page.wait_for_url("**/me/factors/codes")
    check(page, found)
    page.click("main form button[type=submit]")
    page.goto("/me/passkeys")
    assert "Work laptop" in page.inner_text("main")
    check(page, found)
    page.goto("/me/factors")
    check(page, found)
    set_presence(session, device, False)
    sign_out(page)
    page.goto("/sign-in/password?email=mel@acme.example")
    page.fill("input[name=password]", "parley-demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/sign-in/factor")
    check(page, found)
    set_presence(session, device, True)
    page.click("[data-passkey-button]")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"][0]["signCount"] >= 2
    # With nobody there, or the page after signing out would sign in again by itself.
    set_presence(session, device, False)
    sign_out(page)
    page.goto("/sign-in?next=/cases")
    set_presence(session, device, True)
    # The device may answer before anybody presses, or meanwhile: then the page with the button is gone.
    with suppress(Error):
        page.evaluate("document.querySelector('[data-passkey-button]')?.click()")
    page.wait_for_url("**/cases")
    page.goto("/me/passkeys")
    page.click("main a:has-text('Remove')")
    check(page, found)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/me/passkeys")
    assert "You have no passkey yet" in page.inner_text("main")
    assert not found, "\n".join(found)


def test_a_required_factor_is_set_up_with_a_passkey_and_asked_for_afterwards(visit, live):
    """Asked for in the middle of signing in; the person lands where they were going, and a passkey needs no app."""
    ada = live.client("ada")
    form = ada.get("/admin/organizations/globex").page.form("/admin/organizations/globex")
    assert ada.submit(form, factor_required="y", factor_grace_days="0").status_code == 303
    page, found = visit(None), []
    session, device = add_authenticator(page)
    for turn in ("set up", "asked for"):
        set_presence(session, device, False)
        page.goto("/sign-in?next=/cases")
        page.fill("input[name=email]", "gil@globex.example")
        page.press("input[name=email]", "Enter")
        page.wait_for_url("**/sign-in/password?**")
        page.fill("input[name=password]", "parley-demo")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in/password" not in url)
        check(page, found)
        set_presence(session, device, True)
        if turn == "set up":
            page.click("form[data-passkey=create] button[type=submit]")
            page.wait_for_url("**/me/factors/codes**")
            page.click("main form button[type=submit]")
        else:
            page.click("[data-passkey-button]")
        page.wait_for_url("**/cases")
        if turn == "set up":
            set_presence(session, device, False)
            sign_out(page)
    page.goto("/me/factors")
    check(page, found)
    assert "Passkeys" in page.inner_text("main")
    assert not found, "\n".join(found)


def test_the_app_is_set_up_and_used_without_scripts(visit, live):
    page = visit("piotr", javascript=False)
    page.goto("/me/factors/app")
    secret = re.sub(r"\s", "", page.inner_text("#key"))
    page.fill("input[name=code]", pyotp.TOTP(secret).now())
    page.click("main form button[type=submit]")
    page.wait_for_url("**/me/factors/codes")
    code = page.inner_text(".code-list li")
    page.click("main form button[type=submit]")
    page.goto("/sign-out")
    page.click("main form button[type=submit]")
    page.goto("/sign-in/password?email=piotr@acme.example&next=/cases")
    page.fill("input[name=password]", "parley-demo")
    page.press("input[name=password]", "Enter")
    page.fill("input[name=code]", code)
    page.press("input[name=code]", "Enter")
    page.wait_for_url("**/cases")


def test_the_pages_of_setting_up_and_of_links_have_no_faults(visit):
    page, found = visit("cora"), []
    for path in ("/me/factors", "/me/factors/app", "/me/factors/codes", "/me/proof"):
        page.goto(path)
        check(page, found)
    stranger = visit(None)
    for path in ("/sign-in", "/sign-in/link"):
        stranger.goto(path)
        check(stranger, found)
    stranger.fill("input[name=email]", "cora@acme.example")
    stranger.click("main form button[type=submit]")
    stranger.wait_for_url("**/sign-in/link/sent")
    check(stranger, found)
    assert not found, "\n".join(found)
