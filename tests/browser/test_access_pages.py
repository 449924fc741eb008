"""The pages about who gets in, with something on them: who waits, second factors, also one that a rule asks for while
somebody signs in, devices, sign-ins, groups. By axe in light and dark, at 390 and 320 px, and without scripts."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.authz.roles import ContactRole
from portal.identity import actions as identity
from portal.identity.factor_models import Passkey, TrustedDevice
from portal.identity.models import Password, User
from portal.scim.actions import groups as scim_groups
from portal.scim.actions.tokens import make_token
from portal.scim.engine.groups import GroupChange
from portal.scim.queries import tokens as scim_tokens
from portal.tenants.actions import contacts
from portal.tenants.models import Account, Organization
from tests.support import acting

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
SHOTS = os.environ.get("PARLEY_SHOTS")


def fill(world) -> dict[str, str]:
    """Something on each of the pages; the ids in their addresses."""
    ctx, northwind = world.system(), world.northwind.id
    acme, globex = (world.rows(Organization, Organization.slug == slug)[0] for slug in ("acme", "globex"))
    account = world.rows(Account, Account.key == "ACME")[0]
    acme.registration = "approval"
    for name in ("acme", "microsoft-of-a-company-with-a-long-name"):
        acting.add_way(northwind, acme.id if name == "acme" else None, name)
    newcomer = identity.add_person(ctx, name="Nina Newcomer", email="nina@acme.example")
    (known,) = world.rows(Password, Password.user_id == world.rita.id)
    ctx.session.add(Password(provider_id=northwind, user_id=newcomer.id, hash=known.hash, changed_at=ctx.now))
    waits = acting.register(northwind, newcomer.id, acme.id)
    stranger = identity.add_person(
        ctx,
        name="Maximiliane-Alexandra von und zu Lichtenstein-Hohenberg",
        email="m@a-long-domain-of-a-company.example",
    )
    nowhere = acting.register(northwind, stranger.id, None)
    nowhere.company = "A company & sons with a name that is longer than most"
    acting.link_sign_in(northwind, world.rita.id, "acme")
    waiting = acting.link_sign_in(northwind, world.rita.id, "acme", waiting=True)
    rita = world.row(User, world.rita)
    grant = contacts.Grant(world.accounts["GLOBEX"].id, None, ContactRole.MEMBER)
    contacts.add_contact(world.system(), globex, rita, grants=[grant])
    make_token(world.ctx("ada"), acme, account, "requester")
    group = "Service coordinators of the plant in Zielona Góra, second shift"
    scim_groups.set_group_role(world.ctx("ada"), acme, group, account, "coordinator")
    ctx = world.system()
    client = scim_tokens.client_of(ctx, acme)
    person = world.rita.contact_id
    for name in (group, "All employees"):
        scim_groups.add_group(ctx, client, GroupChange(name=name, members=frozenset([person])))
    (given,) = world.rows(scim_groups.ScimGroupRole)
    found = {"waits": waits, "nowhere": nowhere, "waiting": waiting, "given": given}
    return {**{name: str(row.id) for name, row in found.items()}, "person": str(person)}


def end_factors(world) -> None:
    """Rita signs in with a password alone."""
    world.system()
    for model in (Passkey, TrustedDevice):
        for row in world.rows(model, model.user_id == world.rita.id):
            world.session.delete(row)


def add_factors(world) -> dict[str, str]:
    """Rita has passkeys and a device that she trusts; their ids."""
    passkey = acting.leave_passkey(world.northwind, world.rita)
    return {"passkey": str(passkey), "device": str(acting.leave_trust(world.northwind, world.rita))}


PAGES = {
    "ada": (
        *("/admin/registrations", "/admin/registrations/{nowhere}", "/admin/registrations/{waits}?organization=acme"),
        *("/admin/registrations/{waits}/decline", "/admin/sign-in", "/admin/sign-in/acme"),
        *("/admin/sign-in/waiting/{waiting}", "/admin/sign-in/waiting/{waiting}/new-person"),
        *("/admin/organizations/acme", "/admin/organizations/acme/scim", "/admin/organizations/acme/people/{person}"),
        *("/admin/organizations/acme/scim/roles/{given}/remove", "/admin/settings", "/admin/security"),
    ),
    "olga": (
        *("/org/acme/people/waiting", "/org/acme/people/waiting/{waits}", "/org/acme/people/waiting/{waits}/decline"),
        *("/org/acme/sign-in", "/org/acme/audit", "/org/acme/people/{person}"),
    ),
    "rita": (
        *("/", "/cases", "/me/factors", "/me/factors/app", "/me/passkeys", "/me/passkeys/{passkey}/rename"),
        *("/me/factors/devices/{device}/end", "/me/sessions", "/me/sign-ins"),
    ),
    "nina": ("/registration", "/"),
}


def look(page, path: str, shot: str, found: list[str]) -> None:
    """Note what is wrong with *path*, in all its shapes."""
    answer = page.goto(path)
    if answer.status != 200:
        found.append(f"{path}: {answer.status}")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found.append(f"{path} {scheme}: {violation['id']} {violation['nodes'][0]['html'][:200]}")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{shot}-{scheme}.png", full_page=True)
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: wider than {width} px")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            found.append(f"{path} {width} px: {violation['id']} {violation['nodes'][0]['html'][:200]}")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{shot}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture(scope="module")
def named(live) -> dict[str, str]:
    return live.do(fill)


@pytest.fixture
def enter(live, named, visit):
    """A page of somebody of the world, or of the newcomer, who is none of it. The page of signing in begins with the
    button of a way here, so they go to that of the password."""

    def opened(who: str, **how):
        live.do(end_factors)
        page = visit(None, **how)
        page.goto(f"/sign-in/password?email={'nina@acme.example' if who == 'nina' else live.world.person(who).email}")
        page.fill("input[name=password]", "parley-demo")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        named.update(live.do(add_factors))
        return page

    return opened


@pytest.mark.parametrize("who", PAGES)
def test_pages_with_something_on_them(enter, named, who):
    page, found = enter(who), []
    for number, path in enumerate(PAGES[who]):
        look(page, path.format(**named), f"{who}-{number}", found)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("who", PAGES)
def test_the_same_pages_without_scripts(enter, named, who):
    page, found = enter(who, javascript=False), []
    for number, path in enumerate(PAGES[who]):
        answer = page.goto(path.format(**named))
        if answer.status != 200 or not page.locator("main h1").count():
            found.append(f"{path}: {answer.status}")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{who}-{number}-nojs.png", full_page=True)
    assert not found, "\n".join(found)


def require_factor(live, days: str) -> None:
    """Whoever answers cases needs a second factor, after *days*."""
    ada = live.client("ada")
    form = ada.get("/admin/settings").page.form("/admin/settings")
    assert ada.submit(form, factor_roles=["agent"], factor_grace_days=days).status_code == 303


@pytest.mark.parametrize(("days", "buttons"), [("0", 0), ("14", 1)], ids=["at once", "with days of grace"])
@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_setting_up_the_factor_that_a_rule_asks_for(live, visit, days, buttons, javascript):
    require_factor(live, days)
    page, found = visit(None, javascript=javascript), []
    page.goto(f"/sign-in/password?email={live.world.ana.email}&next=/desk")
    page.fill("input[name=password]", "parley-demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/sign-in/factor")
    assert page.locator("button[name=later]").count() == buttons
    if javascript:
        look(page, "/sign-in/factor", f"required-{days}", found)
    page.fill("input[name=code]", "000000")
    page.press("input[name=code]", "Enter")
    page.locator("#code[aria-invalid=true]").wait_for()
    assert page.url.endswith("/sign-in/factor") and page.locator("button[name=later]").count() == buttons
    for violation in Axe().run(page, options=RULES).response["violations"] if javascript else ():
        found.append(f"refused: {violation['id']} {violation['nodes'][0]['html'][:200]}")
    assert not found, "\n".join(found)
