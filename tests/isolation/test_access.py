"""The ways to data beside the pages: lists, counts, search, hints, pickers, parameters in the address, other hosts.

Each holds exactly what the law says: not a case more (isolation), not a case less (it is no empty proof).
"""

import pytest

from tests.isolation.address_catalog import CONTACTS, STAFF
from tests.isolation.case_matrix import NOTE_WORD, SEES, beginning, reads, seen_by
from tests.isolation.test_matrix import leaks
from tests.isolation.visits import visit
from tests.support.client import COOKIE

pytestmark = pytest.mark.slow

ON_PORTAL = (
    "rita",
    "jan",
    "mel",
    "cora",
    "olga",
    "piotr",
    "ned",
    "nia",
    "eve",
    "gil",
    "gina",
    "dua",
    "rob",
    "zoe",
    "ana",
    "tom",
)
ON_DESK = tuple(STAFF)
TABS = ("my", "waiting", "shared", "cc", "all")
CLOSED_DESK = ("pat",)


def kinds(*visits):
    """The kinds whose subject shows on any of *visits*; every one of them must have answered."""
    assert all(seen.status == 200 for seen in visits), [(seen.path, seen.status) for seen in visits]
    return {kind for seen in visits for kind, part in seen.marks if part == "subject"}


def readable(who, side):
    return {kind for kind in SEES if reads(who, kind, side)}


@pytest.mark.parametrize("who", ON_PORTAL)
@pytest.mark.parametrize("hx", [False, True], ids=["page", "fragment"])
@pytest.mark.check(40, "lists and their counts")
def test_the_tabs_hold_what_one_may_see_and_nothing_else(visitors, who, hx):
    tabs = [visitors.get(who, f"/cases?tab={tab}&status=any&size=100", hx=hx) for tab in TABS]
    tabs += [visitors.get(who, f"/cases.csv?tab={tab}&status=any") for tab in TABS if not hx]
    assert kinds(*tabs) == readable(who, "portal")
    assert all("whispered" not in tab.body for tab in tabs)


@pytest.mark.parametrize("who", ON_DESK)
@pytest.mark.parametrize("hx", [False, True], ids=["page", "fragment"])
def test_the_queues_hold_what_one_may_see_and_nothing_else(visitors, who, hx):
    queues = [
        visitors.get(who, f"/desk/queue/{view}?status=any&size=100", hx=hx)
        for view in ("mine", "unassigned", "new", "customer-replied", "resolved", "recently-closed", "all")
    ]
    if not hx:
        queues.append(visitors.get(who, "/desk/queue/all/cases.csv?status=any"))
    if who in CLOSED_DESK:
        assert {queue.status for queue in queues} == {403}
    else:
        assert kinds(*queues) == readable(who, "desk")


@pytest.mark.parametrize("who", ON_PORTAL)
@pytest.mark.check(40, "search")
def test_search_on_the_portal_finds_what_one_may_see_and_no_note(visitors, who):
    """All marks begin alike, so one question asks for every case there is."""
    found = [visitors.get(who, f"/search?q=qq&page={number}") for number in (1, 2)]
    assert kinds(*found) == readable(who, "portal")
    listed = [visitors.get(who, f"/cases?q=qq&tab={tab}&size=100") for tab in TABS]
    assert kinds(*listed) == readable(who, "portal")
    for path in (f"/search?q={NOTE_WORD}", f"/cases?q={NOTE_WORD}&status=any", f"/search?q={NOTE_WORD[:9]}"):
        assert not visitors.get(who, path).marks


@pytest.mark.parametrize("who", ON_DESK)
def test_search_on_the_desk_finds_what_one_may_see(visitors, who):
    for asked in ("qq", NOTE_WORD):
        found = [visitors.get(who, f"/desk/search?q={asked}&page={number}") for number in (1, 2)]
        queue = visitors.get(who, f"/desk/queue/all?q={asked}&status=any&size=100")
        ended = visitors.get(who, f"/desk/queue/recently-closed?q={asked}&size=100")
        # The command menu offers the first few of them.
        menu = visitors.get(who, f"/desk/commands?q={asked}", hx=True)
        if who in CLOSED_DESK:
            assert {seen.status for seen in (*found, queue, menu)} == {403}
        else:
            assert kinds(menu) <= kinds(*found) == kinds(queue, ended) == readable(who, "desk")


@pytest.mark.parametrize("who", ["rita", "mel", "piotr", "ned", "gil", "gina", "rob"])
@pytest.mark.check(40, "hints")
def test_the_hint_while_typing_knows_only_shared_cases_that_one_may_see(visitors, case_matrix, who):
    """ "Already reported?" must never tell of a private case, nor of a neighbor's."""
    shared = {"shared", "polish", "globex", "abroad", "barred", "testing", "twin", "south", "solo"}
    shown = set()
    for kind in SEES:
        hint = visitors.get(who, f"/new/outage/alike?subject={beginning(kind, 'subject')}", hx=True)
        shown |= kinds(hint)
        assert {part for _kind, part in hint.marks} <= {"subject"}
    assert shown == set(seen_by(who, "portal") & shared)


@pytest.mark.parametrize("who", ["tom", "gil", "gina", "piotr", "eve", "rita", "ned", "rob"])
def test_names_and_addresses_of_strangers_show_nowhere(visitors, case_matrix, who):
    """Not on a single page of all those that the matrix walked, pickers and lists of people included."""
    known = {
        "tom": {"acme": ()},
        "gil": {"acme": ("mel", "rita", "cora", "olga")},
        "gina": {"acme": ("mel", "rita", "cora", "olga")},
        "piotr": {"globex": ()},
        "eve": {"globex": ()},
        "rita": {"globex": ()},
        "ned": {"globex": ()},
        "rob": {"globex": ()},
    }[who]
    strangers = {
        "acme": ("rita", "jan", "mel", "cora", "olga", "piotr", "max", "nia", "ned"),
        "globex": ("gil", "gina"),
    }
    words = {
        word
        for organization, acquainted in known.items()
        for name in strangers[organization]
        if name not in acquainted
        for word in (case_matrix.person(name).name, case_matrix.person(name).email)
    }
    walked = [seen for (whose, _path, _hx), seen in visitors.seen.items() if whose == who]
    for path in (
        "/new",
        "/new/outage",
        "/new/outage?account=GLOBEX",
        "/new/outage?account=ACME",
        "/desk/new?account=ACME",
        "/desk/new?caller=acme",
        "/desk/new?caller=rita",
        "/desk/search?q=acme",
        "/desk/search?q=globex",
        "/search?q=acme",
        "/desk/accounts",
        "/notifications",
    ):
        walked.append(visitors.get(who, path))
    wrong = [(seen.path, word) for seen in walked for word in words if word in seen.body and word not in seen.path]
    assert not wrong


FILTERS = ("contact", "by", "env", "account", "owner", "type", "department")


@pytest.mark.parametrize("who", ["rita", "mel", "gil", "tom", "ana", "sam"])
def test_filters_by_foreign_ids_find_nothing_foreign(visitors, case_matrix, who):
    """A filter narrows the scope; whose id stands in it changes nothing."""
    ids = [str(case_matrix.person(name).id) for name in ("gil", "rita", "rob")]
    ids += [value for kind in ("account", "environment", "type") for _w, value, _home in case_matrix.keys[kind]][:20:3]
    base, side = ("/desk/queue/all", "desk") if who in STAFF else ("/cases", "portal")
    for name in FILTERS:
        for value in ids:
            seen = visitors.get(who, f"{base}?{name}={value}&status=any&tab=my")
            assert seen.status in (200, 404) and {k for k, _part in seen.marks} <= readable(who, side)


@pytest.mark.parametrize(
    ("who", "foreign", "nothing"),
    [
        ("tom", "/desk/queue/all?account=ACME", "/desk/queue/all?account=NOSUCH"),
        ("tom", "/desk/new?account=ACME", "/desk/new?account=NOSUCH"),
        ("ana", "/desk/queue/all?account=SOLO", "/desk/queue/all?account=NOSUCH"),
        ("rita", "/new/outage?account=GLOBEX", "/new/outage?account=NOSUCH"),
        ("rita", "/cases?account=GLOBEX", "/cases?account=NOSUCH"),
        ("rita", "/new/outage?account=ACMEPL", "/new/outage?account=NOSUCH"),
        ("tom", "/desk/bulk?action=take&case={private}", "/desk/bulk?action=take&case=ACME-987654"),
        ("tom", "/desk/search?q={private}", "/desk/search?q=ACME-987654"),
        ("gil", "/search?q={private}", "/search?q=ACME-987654"),
        ("mel", "/search?q={private}", "/search?q=ACME-987654"),
        ("mel", "/cases?q={private}", "/cases?q=ACME-987654"),
        ("mel", "/search?q={barred}", "/search?q=ACME-987654"),
        ("lee", "/desk/search?q={barred}", "/desk/search?q=ACME-987654"),
    ],
)
def test_what_an_address_asks_for_is_foreign_or_missing_alike(
    visitors, case_matrix, still_clock, who, foreign, nothing
):
    """Parameters name objects too. Both are asked for now: what a test before this one saw was of another minute."""
    spelled = {kind: matrix_case.key for kind, matrix_case in case_matrix.cases.items()}
    browser = visitors.browser(who)
    one, other = (visit(who, path, browser.get(path, checked=False)) for path in (foreign.format(**spelled), nothing))
    words = ("ACME-987654", "NOSUCH", "ACME", "SOLO", "GLOBEX", "ACMEPL", *spelled.values())
    assert one.same(*words) == other.same(*words)


def test_a_session_opens_only_the_host_it_was_made_at(visitors, live_matrix, case_matrix):
    """Rita has a namesake with the same address at the neighbor's."""
    for who, host in (("rita", case_matrix.world.southgate.host), ("rob", case_matrix.world.northwind.host)):
        browser = visitors.browser(who)
        value = browser.get_cookie(COOKIE, browser.host).value
        elsewhere = live_matrix.client()
        elsewhere.host = host
        elsewhere.set_cookie(COOKIE, value, domain=host)
        for path in ("/", "/cases", "/me", f"/cases/{case_matrix.cases['private'].key}"):
            seen = visit(who, path, elsewhere.get(path))
            assert seen.status == 302 and "/sign-in" in seen.location and not seen.marks


@pytest.mark.parametrize("who", sorted(set(CONTACTS) | {"nia", "eve"}))
@pytest.mark.check(31, "every fragment as every kind of person")
def test_fragments_show_no_more_than_pages(visitors, who):
    """What htmx asks for goes through the same scopes."""
    from tests.isolation.address_catalog import Address

    paths = [
        seen.path for (whose, _p, hx), seen in list(visitors.seen.items()) if whose == who and not hx and seen.marks
    ]
    walk = [
        (Address(path, path, frozenset({"GET"}), "", ()), visitors.get(who, path, hx=True))
        for path in [*paths[:25], "/", "/cases", "/notifications", "/search?q=qq"]
    ]
    assert not leaks(who, walk)
