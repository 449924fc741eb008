"""What the screens of desk and administration owe to a person with a ruler: heights, widths, nothing cut, and keys."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
DESK = ("/desk/queue/all", "/desk/queue/all?account=ACME", "/desk/cases/{key}", "/desk/new", "/desk/monitor")
PORTAL = ("/", "/cases", "/cases/{key}", "/new/question")
ADMIN = ("/admin", "/admin/branding", "/admin/staff", "/admin/statuses", "/admin/mail-log", "/admin/organizations/acme")
# What is pressed and lower than 44 px. Links inside a sentence may be as high as their line.
LOW = """() => [...document.querySelectorAll(`.chip, .button, .crumbs a, .tabs__link, .menu__item, .pages__link,
    .bottom-bar__link, summary, select, textarea, input:not([type=hidden], [type=checkbox], [type=radio])`)]
  .filter((one) => one.checkVisibility() && one.getClientRects().length
    && !one.matches('[data-kind=link]') && !one.closest('.visually-hidden, .skip'))
  .filter((one) => one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 120))"""
# Parts of a page that scroll by themselves, up and down.
SCROLLERS = """() => [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility()
  && /auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
WIDTHS = """() => [...document.querySelectorAll('main > :is(.list-region, form.sheet, section, .sheet, .stats)')]
  .map((one) => Math.round(one.getBoundingClientRect().width))"""


@pytest.fixture(scope="module")
def key(live):
    with live.inside() as world:
        for state in ("waiting", "resolved", "on_hold"):
            world.case_in(state, subject="The label printer on the second floor prints every label twice since Monday")
        return world.case_in("open", subject="The label printer").key


def test_a_row_of_a_queue_is_at_most_56_px_high_and_says_the_severity(visit, key):
    page = visit("ana")
    page.goto("/desk/queue/all")
    heights = page.evaluate("[...document.querySelectorAll('.list__row')].map((row) => row.offsetHeight)")
    assert len(heights) >= 4 and max(heights) <= 56
    region = page.locator(".list-region")
    assert region.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    page.click(".filters__more > summary")
    names = [name.strip() for name in page.locator("#f-severity option").all_inner_texts()]
    assert names == ["Any", "Emergency", "High", "Medium", "Low"]


@pytest.mark.check(16, "24 px by axe's rule `target-size` on every page; 44 px at 390 px on 15 pages of three people")
@pytest.mark.parametrize(("who", "paths"), [("ana", DESK), ("ada", ADMIN), ("rita", PORTAL)])
def test_a_finger_has_44_px_and_no_part_of_a_page_scrolls_by_itself(visit, key, who, paths):
    page = visit(who)
    problems, widths = {}, set()
    for path in paths:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(path.format(key=key))
        found = page.evaluate(LOW)
        page.set_viewport_size({"width": 1280, "height": 800})
        widths |= set(page.evaluate(WIDTHS))
        if found := found + page.evaluate(SCROLLERS):
            problems[path] = found
    assert not problems
    assert who != "ada" or len(widths) == 1, "blocks of the administration have one width"


def test_ask_hold_and_resolve_happen_in_the_conversation(visit, key):
    page = visit("ana")
    page.goto(f"/desk/cases/{key}")
    for status, shown in (("waiting", "body"), ("on_hold", "reason"), ("resolved", "check")):
        page.click(f"[data-compose={status}]")
        assert page.evaluate("document.activeElement.id") == "body"
        assert page.locator(f"[name=status][value={status}]").is_checked()
        assert page.locator(f".composer [name={shown}]").is_visible()
    assert page.url.endswith(key)
    page.click(".next-step summary")
    menu, panel = page.locator(".next-step .menu__panel"), page.locator("#properties")
    assert menu.bounding_box()["x"] >= panel.bounding_box()["x"]


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_in_a_new_case_opens_it_and_without_scripts_ask_is_a_page(visit, key, javascript):
    page = visit("ana", javascript=javascript)
    page.goto("/desk/new?account=ACME")
    page.fill("#opening [name=subject]", "A printer")
    page.press("#opening [name=subject]", "Enter")
    page.wait_for_selector(".error-summary")
    assert page.title().startswith("Error:")
    if not javascript:
        page.goto(f"/desk/cases/{key}")
        page.click("[data-compose=waiting]")
        assert page.locator("h1").inner_text() == "Ask the customer"


def test_the_command_menu_does_what_the_page_offers(visit, key):
    page = visit("ana")
    page.goto("/desk/queue/all")
    page.locator(".list__subject").first.focus()
    row = page.evaluate("document.activeElement.closest('.list__row').id").removeprefix("row-")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#commands[open]")
    page.locator(f"#commands [role=group][aria-label='{row}']").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector("#commands:not([open])", state="attached")
    assert page.evaluate("document.activeElement.className") == "list__subject", "the focus is where it was"
    page.keyboard.press("Control+k")
    page.keyboard.type("severity")
    page.wait_for_selector("#commands [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: f"/desk/cases/{row}/severity" in url)
    page.keyboard.press("Control+k")
    page.keyboard.type(key)
    page.locator(f"#commands-found [href='/desk/cases/{key}']").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"/desk/cases/{key}"))


def test_keys_lead_to_places_and_verbs(visit, key):
    page = visit("ana")
    page.goto(f"/desk/cases/{key}")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.name") == "owner"
    page.goto(f"/desk/cases/{key}")
    page.keyboard.press("e")
    page.wait_for_url(lambda url: f"/desk/cases/{key}/escalate" in url)
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url(lambda url: url.endswith("/desk/monitor"))
    page.goto(f"/desk/cases/{key}")
    page.focus("form.composer textarea")
    page.keyboard.type("gma")
    assert page.evaluate("document.activeElement.value") == "gma" and page.url.endswith(key)


def test_a_glance_at_a_case_beside_its_queue(visit, live):
    """Space opens it, J goes on with the focus in the list, Escape closes; it goes where the focus leaves the rows."""
    with live.inside() as world:
        keys = [world.open_case("rita", subject=f"The glance, number {n}").key for n in range(3)]
    ana = visit("ana")
    ana.goto("/desk/queue/unassigned?sort=-number")
    ana.focus(f"#row-{keys[2]} .list__subject")
    ana.keyboard.press(" ")
    ana.wait_for_selector(f"#preview >> text={keys[2]}")
    assert ana.evaluate("document.activeElement.className") == "list__subject"
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    found = Axe().run(ana, options=rules).response["violations"]
    assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert not ana.evaluate(
        "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)"
    )
    ana.keyboard.press("j")
    ana.wait_for_selector(f"#preview >> text={keys[1]}")
    assert ana.locator("[data-previewed]").get_attribute("id") == f"row-{keys[1]}"
    ana.keyboard.press("Escape")
    ana.wait_for_selector("#preview", state="hidden")
    ana.click("[data-preview-toggle]")
    ana.wait_for_selector("#preview", state="visible")
    ana.focus("#q")
    ana.wait_for_selector("#preview", state="hidden")
    phone = visit("ana", width=390)
    phone.goto("/desk/queue/unassigned")
    assert not phone.locator("[data-preview-toggle]").is_visible()
