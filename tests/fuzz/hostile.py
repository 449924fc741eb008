"""What comes from outside: values that break careless code, and how forms are found to send them to."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection
from werkzeug.test import EnvironBuilder

from portal.kernel.database import db
from tests.isolation.case_matrix import table_checksums
from tests.support import acting
from tests.support.client import Browser
from tests.support.crawler import WHO, CrawlTargets, find_forms_to
from tests.support.page import Form, parse
from tests.support.world import World

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=1><svg/onload=alert(2)>{{7*7}}"
# Sent in every field of a form at once.
VALUES: dict[str, str] = {
    "letters": "a\0b\0 \u202egnp.exe\u202c \u2066x\u2069 \u200b\u200d\ufeff \x01\x08\x1b[31m\x7f\x85\r\n\t "
    + "Z"
    + "\u0335\u0320" * 300
    + "👩🏽‍🚀" * 40,
    "markup": f"{MARKUP} ${{7*7}} #{{7*7}} {{{{config}}}} %(name)s %s {{0}} '; DROP TABLE x; -- \\ ../../etc/passwd",
    "NUL": "\0",
    "huge number": "9" * 400,
    "negative": "-1",
    "digits": "١٢٣٤٥²",
    "infinity": "1e999",
    "random id": "7d3ae4a6-32d1-4f3e-9d0c-0d7d6f0a1234",
    "spaces": " \u00a0\u2003\u200b\t ",
    "long": "Long words " * 6000,
    "list": 'a,b;c d\n<e>,@,a@,@b,a@b,"q"@example.com,nan',
    "dates": "0000-00-00T99:99",
    "late": "9999-12-31T23:59:59+99:99",
}
# Bytes that are no UTF-8, as a program would send them: a lone surrogate, a cut sequence, an overlong slash.
BAD_BYTES = (b"%ED%A0%80", b"%FF%FE", b"%C0%AF", b"%E2%82")
FINE = {200, 204, 302, 303, 308, 400, 401, 403, 404, 405, 409, 410, 413, 422, 429}
TEXTUAL = {"text", "search", "email", "tel", "url", "number", "password", "date", "datetime-local", "hidden", ""}


@dataclass
class FoundForm:
    """A form that somebody can reach, as they find it."""

    who: str
    path: str
    form: Form
    names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.who} {self.path}"

    def texts(self) -> list[str]:
        """Fields that people type into, and that are shown again after a refusal: not the code of a second factor."""
        found = []
        for element in self.form.element.walk():
            kind = element.get("type", "text") if element.tag == "input" else element.tag
            once = element.get("autocomplete") == "one-time-code"
            if element.get("name") and kind in ("text", "search", "email", "tel", "textarea") and not once:
                found.append(element.get("name"))
        return list(dict.fromkeys(found))

    def files(self) -> list[str]:
        return [e.get("name") for e in self.form.element.all("input", type="file")]


def names_of(form: Form) -> list[str]:
    """Every field of *form* that sends something, buttons too, without the token."""
    found = [e.get("name") for e in form.element.walk() if e.get("name") and e.tag != "a"]
    return [name for name in dict.fromkeys(found) if name != "csrf_token"]


def find_forms_at(browser: Browser, who: str, path: str, query: str = "") -> list[FoundForm]:
    """The forms that the page at *path*, or the page to which it leads, sends to *path*; empty if *who* finds none."""
    answer = browser.get(path + query, checked=False)
    if answer.status_code == 303:
        answer = browser.get(answer.location, checked=False)
    if answer.status_code != 200 or answer.mimetype != "text/html":
        return []
    return [FoundForm(who, path, form, names_of(form)) for form in find_forms_to(answer.page, path)]


def find_form_at(browser: Browser, who: str, path: str, query: str = "") -> FoundForm | None:
    """The first of `find_forms_at`; None if there is none."""
    return next(iter(find_forms_at(browser, who, path, query)), None)


@dataclass
class Sandbox:
    """The world of a test in which every request is undone after it was answered."""

    world: World
    targets: CrawlTargets
    browsers: dict[str, Browser] = field(default_factory=dict)
    _written: dict[str, int] = field(default_factory=dict)  # `rows_written` where the outermost `undone` began

    @cached_property
    def before(self) -> dict[str, tuple[int, int]]:
        """How everything stood before anything was sent."""
        return table_checksums(self.world)

    def __post_init__(self) -> None:
        for who in dict.fromkeys(who for people in WHO.values() for who in people if who != "nobody"):
            browser = self.browsers[who] = Browser(self.world.app, self.world.person(who).host)
            browser.remember(_user_id=acting.sign_in(self.world.provider_world_of(who), self.world.person(who)))
        self.browsers["nobody"] = Browser(self.world.app, self.world.northwind.host)
        db.session.commit()
        self._connection: Connection = db.session.get_bind()  # type: ignore[assignment]
        db.session.remove()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside has not happened afterwards."""
        assert self.before
        db.session.remove()
        cookies = {who: dict(browser._cookies or {}) for who, browser in self.browsers.items()}
        outer = self._written
        self._written = outer or rows_written(self._connection)
        savepoint = self._connection.begin_nested()
        try:
            yield
        finally:
            self._written = outer
            db.session.remove()
            savepoint.rollback()
            for who, browser in self.browsers.items():
                browser._cookies = cookies[who]

    def changed(self) -> set[str]:
        """Tables that are not as they were before anything was sent; ask inside `undone`."""
        db.session.flush()
        written = rows_written(self._connection)
        # A table to which nothing was written is as it was: only the others are read (all of them take 50 ms).
        touched = {table for table in self.before if written[table] != self._written[table]}
        now = table_checksums(self.world, touched) if touched else {}
        return {table for table in touched if self.before[table] != now[table]}

    def post(self, found_form: FoundForm, data: dict[str, Any], **kwargs: Any) -> Any:
        """Send *data* with a valid token; the answer must be one that people understand."""
        answer = self.browsers[found_form.who].post(found_form.path, data=data, checked=False, **kwargs)
        assert answer.status_code in FINE, f"{found_form}: {answer.status_code}"
        return answer

    def post_bytes(self, found_form: FoundForm, body: bytes) -> Any:
        """Send a body that no browser would make."""
        browser = self.browsers[found_form.who]
        token = browser.csrf_token().encode()
        builder = EnvironBuilder(
            found_form.path,
            base_url=f"http://{browser.host}",
            method="POST",
            input_stream=io.BytesIO(body + b"&csrf_token=" + token),
            content_type="application/x-www-form-urlencoded",
            content_length=len(body + b"&csrf_token=" + token),
        )
        answer = browser.open(builder, checked=False, csrf=False)
        assert answer.status_code in FINE, f"{found_form}: {answer.status_code}"
        return answer


def rows_written(connection: Connection) -> dict[str, int]:
    """How often a row of each table was inserted, changed or deleted in this transaction, undone ones included:
    PostgreSQL's own count."""
    counts = " + ".join(f"pg_stat_get_xact_tuples_{verb}(oid)" for verb in ("inserted", "updated", "deleted"))
    every = f"SELECT relname, {counts} FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return {str(table): int(count) for table, count in connection.execute(sql.text(every))}


_SAYS_WHY = re.compile(
    r'class="[^"]*\b(error-summary|field__error|field-error|notice|callout|error-page)\b[^"]*"|role="alert"'
)


def says_why(html: str) -> bool:
    """Whether a page says what went wrong: in a summary, beside a field, or as the page itself."""
    return _SAYS_WHY.search(html) is not None


def injected(html: str) -> list[str]:
    """Elements of `MARKUP` that became markup."""
    page = parse(html)
    found = [f"<img src=x> {e.attributes}" for e in page.all("img") if e.get("src") == "x"]
    found += [
        f"<script> {e.attributes}"
        for e in page.all("script")
        if "src" not in e.attributes and e.get("type") != "application/json"
    ]
    found += [f"{name} on <{e.tag}>" for e in page.walk() for name in e.attributes if name.startswith("on")]
    return found
