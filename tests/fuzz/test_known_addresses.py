"""Every form that takes an e-mail address or the id of a person answers the same for a known and an unknown one.

The forms are found on the URL map. Whoever sends them may not see the people behind the addresses: one is of another
client, one of another provider, one left, one has no place anywhere, one is unknown.
"""

import re
from contextlib import contextmanager

import pytest

from portal.identity import actions as identity
from portal.kernel import clock
from portal.kernel.database import db
from portal.tenants.actions import contacts
from portal.tenants.models import Contact
from tests.fuzz.conftest import find_forms
from tests.fuzz.hostile import find_forms_at
from tests.isolation import address_catalog
from tests.support import acting
from tests.support.client import Browser

UNKNOWN = "nobody.knows@elsewhere.example"
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The fields that name a person by id.
TAKE_IDS = ("person", "approver", "people", "contact", "owner", "hand_to", "readmit", "remove")
BY_PERSON = {f"{side}/cases/{form}: person" for side in ("", "/desk") for form in ("sharing", "exclusions")}
CHANGING = (
    IDS,
    re.compile(r'(data-server-time=|datetime=|content=|data-at=)"20\d\d-[^"]*"'),
    re.compile(r'title="[^"]*\d\d:\d\d[^"]*"'),
    # The first letter of the address.
    re.compile(r'<span class="avatar"[^>]*>\s*\w\s*</span>'),
    re.compile(r'name="(csrf_token|once|version|last|shown_at)"[^>]*value="[^"]*"'),
    re.compile(r'(nonce|reference|token)[-=: ]+["\']?[\w-]{12,}'),
)


def takes_address(name):
    """Whether the field *name* takes addresses."""
    return name in ("cc", "person", "email", "person_email")


def foreign_addresses(world):
    """For somebody who sees one client only: addresses of people whom they do not see, by what is known of them."""
    for who in ("gina", "mel"):
        contacts.end_contact(world.ctx("ada"), world.row(Contact, world.person(who).contact_id))
    gone = identity.add_person(world.ctx("ada"), name="Gone Person", email="gone@elsewhere.example")
    identity.end_person(world.ctx("ada"), gone)
    identity.add_person(world.ctx("ada"), name="Eve Outside", email="eve@elsewhere.example")
    identity.add_person(world.ctx("sue"), name="Sol Southgate", email="sol@elsewhere.example")
    db.session.commit()
    nowhere = {
        "of another provider": "sol@elsewhere.example",
        "whose access is over": "gone@elsewhere.example",
        "of no client": "eve@elsewhere.example",
    }
    return {
        "acme": {
            "of another client": world.gil.email,
            "of another client, in other letters": world.gil.email.upper(),
            "who left another client": world.gina.email,
            "of staff": world.ana.email,
            **nowhere,
        },
        "globex": {"of another client": world.rita.email, "who left another client": world.mel.email, **nowhere},
    }


@pytest.fixture(scope="module")
def found_forms(sandbox, targets, app):
    """Every form of the pages that people use who do not see everybody: a page may have several for one address."""
    found = []
    for first in find_forms(sandbox, targets, app, only=is_for_some):
        assert first.who in sandbox.browsers
        on_page = find_forms_at(sandbox.browsers[first.who], first.who, first.path)
        found += [first, *(form for form in on_page if not set(form.names) <= set(first.names))]
    return found


@pytest.fixture(scope="module")
def forms_with_addresses(found_forms):
    """(client, form) of each form with a field for addresses, as somebody finds it who sees this client only."""
    return [one for one in found_forms if takes_addresses(one)]


def is_for_some(rule):
    """Whether people may use the address who do not see everybody: not the administration. Who signs in has laws of
    its own (tests/identity)."""
    return not rule.rule.startswith(("/admin", "/sign-in", "/sign-up", "/password", "/invite"))


def takes_addresses(found_form):
    return any(takes_address(name) for name in found_form.names)


def sign_in_somebody(sandbox, who):
    """A browser of *who*."""
    person = sandbox.world.person(who)
    browser = Browser(sandbox.world.app, person.host)
    browser.remember(_user_id=acting.sign_in(sandbox.world.provider_world_of(who), person))
    db.session.commit()
    return browser


def sign_in_tom(sandbox):
    """Tom looks after one client. His browser, and a case of that client."""
    tom = sign_in_somebody(sandbox, "tom")
    case = sandbox.world.open_case("gil")
    db.session.commit()
    return tom, case.key


def as_tom(found_form, tom, key, names):
    """The form of the desk with one of the fields *names* as Tom finds it: the first of the page where that one is not
    drawn, because there is nobody to choose; None if he finds none."""
    path = re.sub(r"/cases/[A-Z]+-\d+/", f"/cases/{key}/", found_form.path)
    forms = find_forms_at(tom, "tom", path, "?account=GLOBEX" if path == "/desk/new" else "")
    return next((form for form in forms if set(names) & set(form.names)), next(iter(forms), None))


def data_of(found_form, name, address, own):
    """What is sent: the form as it is found, with what it needs, and *address* in the field *name*."""
    data = {k: v for k, v in found_form.form.filled().items() if k != "csrf_token"}
    wanted = {"subject": "Printer", "description": "It is dark", "body": "Hello", "name": "Typed Name"}
    wanted |= {"account": own.upper(), "person_name": "Typed Name", "type": "outage", "severity": "3"}
    data |= {k: v for k, v in wanted.items() if k in found_form.names}
    return data | {name: address}


@pytest.fixture
def still_clock(monkeypatch):
    """Time stands still: it stands on pages."""
    stopped = clock.now()
    monkeypatch.setattr(clock, "now", lambda: stopped)


@contextmanager
def undone_too(sandbox):
    """Whatever happens inside has not happened afterwards; what stood before stays."""
    db.session.remove()
    savepoint = sandbox._connection.begin_nested()
    try:
        yield
    finally:
        db.session.remove()
        savepoint.rollback()


def answers(browser, path, data, address):
    """What the sender is shown: the answer, and the page that it leads to; without tokens and the address itself."""
    answer = browser.post(path, data=data, checked=False)
    shown = [str(answer.status_code), answer.headers.get("Location", ""), answer.get_data(as_text=True)]
    if answer.status_code == 303:
        shown.append(browser.get(answer.headers["Location"], checked=False).get_data(as_text=True))
    return masked_page("\n".join(shown), address)


def difference(one, other):
    """The first lines that differ."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"{a.strip()[:150]!r} / {b.strip()[:150]!r}" for a, b in pairs if a != b), "their lengths")


@pytest.mark.parametrize("confirmed", (False, True), ids=("asked", "confirmed"))
def test_no_form_tells_a_known_address_from_an_unknown_one(sandbox, forms_with_addresses, still_clock, confirmed):
    wrong, tried, statuses = [], set(), set()
    with sandbox.undone():
        known = foreign_addresses(sandbox.world)
        tom, key = sign_in_tom(sandbox)
        for found in forms_with_addresses:
            own = "globex" if found.path.startswith("/desk") else "acme"
            form = as_tom(found, tom, key, list(filter(takes_address, found.names))) if own == "globex" else found
            assert form is not None, (found.path, found.names)
            browser = tom if own == "globex" else sandbox.browsers[form.who]
            for name in filter(takes_address, found.names):
                seen = {}
                for kind, address in {"unknown": UNKNOWN, **known[own]}.items():
                    data = data_of(form, name, address, own) | ({"outside": address} if confirmed else {})
                    with undone_too(sandbox):
                        seen[kind] = answers(browser, form.path, data, address)
                tried.add(f"{form.path}: {name}")
                statuses |= {text[:3] for text in seen.values()}
                different = [kind for kind, text in seen.items() if text != seen["unknown"]]
                wrong += [f"{form} {name}: {kind}: {difference(seen['unknown'], seen[kind])}" for kind in different]
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 4 and ("303" if confirmed else "422") in statuses, (tried, statuses)
    assert {re.sub(r"/[A-Z]+-\d+/", "/", one) for one in tried} >= BY_PERSON, tried


def ids_of_people(world, own):
    """Ids of people whom who sees the client *own* only does not see, of their places, and one of nobody."""
    other = world.gil if own == "acme" else world.rita
    found = {"nobody": address_catalog.MISSING, "user of another client": other.id}
    found |= {"contact of another client": other.contact_id, "user of another provider": world.person("sue").id}
    return found | ({"user of staff": world.ana.id, "staff": world.ana.staff_id} if own == "acme" else {})


def test_no_form_tells_the_id_of_a_person_from_one_of_nobody(sandbox, found_forms, still_clock):
    wrong, tried = [], set()
    with sandbox.undone():
        tom, key = sign_in_tom(sandbox)
        for found in found_forms:
            own = "globex" if found.path.startswith("/desk") else "acme"
            names = [name for name in found.names if name in TAKE_IDS]
            form = as_tom(found, tom, key, names) if names and own == "globex" else found
            if form is None:
                continue
            browser = tom if own == "globex" else sandbox.browsers[form.who]
            for name in names:
                seen = {}
                values = ids_of_people(sandbox.world, own) | ({"address": UNKNOWN} if name == "person" else {})
                for kind, value in values.items():
                    with undone_too(sandbox):
                        seen[kind] = answers(browser, form.path, data_of(form, name, str(value), own), str(value))
                tried.add(f"{re.sub(r'/[A-Z]+-[0-9]+/', '/', form.path)}: {name}")
                different = [kind for kind, text in seen.items() if text != seen["nobody"]]
                wrong += [f"{form} {name}: {kind}: {difference(seen['nobody'], seen[kind])}" for kind in different]
    assert not wrong, "\n".join(wrong)
    assert tried >= BY_PERSON | {"/desk/cases/assign: owner", "/desk/cases/edit: contact"}, tried


def pages_after(browser, who, key, address, place):
    """What somebody sees who goes on with *address* after naming it: the answers, one after the other."""
    case = f"/desk/cases/{key}" if who == "tom" else f"/cases/{key}"
    again = {"name": "Other Name", "email": address, "place": place, "role": "member", "invite": "y"}
    if who == "olga":
        contact = re.search(r"/org/acme/people/([0-9a-f-]{36})[^>]*>\s*Typed Name", shown(browser, "/org/acme/people"))
        assert contact, "the person is not listed"
        person = f"/org/acme/people/{contact[1]}"
        steps = [
            ("/org/acme/people", None),
            ("/org/acme/people?q=typed", None),
            (person, None),
            (f"{person}/invite", {}),
            (f"{person}/end", None),
            (f"{case}/people", {"cc": address, "outside": ""}),
            (case, None),
            (f"{case}/exclusions", {"person": address}),
            ("/org/acme/people/invite", again),
            (f"{person}/end", {"version": version_of(browser, f"{person}/end")}),
            ("/org/acme/people?show=former", None),
            (f"{case}/people", {"cc": address, "outside": ""}),
            ("/org/acme/people/invite", again),
            (f"{person}/return", {}),
        ]
    else:
        steps = [(case, None), (f"{case}/people", {"cc": address, "outside": ""}), (case, None)]
    for path, data in steps:
        if data is None:
            yield path, shown(browser, path)
        else:
            yield path, answers(browser, path, data, address)


def shown(browser, path):
    answer = browser.get(path, checked=False)
    return f"{answer.status_code} {answer.get_data(as_text=True)}"


def version_of(browser, path):
    return browser.get(path).page.first("input", name="version").get("value")


def masked_page(text, address):
    text = re.sub(re.escape(address), "ADDRESS", text, flags=re.IGNORECASE)
    for pattern in CHANGING:
        text = pattern.sub("…", text)
    return text


@pytest.mark.parametrize("who", ("olga", "cora", "tom"))
def test_what_follows_tells_no_known_address_from_an_unknown_one(sandbox, still_clock, who):
    """The person who was named is invited again, put in copy, excluded, ended and let in again."""
    with sandbox.undone():
        known = foreign_addresses(sandbox.world)["globex" if who == "tom" else "acme"]
        tom, _key = sign_in_tom(sandbox)
        browser = tom if who == "tom" else sign_in_somebody(sandbox, who)
        seen = {}
        for kind, address in {"unknown": UNKNOWN, **known}.items():
            with undone_too(sandbox):
                if who == "olga":
                    place = {"place": str(sandbox.world.acme.id), "role": "member"}
                    first = {"name": "Typed Name", "email": address, "invite": "y", **place}
                    assert browser.post("/org/acme/people/invite", data=first).status_code == 303, kind
                    key = sandbox.world.open_case("olga", account="ACME").key
                    db.session.commit()
                else:
                    new = {"account": "GLOBEX" if who == "tom" else "ACME", "severity": "3", "subject": "Dark"}
                    new |= {"description": "It is", "person_name": "Typed Name", "person_email": address}
                    new |= {"type": "outage", "visibility": "private"}
                    answer = browser.post("/desk/new" if who == "tom" else "/new/outage", data=new)
                    assert answer.status_code == 303, (kind, answer.page.text)
                    key = re.search(r"[A-Z]+-\d+", answer.headers["Location"])[0]
                seen[kind] = [
                    (path, masked_page(text, address))
                    for path, text in pages_after(browser, who, key, address, str(sandbox.world.acme.id))
                ]
        assert any("Typed Name" in text for _path, text in seen["unknown"])
        wrong = [
            f"{kind}: {path}: {difference(expected, text)}"
            for kind, pages in seen.items()
            for (path, text), (_same, expected) in zip(pages, seen["unknown"], strict=True)
            if text != expected
        ]
        assert not wrong, "\n".join(wrong)
