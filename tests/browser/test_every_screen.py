"""Every screen, found by itself: axe finds nothing in light and dark, nothing scrolls sideways on a phone, nothing
breaks the content security policy or complains in the console.

A page is opened once: axe looks at it in light, then at its colors in dark (the markup is the same), then the window
becomes as narrow as a phone.
"""

from collections import defaultdict

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.cases.models import Case
from tests.support import crawler
from tests.support.client import COOKIE

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WHO = ("rita", "olga", "ana", "ada", "lee", "pat", "nobody")
# Screens that look otherwise in another state or with nothing to show, beside the one that the walk finds.
LOOKS = {
    "rita": [
        "/new/question?account=ACME",
        "/cases?tab=shared&status=any",
        "/cases?tab=waiting",
        "/cases?status=any&opened_from=2026-01-01&by=me&columns=number,status,type,department,contact,opened",
        "/cases?q=nothing-like-that",
        "/cases/{waiting}",
        "/cases/{resolved}",
        "/cases/{closed}",
        "/cases/{on_hold}",
        "/search?q=printer",
        "/search?q=nothing-like-that",
        "/cases/{unhappy}",
        "/cases/{late}",
        "/nowhere",
    ],
    "olga": ["/org/acme/people?q=nobody-like-that"],
    "ana": [
        "/desk/queue/mine",
        "/desk/queue/unassigned",
        "/desk/queue/all?status=any&group=account&density=compact",
        "/desk/queue/all?severity=3&tier=1&columns=number,who,type,environment,tier,by,opened",
        "/desk/queue/all?q=nothing-like-that",
        "/desk/cases/{waiting}",
        "/desk/cases/{resolved}",
        "/desk/cases/{closed}",
        "/desk/new?account=ACME",
        "/desk/search?q=printer",
        "/desk/cases/NOSUCH-1",
        "/desk/cases/{unhappy}",
        "/desk/cases/{late}",
        "/desk/queue/due-soon",
        "/desk/queue/breached",
        "/desk/monitor?wall=1",
        "/desk/surveys?show=open",
        "/desk/surveys?score=5",
    ],
    "lee": ["/desk/surveys?show=mine"],
    "ada": ["/admin/nowhere", "/admin/surveys/versions/0?language=pl"],
    "nobody": ["/sign-in/password?email=rita@acme.example"],
}
# Answers of a page that is looked at because it says no.
SAYS_NO = ("/nowhere", "/NOSUCH-1")
# Parts of a page that a phone may scroll by themselves are boxes; the page itself never moves sideways.
# Buttons end their form: none lies over the fields while they scroll past. (The bar of a queue's ticked rows lies over
# the page, so that ticking moves no row; it is not drawn before.)
OVER_FIELDS = """[...document.querySelectorAll('main form, main form *')]
    .filter(one => one.checkVisibility() && ['sticky', 'fixed'].includes(getComputedStyle(one).position))
    .map(one => one.className)"""
# Blocks of a page of the staff that stand one under the other with less than 8 px between them.
GAPS = """() => [...document.querySelectorAll('main, main > :is(div, section), #results, .columns > *')]
  .flatMap((box) => {
    const blocks = [...box.children].filter((one) => one.checkVisibility() && one.offsetHeight > 2
      && !/fixed|absolute/.test(getComputedStyle(one).position) && !one.matches('.list, dt, dd, .panel, .crumbs'));
    return blocks.slice(1).map((one, at) => [blocks[at], one]);
  })
  .filter(([upper, lower]) => {
    const [a, b] = [upper, lower].map((one) => one.getBoundingClientRect()), gap = b.top - a.bottom;
    return gap < 8 && gap > -a.height && a.left < b.right && b.left < a.right;
  })
  .map(([upper, lower]) => `no gap: ${upper.outerHTML.slice(0, 80)} | ${lower.outerHTML.slice(0, 80)}`)"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def walk(live):
    """Person → the screens they look at; the world is filled so that every page has something to show."""
    with live.inside() as world:
        keys = {state: case.id for state, case in crawler.make_cases(world).items()}
    while live.work_due():
        pass
    with live.inside() as world:
        targets = crawler.collect_targets(
            world, {state: world.reload(world.row(Case, key)) for state, key in keys.items()}
        )
    browsers = {who: live.client(None if who == "nobody" else who) for who in WHO}
    missed: list[str] = []
    found: dict[str, list[str]] = defaultdict(list)
    for screen in crawler.find_screens(
        live.app, targets, lambda who, path: browsers[who].get(path, checked=False), missed.append
    ):
        found[screen.who].append(screen.path)
    assert not missed, "nobody finds these pages; see tests/support/crawler.py"
    for who, paths in LOOKS.items():
        found[who] += [path.format(**targets.cases) for path in paths]
    return found


def look(page, path: str) -> list[str]:
    """What is wrong with the screen at *path*."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(WIDE)
    answer = page.goto(path)
    wanted = 404 if path.endswith(SAYS_NO) else 200
    found = [] if answer.status == wanted else [f"answers {answer.status}"]
    found += sideways(page, "wide")
    if path.startswith(("/desk", "/admin")):
        found += page.evaluate(GAPS)
    found += axe(page, {"type": "tag", "values": TAGS}, "light")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += axe(page, {"type": "rule", "values": ["color-contrast"]}, "dark")
    found += [f"{name} lies over the fields of its form" for name in page.evaluate(OVER_FIELDS)]
    page.set_viewport_size(PHONE)
    return [f"{path}: {problem}" for problem in found + sideways(page, "on a phone")]


def axe(page, only: dict, scheme: str) -> list[str]:
    results = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]})
    return [
        f"{violation['id']} in {scheme} ({violation['help']}): "
        + "; ".join(node["html"][:160] for node in violation["nodes"][:3])
        for violation in results.response["violations"]
    ]


def sideways(page, how: str) -> list[str]:
    pixels = page.evaluate(SIDEWAYS)
    return [f"scrolls sideways by {pixels} px {how}"] if pixels > 0 else []


@pytest.fixture
def visit(visit, live, server):
    """Signed in without the form: whoever has a passkey would be asked for it there."""

    def open_as(who=None):
        page = visit()
        if who:
            cookie = live.client(who).get_cookie(COOKIE, domain=live.world.northwind.host)
            page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": server}])
            page.goto("/sign-in")
        return page

    return open_as


@pytest.mark.parametrize("who", WHO)
@pytest.mark.check(1, "0 violations on every page of seven people, in light and dark")
def test_screens(visit, walk, who):
    page = visit(None if who == "nobody" else who)
    problems = [problem for path in walk[who] for problem in look(page, path)]
    assert not problems, "\n".join(problems)


def test_dark_is_dark(visit):
    """The walk relies on it: the theme follows the system without a new page."""
    page = visit("rita")
    page.emulate_media(color_scheme="light")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light
