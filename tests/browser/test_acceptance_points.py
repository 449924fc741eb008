"""Points of docs/checks.md that no other test looks at: what has the focus, what moves, keys, and wide text."""

import pytest

pytestmark = pytest.mark.browser
SUBMIT = "button[type=submit][data-kind=primary]"
PAGES = {
    "gil": ("/", "/cases", "/cases/{key}", "/new/question"),
    "ana": ("/desk/queue/all", "/desk/cases/{key}", "/desk/monitor"),
}
# What has the focus: whether the upper part of its middle can be seen, and its outline.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = one.closest('.option-card') ?? one, box = shown.getBoundingClientRect();
  const style = getComputedStyle(shown);
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const own = top && (shown.contains(top) || top.contains(shown) || top.closest('label')?.control === one);
  return { html: one.outerHTML.slice(0, 160), own: Boolean(own),
    ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth) };
}"""
SHIFTS = """window.moved = 0; new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value;
}).observe({ type: 'layout-shift', buffered: true });"""
MOTION = """() => Math.max(0, ...[...document.querySelectorAll('*')].map((one) => {
  const style = getComputedStyle(one), times = [style.transitionDuration];
  if (style.animationName !== 'none') times.push(style.animationDuration);
  return Math.max(...times.join(',').split(',').map(parseFloat));
}))"""
# The text spacing of WCAG 1.4.12; then the boxes that cut their text off. A box that scrolls or ends in … cuts nothing.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; }
    * { word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return [...document.querySelectorAll('body *')].filter((one) => {
    const style = getComputedStyle(one), cuts = /hidden|clip/;
    if (!one.checkVisibility() || one.clientWidth <= 2 || !one.textContent.trim()) return false;
    return cuts.test(style.overflowX) && style.textOverflow !== 'ellipsis' && one.scrollWidth > one.clientWidth + 1
      || cuts.test(style.overflowY) && one.scrollHeight > one.clientHeight + 1;
  }).map((one) => one.outerHTML.slice(0, 120));
}"""


# What a finger presses and is less than 44 px high. Links in a sentence do not count (WCAG 2.5.8), a label stands for
# its box, and a link or label that covers its card is as high as the card.
SMALL = """() => [...document.querySelectorAll('a, button, summary, input, select, textarea, .choice > label')]
  .filter((one) => one.checkVisibility() && !one.closest('.visually-hidden, .skip') && one.type !== 'radio' &&
    one.type !== 'checkbox' && getComputedStyle(one).display !== 'inline' && one.getBoundingClientRect().width > 2)
  .map((one) => getComputedStyle(one, '::after').position === 'absolute' ? one.offsetParent : one)
  .filter((one) => one.getBoundingClientRect().height < 43.5)
  .map((one) => `${Math.round(one.getBoundingClientRect().height)} ${one.outerHTML.slice(0, 120)}`)"""


@pytest.fixture(scope="module")
def key(live):
    with live.inside() as world:
        return world.case_in("waiting", by="gil", account="GLOBEX", subject="The label printer").key


def walk_by_tab(page):
    """What has the focus, from the first Tab on until the browser's own bar has it."""
    for _press in range(120):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None:
            return
        yield found


@pytest.mark.check(5, "3 px on 7 pages, in light and dark")
@pytest.mark.check(6, "0 covered on 7 pages, at 1280×720 and 390×844")
@pytest.mark.parametrize("who", PAGES)
def test_whatever_has_the_focus_shows_it_and_is_not_covered(visit, key, who):
    page = visit(who)
    problems, walked = [], 0
    for path in PAGES[who]:
        for scheme, width, height in (("light", 1280, 720), ("dark", 390, 844)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            page.goto(path.format(key=key))
            for found in walk_by_tab(page):
                walked += 1
                if not found["own"] or found["ring"] < 3:
                    problems.append(f"{path} {width}: {found}")
    assert not problems and walked > 100


@pytest.mark.check(16, "44 px on 7 pages of the portal under a finger; 24 px by axe's rule `target-size`")
def test_a_finger_has_44_pixels(visit, key):
    page = visit("gil", width=390, height=844, touch=True)
    for path in ("/", "/cases", "/cases/{key}", "/new/question", "/support", "/notifications", "/me/preferences"):
        page.goto(path.format(key=key))
        assert page.evaluate(SMALL) == [], path


@pytest.mark.check(15, "0 boxes cut their text on 7 pages; for 400 % see point 14")
@pytest.mark.check(17, "0 on 7 pages, without the slow profile")
@pytest.mark.check(19, "0 s on 7 pages")
@pytest.mark.parametrize("who", PAGES)
def test_nothing_shifts_nothing_moves_and_wide_text_is_not_cut(visit, key, who):
    page = visit(who)
    page.add_init_script(SHIFTS)
    for path in PAGES[who]:
        page.emulate_media(reduced_motion="no-preference")
        page.goto(path.format(key=key))
        page.evaluate("document.fonts.ready")
        assert page.evaluate("window.moved") <= 0.05, path
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate(MOTION) == 0, path
        assert page.evaluate(SPACED) == [], path


@pytest.mark.check(18, "the theme stands in the page's first bytes; `color-scheme: light dark`")
def test_the_theme_is_there_before_anything_is_drawn(visit):
    page = visit("gil")
    answer = page.goto("/")
    assert 'data-theme="auto"' in answer.text()[:200]
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"
    assert page.evaluate("[...document.querySelectorAll('link[rel=stylesheet]')].every((one) => one.closest('head'))")


@pytest.mark.check(11, "j moves on the desk, types in fields, and does nothing on the portal")
def test_single_keys_work_on_the_desk_and_never_while_typing(visit, key):
    page = visit("ana")
    page.goto("/desk/queue/all")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.classList.contains('list__subject')")
    page.keyboard.press("/")
    page.keyboard.type("jk/")
    assert page.evaluate("document.activeElement.value") == "jk/"
    portal = visit("gil")
    portal.goto("/cases")
    assert portal.locator(".case-row, .list__row").count()
    portal.keyboard.press("j")
    assert not portal.evaluate("document.activeElement.closest('.case-row, .list__row')")


@pytest.mark.check(12, "severity and visibility on the form, reply and note on the desk")
def test_arrow_keys_choose_in_named_groups(visit, key):
    page = visit("gil")
    page.goto("/new/question")
    page.click("summary:has-text('More details')")
    page.focus("[name=visibility]:checked")
    before = page.evaluate("document.activeElement.value")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.checked && document.activeElement.value") not in (False, before)
    for name in ("severity", "visibility"):
        group = page.locator(f"fieldset:has([name={name}])")
        assert group.locator("legend").inner_text().strip()
        assert all(label.strip() for label in group.locator("label").all_inner_texts())


class Keyboard:
    """The keys of *page*, counted; words do not count."""

    def __init__(self, page):
        self.page, self.presses = page, 0

    def press(self, key):
        self.presses += 1
        self.page.keyboard.press(key)

    def tab_to(self, css):
        """Press Tab until what matches *css* has the focus."""
        while not self.page.evaluate("(css) => document.activeElement.matches(css)", css):
            self.press("Tab")
            assert self.presses < 60, css
        return self.presses


@pytest.mark.check(2, "14 presses with the skip link, for a client with two environments and five optional fields")
def test_from_a_loaded_form_to_its_button(visit, key):
    page = visit("gil")
    page.goto("/new/question")
    assert page.locator("details:has([name=cc]):not([open]) summary").inner_text().startswith("More details (5")
    assert page.locator("[name=environment] option").count() == 3
    assert Keyboard(page).tab_to(f"#opening {SUBMIT}") == 14


@pytest.mark.check(3, "20 presses, with the skip link on both pages")
def test_from_home_to_a_sent_case_without_a_mouse(visit, key):
    page = visit("gil")
    page.goto("/")
    keys = Keyboard(page)
    skip(keys)
    keys.tab_to("a[href='/new/question']")
    keys.press("Enter")
    page.wait_for_url("**/new/question")
    skip(keys)
    keys.tab_to("[name=severity]")
    keys.press("ArrowDown")
    for name, words in (("subject", "The label printer"), ("description", "It prints nothing since this morning.")):
        keys.tab_to(f"[name={name}]")
        page.keyboard.type(words)
    keys.tab_to(f"#opening {SUBMIT}")
    keys.press("Enter")
    page.wait_for_url("**/cases/GLOBEX-*")
    assert keys.presses == 20


def skip(keys):
    """Go to the page's content by its skip link."""
    keys.tab_to("[href='#main']")
    keys.press("Enter")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "plain"])
def test_the_fold_opens_for_an_error_and_for_a_value(visit, javascript):
    page = visit("rita", javascript=javascript)
    page.goto("/new/question")
    page.click("summary:has-text('More details')")
    page.fill("[name=phone]", "three")
    page.click(f"#opening {SUBMIT}")
    page.wait_for_selector(".error-summary")
    assert page.locator("#phone-error").is_visible()
    page.fill("[name=phone]", "+48 22 100 20 30")
    page.click(f"#opening {SUBMIT}")
    page.wait_for_selector("#phone-error", state="detached")
    assert page.input_value("[name=phone]") and page.locator("[name=phone]").is_visible()


@pytest.mark.check(37, "500 of a filter, on a queue")
def test_a_fragment_that_fails_leaves_the_page_and_says_so(visit, key):
    page = visit("ana")
    page.goto("/desk/queue/all")

    def fail(route):
        htmx = "hx-request" in route.request.headers
        route.fulfill(status=599, body="broken") if htmx else route.continue_()

    page.route("**/desk/queue/**", fail)
    page.fill("#q", "anything")
    page.press("#q", "Enter")
    page.wait_for_selector("[data-cause=server] >> visible=true")
    assert page.locator(f"#row-{key}").is_visible()


@pytest.mark.check(13, "the one place for dragging files has a field to choose them")
@pytest.mark.check(38, "a file that is too large; the text and the other file stay")
def test_a_refused_file_says_why_and_the_others_stay(visit, key, tmp_path):
    large, small = tmp_path / "large.log", tmp_path / "small.log"
    large.write_bytes(b"x" * (26 * 1024 * 1024))
    small.write_text("It broke at 9:14.")
    page = visit("gil")
    page.goto("/new/question")
    field = page.locator("[data-upload] input[type=file]")
    assert page.locator("[data-upload] [data-drop]").count() == field.count() == 1
    page.fill("[name=description]", "Since this morning.")
    field.set_input_files([large, small])
    page.wait_for_selector("[data-upload] li:has-text('small.log') [name=staged]", state="attached")
    said = page.locator("[data-upload] li:has-text('large.log')")
    said.wait_for()
    assert "25 MB" in said.inner_text()
    assert page.input_value("[name=description]") == "Since this morning."
