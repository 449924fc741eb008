"""Every route × everybody: who gets in, who is told that there is nothing, and which words show (DESIGN 2).

The routes come from the app, so a new one is in the matrix by itself, or fails here until the address_catalog knows it.
"""

import pytest

from tests.isolation import address_catalog
from tests.isolation.address_catalog import EVERYBODY, NO_THING
from tests.isolation.case_matrix import INTERNAL, reads, seen_by
from tests.isolation.visits import Visit, difference

pytestmark = pytest.mark.slow


def test_no_route_is_forgotten(live_matrix, case_matrix):
    """Whoever adds an address with a new kind of part says here what it is and who reaches it."""
    unknown = []
    for rule in address_catalog.routes(live_matrix.app):
        try:
            assert address_catalog.addresses(live_matrix.app, case_matrix, rule)
        except (KeyError, AssertionError) as problem:
            unknown.append(f"{rule.endpoint} {rule.rule}: {problem!r}")
    assert not unknown


def test_what_is_exempt_exists_and_has_a_reason(live_matrix):
    endpoints = {rule.endpoint for rule in live_matrix.app.url_map.iter_rules()}
    assert set(address_catalog.EXEMPT) <= endpoints and set(address_catalog.MAY_BE_MISSING) <= endpoints
    assert all(len(reason) > 10 for reason in address_catalog.EXEMPT.values())


def test_the_law_names_only_people_who_exist(case_matrix):
    for who in EVERYBODY:
        assert who == "nobody" or case_matrix.person(who)


@pytest.fixture(params=EVERYBODY)
def who(request):
    return request.param


@pytest.fixture
def walk(who, visitors, case_matrix, live_matrix):
    """Everything that *who* is shown: (address, visit) of each GET that is worth trying."""
    found = []
    for rule in address_catalog.routes(live_matrix.app):
        if "GET" in rule.methods:
            every = address_catalog.addresses(live_matrix.app, case_matrix, rule)
            for address in address_catalog.pick_addresses(case_matrix, who, rule, every):
                found.append((address, visitors.get(who, address.path)))
    return found


@pytest.mark.check(39, "every GET route as every kind of person")
def test_everybody_gets_what_the_law_says(who, walk, case_matrix):
    wrong = [
        f"{address.endpoint} {'/'.join(address.which)}: {visit.status}, not {sorted(allowed)}"
        for address, visit in walk
        # Sam looks after Southgate's first account only.
        if (who, address.which) != ("sam", ("SOLO",))
        and visit.status not in (allowed := address_catalog.expected(case_matrix, who, address))
    ]
    assert not wrong, "\n".join(wrong)


MAIL_LINKS = ("surveys.by_mail", "surveys.call_by_mail", "notifications.mail_action")


@pytest.mark.check(41, "every GET route as every kind of person")
def test_nobody_reads_a_word_of_what_they_may_not_see(who, walk):
    shown = leaks(who, walk)
    assert not shown, "\n".join(shown)


def leaks(who: str, walk: "list[tuple[address_catalog.Address, Visit]]") -> list[str]:
    """Marks on pages where *who* may not read them."""
    return [
        f"{address.endpoint} {'/'.join(address.which)} shows {kind} {part}"
        for address, visit in walk
        for kind, part in sorted(visit.marks)
        # Whoever holds the link of a mail reads which case it is about; nothing else of it.
        if (not (address.endpoint in MAIL_LINKS and part == "subject") and not reads(who, kind, address.side_of(who)))
        or (part in INTERNAL and address.side_of(who) == "portal")
    ]


def test_everybody_reads_what_they_may_see(who, walk, case_matrix):
    """The other half of the proof: the words are there for those who may read them."""
    for address, visit in walk:
        # A key that two providers use opens the own one; whose it is not is said by the other tests.
        if address.endpoint in ("cases.show", "desk.show") and visit.status == 200 and not address.things[0].twin:
            (kind,) = address.which
            parts = {part for shown, part in visit.marks if shown == kind}
            assert {"subject", "description", "reply", "answer", "openfile", "replyfile"} <= parts, address
            if address.endpoint == "desk.show":
                assert {"note", "notefile"} <= parts, address
    opened = {
        a.which[0] for a, v in walk if a.endpoint == "cases.show" and v.status in (200, 308) and not a.things[0].twin
    }
    wanted = seen_by(who, "portal") if who != "nobody" else set()
    assert opened - {NO_THING} == {kind for kind in wanted if not twin(case_matrix, kind)}


def twin(case_matrix, kind):
    key = case_matrix.cases[kind].key
    return sum(matrix_case.key == key for matrix_case in case_matrix.cases.values()) > 1


def test_what_is_foreign_and_what_is_missing_are_the_same_bytes(who, walk, visitors):
    """A stranger cannot even learn that something exists: the same address with the name of nothing answers alike."""
    compared = 0
    for address, visit in walk:
        nothing = address.with_nothing()
        if visit.status != 404 or nothing is None:
            continue
        other = visitors.get(who, nothing.path)
        one, two = visit.same(*address.spellings), other.same(*nothing.spellings)
        if one != two:
            # The walk was minutes ago, and pages name the hours of support: both once more, at one moment.
            again = visitors.get(who, address.path)
            one, two = again.same(*address.spellings), visitors.get(who, nothing.path).same(*nothing.spellings)
        assert one == two, f"{address.endpoint} {address.which}: {difference(two, one)}"
        compared += 1
    assert compared > 5 or who in ("nobody", "zed", "pat")
