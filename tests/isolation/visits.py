"""Browsers of everybody, and what they were shown: each address is asked for once a person, for all tests."""

import difflib
import re
from dataclasses import dataclass, field
from typing import Any

from tests.isolation.case_matrix import CaseMatrix, marks_in
from tests.support import acting
from tests.support.client import Browser
from tests.support.live_world import Live

# What differs between two answers that say the same.
_CHANGING = (
    re.compile(
        r'(name="csrf_token"[^>]*value=|X-CSRFToken"?\s*[:=]\s*|&#34;X-CSRFToken&#34;:\s*)(&#34;|["\'])[^"\'&]*'
    ),
    re.compile(r'(data-server-time=|<time datetime=|content=)"20\d\d-[^"]*"'),
    re.compile(r'name="(once|version|last|shown_at)"[^>]*value="[^"]*"'),
    # The new id by which an open queue knows what came after it was drawn.
    re.compile(r'data-live="queue=[^"]*?&amp;after=[0-9a-f-]{36}'),
    re.compile(r'(nonce|reference)[-=: ]+["\']?[0-9a-f]{12,}'),
)
_OWN_HEADERS = {"date", "content-length", "set-cookie", "x-request-id", "server-timing", "etag"}


@dataclass(frozen=True, slots=True)
class Visit:
    """What *who* got at *path*."""

    who: str
    path: str
    status: int
    location: str
    body: str
    headers: tuple[tuple[str, str], ...]
    marks: frozenset[tuple[str, str]]

    def same(self, *spellings: str) -> str:
        """The answer as bytes to compare: without tokens, times, ids and the spelling of what was asked for."""
        shown = f"{self.status} {self.location}\n{self.headers}\n{self.body}"
        for pattern in _CHANGING:
            shown = pattern.sub("…", shown)
        for spelling in sorted(filter(None, spellings), key=len, reverse=True):
            shown = re.sub(re.escape(spelling), "…", shown, flags=re.IGNORECASE)
        return shown


@dataclass
class Visitors:
    """The people of the case matrix at their browsers."""

    live: Live
    case_matrix: CaseMatrix
    browsers: dict[str, Browser] = field(default_factory=dict)
    seen: dict[tuple[str, str, bool], Visit] = field(default_factory=dict)

    def sign_in(self, *people: str) -> None:
        for who in people:
            self.browser(who)

    def browser(self, who: str) -> Browser:
        """The browser of *who*, signed in."""
        if who not in self.browsers:
            if who == "nobody":
                self.browsers[who] = Browser(self.live.app, self.live.world.northwind.host)
                return self.browsers[who]
            person = self.case_matrix.person(who)
            browser = Browser(self.live.app, person.host)
            with self.live.inside() as world:
                provider_world = world.southgate if person.host == world.southgate.host else world.northwind
                token = acting.sign_in(provider_world, person)
            browser.remember(_user_id=token)
            self.browsers[who] = browser
        return self.browsers[who]

    def get(self, who: str, path: str, *, hx: bool = False) -> Visit:
        """What *who* is shown at *path*; asked for once."""
        key = (who, path, hx)
        if key not in self.seen:
            headers = {"HX-Request": "true"} if hx else {}
            # Pages are judged by their own tests; here only what they show counts.
            answer = self.browser(who).get(path, headers=headers, checked=False)
            self.seen[key] = visit(who, path, answer)
        return self.seen[key]


def visit(who: str, path: str, answer: Any) -> Visit:
    """What *answer* showed."""
    body = answer.get_data(as_text=True)
    headers = tuple(sorted((k, v) for k, v in answer.headers.items() if k.lower() not in _OWN_HEADERS))
    shown = f"{body}\n{answer.headers}"
    return Visit(
        who, path, answer.status_code, answer.headers.get("Location", ""), body, headers, frozenset(marks_in(shown))
    )


def difference(one: str, other: str) -> str:
    """The lines in which two answers differ, for a person to read."""
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)
    return "\n".join(line[:400] for line in list(lines)[:40])
