"""Every page, asked with parameters that mean nothing: ignored or refused, never a 500."""

from tests.fuzz.conftest import paths
from tests.fuzz.hostile import FINE, injected
from tests.isolation import catalogue

PARAMETERS = (
    "q",
    "page",
    "size",
    "sort",
    "status",
    "account",
    "env",
    "department",
    "type",
    "by",
    "contact",
    "owner",
    "severity",
    "tier",
    "tab",
    "view",
    "before",
    "after",
    "subject",
    "next",
    "email",
    "r",
    "show",
    "role",
    "state",
    "to",
    "action",
    "case",
    "set",
    "phone",
    "channel",
    "stay",
    "opened",
    "merged",
    "since",
    "target",
    "kind",
    "active",
    "organization",
    "service",
    "score",
    "days",
    "question",
    "language",
    "thanks",
)
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


def pages(app, town, sandbox):
    """One address of each page, for somebody who may see it."""
    for rule in catalogue.routes(app):
        if "GET" in rule.methods:
            people = ("ana", "ada") if rule.rule.startswith(("/desk", "/admin")) else ("rita", "olga")
            for path in list(paths_of(rule, town, app, sandbox))[:1]:
                for who in people:
                    if sandbox.browsers[who].get(path, checked=False).status_code == 200:
                        yield who, path
                        break


def paths_of(rule, town, app, sandbox):
    known = {"file", "filename", "view"}
    kinds = {name: catalogue.kind_of(rule, name) for name in rule.arguments}
    if known & set(kinds.values()):
        town = {**town, "view": ["all"], "file": [], "filename": ["x"]}
    return paths(rule, town, app, sandbox, "GET")


def test_garbage_in_every_parameter_of_every_page(sandbox, town, app):
    found = list(pages(app, town, sandbox))
    assert len(found) > 60
    wrong = []
    for who, path in found:
        for value in GARBAGE:
            query = "&".join(f"{name}={value}" for name in PARAMETERS)
            answer = sandbox.browsers[who].get(f"{path}?{query}", checked=False)
            if answer.status_code not in FINE:
                wrong.append(f"{path} {value[:30]}: {answer.status_code}")
            if "script" in value and answer.mimetype == "text/html" and injected(answer.get_data(as_text=True)):
                wrong.append(f"{path}: {injected(answer.get_data(as_text=True))}")
    assert not wrong, "\n".join(wrong)


def test_each_parameter_by_itself_on_the_lists(sandbox):
    """Together one bad parameter may hide another: the lists get each of them alone."""
    for who, path in (
        ("rita", "/cases"),
        ("ana", "/desk/queue/all"),
        ("rita", "/search"),
        ("ana", "/desk/search"),
        ("ana", "/desk/surveys"),
    ):
        for name in PARAMETERS:
            for value in GARBAGE[:10:2]:
                answer = sandbox.browsers[who].get(f"{path}?{name}={value}", checked=False)
                assert answer.status_code in FINE, f"{path}?{name}={value[:40]}: {answer.status_code}"


def test_garbage_instead_of_ids(sandbox, app, town):
    """Every part of every address: NUL, dots, huge numbers, other scripts, bytes that are no text."""
    for rule in catalogue.routes(app):
        if not rule.arguments or "GET" not in rule.methods:
            continue
        who = "ada" if rule.rule.startswith(("/desk", "/admin")) else "olga"
        for value in (
            "%00",
            "..%2f..",
            "9" * 60,
            "%FF",
            "ACME-99999999999",
            "acme-%D9%A1",
            "%E2%80%AE",
            "a" * 2000,
            "-",
        ):
            path = "".join(
                f"/{part}" if not part.startswith("<") else f"/{value}" for part in rule.rule.strip("/").split("/")
            )
            answer = sandbox.browsers[who].get(path, checked=False)
            assert answer.status_code in FINE, f"{path[:80]}: {answer.status_code}"


def test_hostile_headers(sandbox):
    """Host, language, htmx and forwarding headers come from outside too."""
    browser = sandbox.browsers["rita"]
    for headers in (
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
    ):
        for path in ("/", "/cases", "/sign-in"):
            answer = browser.get(path, headers=headers, checked=False)
            assert answer.status_code in FINE, f"{headers}: {answer.status_code}"
            assert "evil.example" not in answer.get_data(as_text=True)
            assert "evil.example" not in answer.headers.get("Location", "")
