"""Markup and `hx-*` attributes in every field of the product, own words included; then every page as every role, with
the content security policy off and on: no request that nobody clicked, and no element that somebody typed.

Every form is sent by the HTTP client, found through the URL map. A page is visited in Chromium where its text holds
what was typed. Without the policy every role visits what it may open; with it, the first who may.
"""

from dataclasses import dataclass, field

import pytest

from portal.cases.models import Case
from portal.tenants import renamable_texts
from portal.tenants.actions.phrases import change_phrases
from portal.tenants.models import Provider
from tests.fuzz.hostile import find_form_at
from tests.isolation import address_catalog
from tests.support import crawler

pytestmark = pytest.mark.browser
PORTAL, DESK = ("rita", "mel", "cora", "olga", "nobody"), ("ana", "lee", "ada", "pat", "aud")
# What is typed. Each would ask for an address with "tattle" in it by itself, or post to one of ours.
LONG = (
    '<b hx-get="/tattle" hx-trigger="load">x</b><img src="/tattle.png"><i hx-post="/me" hx-trigger="load">y</i>'
    '" hx-get="/tattle" hx-trigger="load'
)
SHORT = "<b hx-get=/tattle hx-trigger=load>"
TINY = "<img src=/tattle>"
INJECTED = "[hx-get*=tattle], [src*=tattle], b[hx-get], i[hx-post]"
OUTER_HTML = "selector => [...document.querySelectorAll(selector)].map(element => element.outerHTML)"
# So many forms at least took what was typed; others ask for numbers, dates or choices only.
FEWEST_FORMS = 35


@dataclass
class TypedWorld:
    """Where what was typed is shown: role to addresses, and the first who finds each page."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    first: dict[str, list[str]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def typed(live) -> TypedWorld:
    """The world in which every field says markup."""
    with live.inside() as world:
        keys = {state: case.id for state, case in crawler.make_cases(world).items()}
    while live.work_due():
        pass
    with live.inside() as world:
        cases = {state: world.reload(world.row(Case, key)) for state, key in keys.items()}
        targets = crawler.collect_targets(world, cases)
    browsers = {who: live.client(None if who == "nobody" else who) for who in (*PORTAL, *DESK)}
    found = TypedWorld()
    for rule in address_catalog.routes(live.app):
        if (rule.methods or set()) - address_catalog.SAFE and rule.endpoint not in crawler.NOT_FORMS:
            type_into(live, rule, targets, browsers, found)
    with live.inside() as world:
        ctx = world.ctx("ada")
        words = {text: " ".join([SHORT, *renamable_texts.placeholders(text)]) for text in renamable_texts.RENAMABLE}
        words = {text: said for text, said in words.items() if len(said) <= renamable_texts.LONGEST}
        assert len(words) > 50
        change_phrases(ctx, world.row(Provider, world.northwind), "en", words)
    while live.work_due():
        pass
    find_pages(live, targets, browsers, found)
    found.cookies = {
        who: cookie.value for who, browser in browsers.items() if (cookie := browser.get_cookie("parley", browser.host))
    }
    return found


def type_into(live, rule, targets, browsers, found):
    """Send the form of *rule* with what is typed in all of its texts, or else in one after the other."""
    query = crawler.QUERY_NEEDED.get(rule.endpoint, "")
    for path in crawler.fill_addresses(live.app, targets, rule, "POST"):
        for who in crawler.people_for(rule):
            form = find_form_at(browsers[who], who, path, query)
            if form is None or "password" in " ".join(form.names):
                continue
            for value in (LONG, SHORT, TINY):
                data = {name: said for name, said in form.form.filled().items() if name != "csrf_token"}
                # An address must be one, or the whole form is refused.
                data |= {name: "nora@acme.example" for name in form.texts() if "email" in name and not data.get(name)}
                texts = [name for name in form.texts() if "email" not in name]
                tries = [data | dict.fromkeys(texts, value)]
                tries += [data | {one: value} for one in texts] if len(texts) < 12 else []
                if texts and any(browsers[who].post(path, data=one, checked=False).status_code < 400 for one in tries):
                    found.accepted.append(rule.endpoint)
                    break
            return


def find_pages(live, targets, browsers, found):
    """The pages that show what was typed, for everybody who may open them."""
    for rule in address_catalog.routes(live.app):
        if "GET" not in (rule.methods or ()) or rule.endpoint in crawler.NOT_PAGES:
            continue
        for address, _n in zip(crawler.fill_addresses(live.app, targets, rule, "GET"), range(4), strict=False):
            path, shown = address + crawler.QUERY_NEEDED.get(rule.endpoint, ""), False
            for who in DESK if rule.rule.startswith(("/desk", "/admin")) else PORTAL:
                answer = browsers[who].get(path, checked=False)
                if answer.status_code == 200 and answer.mimetype == "text/html" and "tattle" in answer.text:
                    found.pages.setdefault(who, []).append(path)
                    if not shown:
                        found.first.setdefault(who, []).append(path)
                    shown = True
            if shown:
                break


def watch(page, problems):
    """Note each request that nobody clicked: to what was typed, or one that changes something."""
    page.on(
        "request",
        lambda request: (
            problems.append(f"{page.url} asks by itself: {request.method} {request.url}")
            if "tattle" in request.url or request.method != "GET"
            else None
        ),
    )


def open_pages(chromium, server, cookie, paths, *, bypass_csp):
    """What is wrong on any of *paths*."""
    problems: list[str] = []
    context = chromium.new_context(base_url=server, bypass_csp=bypass_csp, service_workers="block")
    if cookie:
        context.add_cookies([{"name": "parley", "value": cookie, "domain": "northwind.localhost", "path": "/"}])
    page = context.new_page()
    watch(page, problems)
    for path in paths:
        page.goto(path)
        made = page.evaluate(OUTER_HTML, INJECTED)
        problems += [f"{path} has an element that was typed: {html[:120]}" for html in made]
    context.close()
    return problems


def test_the_fields_took_what_was_typed(typed):
    assert len(set(typed.accepted)) >= FEWEST_FORMS, sorted(set(typed.accepted))
    assert all(len(typed.pages.get(who, [])) >= 3 for who in (*PORTAL[:-1], *DESK)), {
        who: len(paths) for who, paths in typed.pages.items()
    }


@pytest.mark.parametrize("who", [*PORTAL, *DESK])
def test_without_the_policy_no_page_asks_for_anything_by_itself(chromium, server, typed, who):
    paths = typed.pages.get(who, [])
    problems = open_pages(chromium, server, typed.cookies.get(who), paths, bypass_csp=True)
    assert not problems, "\n".join(problems)


@pytest.mark.check(32, "0 violations on every page of every role with hostile texts")
def test_with_the_policy_neither(chromium, server, typed):
    problems = []
    for who, paths in typed.first.items():
        problems += open_pages(chromium, server, typed.cookies.get(who), paths, bypass_csp=False)
    assert not problems, "\n".join(problems)


def test_the_watch_sees_what_it_looks_for(chromium, server, typed):
    """Markup that does become an element is found, by its request and as an element."""
    problems: list[str] = []
    page = chromium.new_context(base_url=server, bypass_csp=True, service_workers="block").new_page()
    watch(page, problems)
    page.goto("/sign-in")
    with page.expect_request(lambda request: "tattle.png" in request.url):
        page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", LONG)
    assert any("tattle.png" in problem for problem in problems)
    assert page.locator(INJECTED).count() >= 3
    page.context.close()
