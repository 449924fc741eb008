"""At 320 px no page is wider than the screen, and no list is cut in Polish; ticking a row moves none (ux.md 6, 14)."""

import pytest

from portal.cases.actions import resolution
from portal.identity.models import User
from tests.support.request_forms import ask_fields

pytestmark = pytest.mark.browser
WIDER = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= innerWidth) return [];
  const right = (one) => Math.round(one.getBoundingClientRect().right);
  return [...document.querySelectorAll("main *, header *")].filter((one) => right(one) > innerWidth + 1)
    .map((one) => `${one.tagName} .${one.className} #${one.id} ${right(one)}`).slice(-4);
}"""
PAGES = {
    "rita": (
        "/",
        "/new",
        "/new/outage",
        "/cases",
        "/cases/{key}",
        "/cases/{key}/replies",
        "/support",
        "/me",
        "/notifications",
    ),
    "olga": ("/org/acme", "/org/acme/people"),
    # Who has several accounts chooses one in the header.
    "cora": ("/", "/cases", "/me"),
    "ana": (
        "/desk/queue/all",
        "/desk/cases/{key}",
        "/desk/cases/{key}?view=all",
        "/desk/new?account=ACME",
        "/desk/monitor",
    ),
    "ada": ("/admin", "/admin/jobs", "/admin/staff", "/admin/sla-policies"),
}


@pytest.mark.check(14, "23 pages of five people")
def test_no_page_is_wider_than_a_screen_of_320_px(visit, live):
    with live.inside() as world:
        staged = world.stage(by="rita", name="a-very-long-name-of-a-picture-of-the-printer.png").id
        key = world.case_in("resolved", subject="The label printer", staged=[staged]).key
    wide = {}
    for who, paths in PAGES.items():
        page = visit(who, width=320, height=700)
        for path in paths:
            page.goto(path.format(key=key))
            found = page.evaluate(WIDER)
            if found:
                wide[path] = found
    assert not wide


# What a Polish reader sees, whose words are the longest that the product has: lists, boards, reports, administration.
POLISH = {
    "rita": ("/", "/cases", "/search?q=label", "/support"),
    "olga": ("/org/acme/people", "/org/acme/environments"),
    "ana": (
        *("/desk/queue/all", "/desk/monitor", "/desk/escalations", "/desk/search?q=label", "/desk/accounts"),
        *("/desk/reports/sla", "/desk/surveys"),
    ),
    "ada": (
        *("/admin/staff", "/admin/accounts", "/admin/environments", "/admin/sla-policies", "/admin/escalation-rules"),
        *("/admin/request-types", "/admin/mailboxes", "/admin/jobs", "/admin/security"),
    ),
}
# The lists that are cut; one of wide figures may scroll in its region, but the page may not.
CUT = """() => [...document.querySelectorAll('.list-region')].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${one.getAttribute('aria-label')} by ${one.scrollWidth - one.clientWidth}`)"""


@pytest.mark.check(14, "26 pages of four people in Polish, at 320, 390, 900 and 1280 px: no list is cut either")
def test_no_list_is_cut_for_a_polish_reader(visit, live):
    with live.inside() as world:
        case = world.case_in("resolved", subject="The label printer of the distribution center")
        for _time in range(2):
            case = world.reload(case)
            if case.state != "resolved":
                resolution.resolve(world.ctx("ana"), case, solution="We restarted it.", check="Print a label.")
            resolution.reject(world.ctx("rita", "contact"), case, reason="It still prints nothing.")
        for who in POLISH:
            world.row(User, world.person(who)).locale = "pl"
    wrong = {}
    for who, paths in POLISH.items():
        page = visit(who)
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.lang") == "pl"
            for width in (320, 390, 900, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                found = page.evaluate(WIDER) or page.evaluate(CUT)
                if found:
                    wrong[path, width] = found
    assert not wrong


def test_ticking_a_row_moves_no_row(visit, live):
    with live.inside() as world:
        world.open_case("rita", subject="A printer")
    page = visit("ana")
    page.goto("/desk/queue/all")
    before = page.locator("#rows").bounding_box()
    page.check(".list__row [name=case] >> nth=0")
    page.wait_for_selector(".bulk >> visible=true")
    assert page.locator("#rows").bounding_box() == before


# What is left of A4 between its margins of 18 mm, in CSS pixels.
PAPER = 657


@pytest.mark.check(22, "lists are tables that fit between the margins of A4, on 28 pages of four people in Polish")
def test_lists_are_tables_that_fit_on_paper(visit, live):
    with live.inside() as world:
        key = world.case_in("resolved", subject="The label printer of the distribution center", severity=2).key
        for who in POLISH:
            world.row(User, world.person(who)).locale = "pl"
    wrong = {}
    for who, paths in {**POLISH, "ana": (*POLISH["ana"], f"/desk/cases/{key}/promises")}.items():
        page = visit(who)
        page.set_viewport_size({"width": PAPER, "height": 900})
        page.emulate_media(media="print")
        for path in paths:
            page.goto(path)
            heads = page.locator(".list thead").evaluate_all("all => all.map((one) => getComputedStyle(one).position)")
            assert set(heads) <= {"static"}, path
            if "/reports/sla" in path or "/promises" in path:
                assert heads, path
            if found := page.evaluate(WIDER):
                wrong[path] = found
    assert not wrong


def test_the_menu_of_filters_stays_on_the_screen(visit, live):
    """Also with the fields of a request type in it; the panel scrolls inside itself where it is long."""
    with live.inside() as world:
        ask_fields(world.session)
        world.open_case("rita", subject="A printer")
        outage = world.types["outage"].id
    for who, path in (("ana", "/desk/queue/all"), ("cora", "/cases?tab=all")):
        page = visit(who)
        for width in (390, 720, 900, 1280, 1600):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{path}{'&' if '?' in path else '?'}type={outage}")
            page.click("details:has(.filter-fields) > summary")
            box = page.locator(".filter-fields").bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, (path, width, box)
            assert page.locator("#answer-filters input").count() >= 4
