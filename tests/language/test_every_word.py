"""Every word of a page is in `_()`: in a language made on the fly no English is left but what people wrote."""

import pytest

from portal.kernel import clock
from portal.sla.engine.calendar import public_holidays
from tests.isolation import address_catalog
from tests.language import pseudo
from tests.language.conftest import mailed, written

# People who together reach every page, and where the others have not been.
READERS = {"rita": "/", "olga": "/", "ana": "/desk", "ada": "/admin", "nobody": "/"}
LEFT_OUT = {
    "admin.styleguide": "samples of every component, for developers",
    "presets.choose": "shows what data files say about themselves",
    "admin.statuses": "shows the usual words of the language whose words are changed",
    "admin.languages": "as above",
    "machinery.run_again": "shows the name of a background job, which is a name of ours",
}
# Filters are asked for this: too long and in no Latin letter; no date, no number, no choice.
LONG, MALFORMED = "ω" * 1_001, "2026-13-45 99:99"


@pytest.fixture
def data(live_matrix):
    with live_matrix.inside() as world:
        values = {*written(world.northwind.id), *mailed(world.northwind.id)}
    # Holidays are named by the library; it speaks no Greek, so the made-up language gets them in English.
    year = clock.now().year
    values |= {name for when in (year, year + 1) for name in public_holidays("PL", "", when).values()}
    return pseudo.Data(values)


def english_on(page, data):
    """What is left of English on *page*."""
    return {english for text in pseudo.spoken(page) if (english := data.english_in(text))}


def pages_of(who, live_matrix, case_matrix, visitors):
    """(endpoint, path, page) of everything that *who* can look at, and of some things that they may not."""
    for rule in address_catalog.routes(live_matrix.app):
        if "GET" not in rule.methods or rule.endpoint in LEFT_OUT or not rule.rule.startswith(READERS[who]):
            continue
        every = address_catalog.addresses(live_matrix.app, case_matrix, rule)
        for address in address_catalog.pick_addresses(case_matrix, who, rule, every)[:2]:
            answer = visitors.browser(who).get(address.path, checked=False)
            if answer.mimetype == "text/html" and answer.status_code // 100 != 3:
                yield rule.endpoint, address.path, answer.page


def asked_wrong(form):
    """The queries of a filter or a search with something impossible: in every field at once, and in each alone."""
    fields = [e for e in form.element.walk() if e.tag in ("textarea", "select", "input") and e.get("name")]
    names = {e.get("name"): 1 for e in fields if e.get("type") not in ("hidden", "checkbox", "radio", "submit")}
    if not names or form.method != "get":
        return []
    return [form.filled(**dict.fromkeys(names, LONG)), *(form.filled(**{name: MALFORMED}) for name in names)]


@pytest.mark.parametrize("who", READERS)
@pytest.mark.check(50, "0 words on every page in a made-up language")
def test_no_english_is_left_on_a_page_or_after_a_wrong_query(
    who, live_matrix, case_matrix, visitors, data, pseudo_language
):
    """What forms that change something refuse: tests/language/test_every_refusal.py."""
    found, asked = {}, set()
    for _endpoint, path, page in pages_of(who, live_matrix, case_matrix, visitors):
        found.update((english, path) for english in english_on(page, data))
        for form in page.forms:
            action = form.action.partition("?")[0] or path.partition("?")[0]
            for query in asked_wrong(form) if action not in asked else ():
                answer = visitors.browser(who).get(action, query_string=query, checked=False)
                if answer.mimetype == "text/html" and answer.status_code // 100 != 3:
                    found.update((english, f"{action} {str(query)[:200]}") for english in english_on(answer.page, data))
            asked.add(action)
    assert not found, "\n".join(f"{english} ({path})" for english, path in sorted(found.items()))
    assert asked


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/support", 405), ("POST", "/me?csrf", 400), ("GET", "/s/x", 404)],
)
def test_no_english_is_left_on_an_error_page(method, path, status, live_matrix, visitors, data, pseudo_language):
    for who in ("rita", "ana", "nobody"):
        answer = visitors.browser(who).open(path, method=method, csrf="csrf" not in path, checked=False)
        if answer.status_code == status:
            assert not english_on(answer.page, data)
