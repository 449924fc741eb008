"""Comparison of every page rendered from two folders of templates, with the same data and time, white space aside.

    git worktree add /tmp/before main
    python -m tests.support.rendered /tmp/before/templates              # against this tree's templates
    python -m tests.support.rendered BEFORE AFTER --only desk --stored /tmp/pages

Run it after a change of templates that must not change a page (docs/howto/09). Each page is requested twice, once a
folder. Nothing of the first request remains for the second: both have the same ids and times, so only the keys and
tokens of forms are masked. It requests every page of the crawl as everybody who might open it, the fragments for htmx,
and every form with empty texts (the pages of refusals).
"""

import argparse
import difflib
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import time_machine
from flask import Flask

from engines import testing
from portal.demo.northwind import NORTHWIND
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.database import db
from tests.fuzz.conftest import find_forms
from tests.fuzz.hostile import Sandbox
from tests.isolation import address_catalog
from tests.support import acting, crawler, databases
from tests.support.client import Browser
from tests.support.provider_world import read_provider_world
from tests.support.second_provider import SOUTHGATE
from tests.support.white_space import drawn
from tests.support.world import World

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Everybody whose pages differ from another's; the last two of each read Polish.
PORTAL = ("rita", "cora", "olga", "gil", "nobody", "jan", "zoe")
STAFF = ("ana", "lee", "ada", "pat", "aud", "tom", "sue")
POLES = ("jan", "tom")
# The idempotency key and the masked token of a form, which differ in each rendering.
_KEY = re.compile(r'(name="(?:once|csrf_token)"(?: type="hidden")? value=")~?[\w=-]+')
# Addresses asked of one route.
MOST = 40


@dataclass(frozen=True)
class Asked:
    """One request."""

    who: str
    path: str
    form: tuple[tuple[str, str], ...] | None = None  # what is sent; None: a GET
    fragment: bool = False

    def __str__(self) -> str:
        kind = "POST" if self.form is not None else "htmx" if self.fragment else "GET"
        return f"{self.who} {kind} {self.path}"


@dataclass
class Findings:
    """What a run saw."""

    pages: int = 0
    bytes: list[int] = field(default_factory=lambda: [0, 0])
    endpoints: set[str] = field(default_factory=set)
    differences: Counter[tuple[str, ...]] = field(default_factory=Counter)
    first: dict[tuple[str, ...], str] = field(default_factory=dict)


class Folders:
    """An application that draws from one folder of templates or another."""

    def __init__(self, app: Flask, folders: tuple[Path, Path]) -> None:
        self.app = app
        app.jinja_env.globals["script_nonce"] = lambda: "the nonce"  # else another one on each answer
        self.environments = tuple(app.jinja_env.overlay(loader=jinja2.FileSystemLoader(f)) for f in folders)

    @contextmanager
    def drawing_from(self, which: int) -> Iterator[None]:
        own = self.app.jinja_env
        self.app.__dict__["jinja_env"] = self.environments[which]
        try:
            yield
        finally:
            self.app.__dict__["jinja_env"] = own


class Comparison:
    """The sandbox of the fuzz tests with more people, asked twice."""

    def __init__(self, sandbox: Sandbox, folders: tuple[Path, Path], stored: Path | None) -> None:
        self.sandbox, self.app = sandbox, sandbox.world.app
        self.folders, self.stored, self.found = Folders(self.app, folders), stored, Findings()

    def compare(self, asked: Asked, endpoint: str = "") -> bool:
        """Whether *asked* leads to a page; its two renderings are compared."""
        answers = []
        for which in (0, 1):
            with self.sandbox.undone(), self.folders.drawing_from(which):
                answer = self._ask(asked)
                answers.append((answer.status_code, answer.mimetype, answer.get_data()))
            if answer.mimetype != "text/html" or answer.status_code // 100 == 3:
                return False
        self.found.pages += 1
        self.found.endpoints.add(endpoint)
        for which, (_status, _kind, body) in enumerate(answers):
            self.found.bytes[which] += len(body)
        if answers[0] != answers[1]:
            self._note(asked, *answers)
        return answers[0][0] == 200

    def _ask(self, asked: Asked) -> Any:
        browser = self.sandbox.browsers[asked.who]
        headers = {"HX-Request": "true"} if asked.fragment else {}
        if asked.form is None:
            return browser.get(asked.path, headers=headers, checked=False)
        return browser.post(asked.path, data=dict(asked.form), checked=False)

    def _note(self, asked: Asked, before: tuple[int, str, bytes], after: tuple[int, str, bytes]) -> None:
        if before[:2] != after[:2]:
            self._count((f"{before[:2]} became {after[:2]}",), asked)
            return
        old, new = (drawn(_KEY.sub(r"\1", answer[2].decode())) for answer in (before, after))
        if old == new:
            return
        if self.stored:
            self._store(asked, before[2], after[2])
        for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                around = "".join(old[max(0, i1 - 3) : i1]), "".join(old[i2 : i2 + 3])
                self._count((around[0], "".join(old[i1:i2]), "".join(new[j1:j2]), around[1]), asked)

    def _count(self, difference: tuple[str, ...], asked: Asked) -> None:
        self.found.differences[difference] += 1
        self.found.first.setdefault(difference, str(asked))

    def _store(self, asked: Asked, *bodies: bytes) -> None:
        name = str(asked).replace("/", "_").replace(" ", "-")[:150]
        for folder, body in zip(("before", "after"), bodies, strict=True):
            (self.stored / folder).mkdir(parents=True, exist_ok=True)  # type: ignore[operator]
            (self.stored / folder / f"{name}.html").write_bytes(body)  # type: ignore[operator]


def crawl(comparison: Comparison, targets: crawler.CrawlTargets, only: str) -> None:
    """Ask for everything whose endpoint begins with *only*."""
    app = comparison.app
    for rule in address_catalog.routes(app):
        if not rule.endpoint.startswith(only):
            continue
        staff = rule.rule.startswith(("/desk", "/admin"))
        if "GET" in (rule.methods or ()):
            for address, _n in zip(crawler.fill_addresses(app, targets, rule, "GET"), range(MOST), strict=False):
                path = address + crawler.QUERY_NEEDED.get(rule.endpoint, "")
                for who in STAFF if staff else (*PORTAL, *STAFF) if rule.endpoint.startswith("identity") else PORTAL:
                    if comparison.compare(Asked(who, path), rule.endpoint):
                        comparison.compare(Asked(who, path, fragment=True), rule.endpoint)
    for found in find_forms(comparison.sandbox, targets, app):
        endpoint = app.url_map.bind("localhost").match(found.path, method="POST")[0]
        if endpoint.startswith(only):
            empty = found.form.filled(**dict.fromkeys(found.texts(), ""))
            sent = tuple((name, str(value)) for name, value in empty.items() if name != "csrf_token")
            comparison.compare(Asked(found.who, found.path, sent), endpoint)


@contextmanager
def world_of_all_pages() -> Iterator[Sandbox]:
    """Engines of its own, the example of the crawl, and everybody signed in; the clock stands still."""
    session = testing.Session()
    os.environ[testing.VARIABLE] = testing.dump(session.engines)
    try:
        with tempfile.TemporaryDirectory() as files:
            databases.copy_world(session.engines, "rendered", Path(files))
            app = databases.make_application(
                databases.make_config(session.engines, "rendered", redis=1, files=Path(files))
            )
            with app.app_context():
                worlds = read_provider_world(NORTHWIND), read_provider_world(SOUTHGATE)
            with databases.rolled_back(app), time_machine.travel(clock.now(), tick=False):
                world = World(app, *worlds)
                cases = crawler.make_cases(world)
                acting.run_outbox(world)
                targets = crawler.collect_targets(world, cases)
                speak_polish(world)
                yield with_everybody(Sandbox(world, targets))
            with app.app_context():
                db.engine.dispose()
    finally:
        session.stop()


def speak_polish(world: World) -> None:
    """Southgate in Polish; at Northwind one contact and one of the staff."""
    for who in POLES:
        world.row(User, world.person(who)).locale = "pl"
    world.session.commit()
    acting.system_context_at(world.southgate).provider.locale = "pl"
    db.session.commit()


def with_everybody(sandbox: Sandbox) -> Sandbox:
    world = sandbox.world
    for who in (*PORTAL, *STAFF):
        if who not in sandbox.browsers:
            browser = sandbox.browsers[who] = Browser(world.app, world.person(who).host)
            browser.remember(_user_id=acting.sign_in(world.provider_world_of(who), world.person(who)))
    db.session.commit()
    db.session.remove()
    for browser in sandbox.browsers.values():
        browser.csrf_token()  # from now on the same one
    return sandbox


def report(found: Findings) -> None:
    old, new = found.bytes
    print(f"{found.pages} pages of {len(found.endpoints)} endpoints: {old:,} bytes before, {new:,} after")
    for difference, times in found.differences.most_common():
        print(f"\n{times} × first on {found.first[difference]}")
        if len(difference) == 1:
            print(f"  {difference[0]}")
        else:
            before, removed, added, behind = difference
            print(f"  {before[-200:]}⟦-{removed}-⟧⟦+{added}+⟧{behind[:200]}")
    print(f"\n{len(found.differences)} differences")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("before", type=Path, help="a folder of templates")
    arguments.add_argument("after", type=Path, nargs="?", default=TEMPLATES, help="another; this tree's if left out")
    arguments.add_argument("--only", default="", help="endpoints that begin with this")
    arguments.add_argument("--stored", type=Path, help="keep pages that differ in this folder")
    given = arguments.parse_args()
    with world_of_all_pages() as sandbox:
        comparison = Comparison(sandbox, (given.before, given.after), given.stored)
        crawl(comparison, sandbox.targets, given.only)
    report(comparison.found)
    return 1 if comparison.found.differences else 0


if __name__ == "__main__":
    sys.exit(main())
