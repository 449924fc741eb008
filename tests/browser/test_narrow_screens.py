"""At 320 px no page is wider than the screen; ticking a row of a list moves no row (ux.md 6, point 14)."""

import pytest

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
    "ana": (
        "/desk/queue/all",
        "/desk/cases/{key}",
        "/desk/cases/{key}?view=all",
        "/desk/new?account=ACME",
        "/desk/monitor",
    ),
    "ada": ("/admin", "/admin/jobs", "/admin/staff", "/admin/sla-policies"),
}


@pytest.mark.check(14, "20 pages of four people")
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


def test_ticking_a_row_moves_no_row(visit, live):
    with live.inside() as world:
        world.open_case("rita", subject="A printer")
    page = visit("ana")
    page.goto("/desk/queue/all")
    before = page.locator("#rows").bounding_box()
    page.check(".list__row [name=case] >> nth=0")
    page.wait_for_selector(".bulk >> visible=true")
    assert page.locator("#rows").bounding_box() == before
