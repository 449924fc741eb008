"""Every page, asked with parameters that mean nothing: ignored or refused, never a 500."""

from collections import Counter

import pytest
from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.fuzz.hostile import FINE, injected
from tests.isolation import address_catalog
from tests.support import crawler
from tests.support.effort import scaled

pytestmark = pytest.mark.slow

GARBAGE = (
    "%00",
    "%FF%FE%ED%A0%80",
    "9" * 400,
    "-1",
    "%D9%A1%D9%A2",
    "%3Cscript%3Ealert(1)%3C/script%3E%22%27%3E%3Cimg+src=x+onerror=1%3E",
    "7d3ae4a6-32d1-4f3e-9d0c-0d7d6f0a1234",
    "%27%29+OR+1=1--+%5C%25_",
    "x" * 3000,
    "1e999",
    "%E2%80%AEgnp",
    "%C2%B2",
    "new,nonsense,%00",
)
# Pages read a parameter of one name in one way (`q`, `page`, `account`): after so many pages a kind of garbage says
# nothing new of it. A page reads each of its parameters with garbage all the same, in turns of its own.
PAGES_A_KIND = scaled(2)
TURNS_A_PAGE = scaled(2)
PARTS = ("%00", "..%2f..", "9" * 60, "%FF", "ACME-99999999999", "acme-%D9%A1", "%E2%80%AE", "a" * 2000, "-")


class Asked(ImmutableMultiDict):
    """The parameters of an address; remembers which of them the page looked at."""

    seen: set[str] = set()

    def get(self, key, *args, **kwargs):
        self.seen.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key, *args, **kwargs):
        self.seen.add(key)
        return super().getlist(key, *args, **kwargs)

    def __getitem__(self, key):
        self.seen.add(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self.seen.add(key)
        return super().__contains__(key)


class Watched(Request):
    parameter_storage_class = Asked


@pytest.fixture
def watched(app, monkeypatch):
    """What pages ask of their addresses, page by page."""
    monkeypatch.setattr(app, "request_class", Watched)
    monkeypatch.setattr(Asked, "seen", set())
    return Asked


@pytest.fixture(scope="module")
def screens(app, targets, sandbox):
    missed: list[str] = []
    found = list(
        crawler.find_screens(
            app, targets, lambda who, path: sandbox.browsers[who].get(path, checked=False), missed.append
        )
    )
    assert not missed, "nobody finds these pages; see tests/support/crawler.py"
    return found


def test_garbage_in_every_parameter_of_every_page(sandbox, screens, watched):
    """Each page gets garbage in each parameter that it reads, whatever that is called, and each name of a parameter
    every kind of it on some pages; lists, where one bad parameter may hide another, get each of them alone too."""
    assert len(screens) > 90
    wrong, read = [], {}
    tried: Counter[tuple[str, str]] = Counter()

    def ask(screen, query):
        answer = sandbox.browsers[screen.who].get(f"{screen.path}?{query}", checked=False)
        if answer.status_code not in FINE:
            wrong.append(f"{screen.path}?{query[:200]}: {answer.status_code}")
        if answer.mimetype == "text/html" and "alert" in query and (found := injected(answer.get_data(as_text=True))):
            wrong.append(f"{screen.path}: {found}")

    for screen in screens:
        watched.seen = set()
        ask(screen, "strange=%FF%00&=&&%00=1")
        names = sorted(read.setdefault(screen.path, watched.seen - {"strange"}))
        turns = [
            [(name, GARBAGE[(turn + n) % len(GARBAGE)]) for n, name in enumerate(names)]
            for turn in range(len(GARBAGE) if names else 0)
        ]
        turns.sort(key=lambda pairs: min(tried[pair] for pair in pairs))
        for number, pairs in enumerate(turns):
            if number < TURNS_A_PAGE or any(tried[pair] < PAGES_A_KIND for pair in pairs):
                ask(screen, "&".join(f"{name}={value}" for name, value in pairs))
                tried.update(pairs)
        for n, name in enumerate(names if len(names) > 4 else ()):
            ask(screen, f"{name}={GARBAGE[n % len(GARBAGE)]}")
            ask(screen, f"{name}={GARBAGE[(n + 5) % len(GARBAGE)]}")
    assert not wrong, "\n".join(wrong)
    assert all(tried[name, value] for name, _value in tried for value in GARBAGE)
    assert {"q", "status", "tab"} <= read["/cases"] and len(read["/desk/queue/all"]) > 5


def test_garbage_instead_of_ids(sandbox, app):
    """Every part of every address: NUL, dots, huge numbers, other scripts, bytes that are no text. A page gets some
    of them, a kind of part all."""
    rules = [rule for rule in address_catalog.routes(app) if rule.arguments and "GET" in rule.methods]
    tried = {}
    for rule in rules:
        kinds = {address_catalog.kind_of(rule, name) for name in rule.arguments}
        turn = min(tried.get(kind, 0) for kind in kinds)
        values = PARTS if turn == 0 else [PARTS[(turn + n) % len(PARTS)] for n in (0, 4)]
        for kind in kinds:
            tried[kind] = tried.get(kind, 0) + 1
        who = "ada" if rule.rule.startswith(("/desk", "/admin")) else "olga"
        for value in values:
            path = "".join(
                f"/{part}" if not part.startswith("<") else f"/{value}" for part in rule.rule.strip("/").split("/")
            )
            answer = sandbox.browsers[who].get(path, checked=False)
            assert answer.status_code in FINE, f"{path[:80]}: {answer.status_code}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "a" * 300},
        {"Host": "[::1"},
        {"Host": "northwind.localhost:99999"},
        {"Host": "\u00e9"},
        {"Accept-Language": "x" * 5000},
        {"Accept-Language": "pl;q=zz,\u00ff,en-US-x-y-z;q=9"},
        {"HX-Request": "true", "HX-Target": "\u00ff#<x>"},
        {"X-Forwarded-For": "' OR 1=1"},
        {"X-Forwarded-Host": "evil.example"},
        {"Range": "bytes=5-1"},
        {"Cookie": "parley=%00%ff; parley=x"},
        {"If-None-Match": '"' * 500},
        {"If-Modified-Since": "never"},
        {"X-Request-Id": "\u00ff<script>"},
        {"Accept": "application/json"},
    ],
    ids=lambda headers: f"{next(iter(headers))}-{len(next(iter(headers.values())))}",
)
def test_hostile_headers(sandbox, headers):
    """Host, language, htmx and forwarding headers come from outside too."""
    browser = sandbox.browsers["rita"]
    for path in ("/", "/cases", "/sign-in"):
        answer = browser.get(path, headers=headers, checked=False)
        assert answer.status_code in FINE, f"{headers}: {answer.status_code}"
        assert "evil.example" not in answer.get_data(as_text=True)
        assert "evil.example" not in answer.headers.get("Location", "")
