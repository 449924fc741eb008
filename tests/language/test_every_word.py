"""Every word of a page is in `_()`: in a language made on the fly no English is left but what people wrote."""

import pytest

from portal.kernel import clock
from portal.sla.engine.calendar import public_holidays
from tests.isolation import address_catalog
from tests.language import pseudo
from tests.language.conftest import written

# People who together reach every page, and where the others have not been.
READERS = {"rita": "/", "olga": "/", "ana": "/desk", "ada": "/admin", "nobody": "/"}
LEFT_OUT = {
    "admin.styleguide": "samples of every component, for developers",
    "presets.choose": "shows what data files say about themselves",
    "admin.statuses": "shows the usual words of the language whose words are changed",
    "admin.languages": "as above",
    "machinery.run_again": "shows the name of a background job, which is a name of ours",
}
# Forms are sent with this in every field: too long, no address, and in no Latin letter.
WRONG = "ω" * 20_100
ENDINGS = ("/sign-out", "/end", "/end-others")


@pytest.fixture
def data(live_matrix):
    with live_matrix.inside() as world:
        values = set(written(world.northwind.id))
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


def filled_in_wrong(form):
    """*form* with something impossible in each field that takes words or a choice; None if it has no such field."""
    fields = [e for e in form.element.walk() if e.tag in ("textarea", "select") or e.get("type") in ("text", "email")]
    names = {e.get("name") for e in fields if e.get("name")}
    if not names or form.method != "post" or form.action.endswith(ENDINGS):
        return None
    return form.filled(**dict.fromkeys(names, WRONG))


@pytest.mark.parametrize("who", READERS)
def test_no_english_is_left_on_a_page_or_in_a_refusal(who, live_matrix, case_matrix, visitors, data, pseudo_language):
    found, sent = {}, set()
    for _endpoint, path, page in pages_of(who, live_matrix, case_matrix, visitors):
        found.update((english, path) for english in english_on(page, data))
        for form in page.forms:
            wrong = filled_in_wrong(form)
            if wrong is None or (shape := (form.action.rpartition("/")[2], *sorted(wrong))) in sent:
                continue
            sent.add(shape)
            for values in (wrong, {name: "" for name in wrong if name != "csrf_token"}):
                answer = visitors.browser(who).post(form.action, data=values, checked=False)
                if answer.status_code // 100 == 4 and answer.mimetype == "text/html":
                    found.update((english, f"POST {form.action}") for english in english_on(answer.page, data))
    assert not found, "\n".join(f"{english} ({path})" for english, path in sorted(found.items()))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/support", 405), ("POST", "/me?csrf", 400), ("GET", "/s/x", 404)],
)
def test_no_english_is_left_on_an_error_page(method, path, status, live_matrix, visitors, data, pseudo_language):
    for who in ("rita", "ana", "nobody"):
        answer = visitors.browser(who).open(path, method=method, csrf="csrf" not in path, checked=False)
        if answer.status_code == status:
            assert not english_on(answer.page, data)
