"""The words of a provider on every page: the portals of all presets, walked by their people along the links.

Each person opens one page of every endpoint that they find a link to, and sends each form with texts that are too long.
What the pages, the refusals and the mails say is never in another object word than the provider's; what people and the
preset wrote is left out. Pages that nobody finds are listed in `NOT_LINKED`: a new page joins the walk by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask_babel import force_locale, get_translations
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.kernel.database import db
from portal.notifications.models import OutgoingMail
from portal.presets import queries
from portal.tenants.models import Provider
from portal.web.provider_texts import use_texts_of
from tests.isolation import address_catalog
from tests.language import pseudo
from tests.language.conftest import written
from tests.presets.conftest import Portal, opened
from tests.support import crawler

pytestmark = pytest.mark.slow

# The words that a provider does not say, by the word that it says. "Request type" is a term of its own.
FOREIGN = {
    "case": re.compile(r"\bTickets?\b|\btickets?\b"),
    "ticket": re.compile(r"\b[Cc]ases?\b"),
    "request": re.compile(r"\b[Cc]ases?\b|\b[Tt]ickets?\b"),
}
START = {"": "/sign-in", "user": "/", "colleague": "/", "agent": "/desk", "admin": "/admin"}
LONG = "ω" * 20_100
# Pages that no link leads to in these portals, by the reason; their sentences are in the catalogs of the words too.
NOT_LINKED = {
    "behind a link of a mail": (
        *(
            "identity.invitation",
            "identity.confirm_address",
            "identity.reset",
            "identity.sign_in_link",
            "surveys.by_mail",
            "surveys.call_by_mail",
            "notifications.mail_action",
        ),
        *("identity.forgot_sent", "identity.sign_up_sent", "identity.sign_in_password"),
    ),
    "asked for by htmx or the script": (
        *("cases.beside_form", "desk.beside_new", "attachments.form", "attachments.confirm_drop"),
        *("notifications.read", "notifications.read_all", "identity.unsent_form"),
    ),
    "about a mail that arrived, a mailbox, or a file of people: presets bring none": (
        *("mail.inbound_mail", "mail.release", "mail.add_sender", "mail.attach", "mail.discard"),
        *("mail.mailbox", "mail.switch_mailbox", "admin.import_preview", "admin.delete_mailbox"),
        *("mail.mailbox_connection", "mail.mailbox_progress", "mail.retry_mailbox", "mail.test_mailbox"),
    ),
    "about what is not there: a failed job, a draft, a ticked row, a broken promise, another browser": (
        *("admin.mail", "admin.send_again", "admin.run_again", "admin.new_level", "promises.cancel_question"),
        *("desk.bulk_form", "desk.note_form", "desk.reopen_form", "identity.end_other_sessions", "cases.words_form"),
        *("promises.breach_form", "surveys.call_on_case", "surveys.discard", "surveys.publish", "surveys.done"),
        *("surveys.on_case", "surveys.take"),
    ),
}
# These change what is walked, or end the walk.
LEFT_OUT = {"identity.sign_out", "admin.styleguide", "presets.choose"}
# These show the words that may be chosen, or the usual ones beside a provider's own.
SHOWS_USUAL = {"admin.settings", "admin.statuses", "admin.languages"}
# Whose administration is walked too: one portal of each object word and language.
ADMINISTERED = {"automate", "exea", "hexasync"}


LABELS = {"in_progress": "In progress", "on_hold": "On hold", "resolved": "Resolved", "waiting": "Waiting for you"}


@dataclass
class Walk:
    """What one portal's people saw: the first page on which a text stands, by text."""

    said: dict[str, str] = field(default_factory=dict)
    endpoints: set[str] = field(default_factory=set)

    def hear(self, where: str, page: Any) -> None:
        for text in pseudo.spoken(page):
            self.said.setdefault(" ".join(text.split()), where)


def endpoint_of(app: Any, path: str) -> str:
    """The endpoint of a GET of *path*; '' if there is none."""
    try:
        return str(app.url_map.bind("localhost").match(path, method="GET")[0])
    except (RequestRedirect, HTTPException):
        return ""


def links_of(page: Any) -> Iterator[str]:
    """Where *page* leads: its links, and the pages at the addresses of its forms."""
    for link in (*page.links, *(form.action for form in page.forms)):
        parts = urlsplit(link)
        if not parts.netloc and parts.path.startswith("/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def walk(portal: Portal, who: str, seen: Walk) -> None:
    """Open one page of each endpoint that *who* finds, nearest first, and send its forms with long texts."""
    browser, app = portal.as_(who), portal.live.app
    waiting, known, sent = [START[who]], set(), set()
    while waiting:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path.partition("?")[0])
        if not endpoint or endpoint in known or endpoint in LEFT_OUT or endpoint in crawler.NOT_PAGES:
            continue
        answer = browser.get(path, checked=False)
        if answer.status_code in (302, 303):
            waiting.append(urlsplit(answer.headers["Location"]).path)
            known.add(endpoint)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        known.add(endpoint)
        seen.endpoints.add(endpoint)
        if endpoint in SHOWS_USUAL:
            continue
        seen.hear(f"{who} {path}", answer.page)
        waiting.extend(links_of(answer.page))
        for form in answer.page.forms:
            texts = [e.get("name") for e in form.element.walk() if e.tag == "textarea" or e.get("type") == "text"]
            action = form.action.partition("?")[0]
            if form.method != "post" or not texts or re.sub(r"[0-9a-f-]{30,}|\d+", "#", action) in sent:
                continue
            sent.add(re.sub(r"[0-9a-f-]{30,}|\d+", "#", action))
            refused = browser.post(action, data=form.filled(**dict.fromkeys(texts, LONG)), checked=False)
            if refused.mimetype == "text/html" and refused.status_code // 100 == 4:
                seen.hear(f"{who} POST {action}", refused.page)


@pytest.fixture(scope="module")
def told(live) -> dict[str, tuple[Portal, Walk]]:
    """Each preset's portal with its histories, and what its people saw."""
    found = {}
    for name in queries.preset_names():
        portal, seen = opened(live, name, told=True), Walk()
        for who in START:
            if who != "admin" or name in ADMINISTERED:
                walk(portal, who, seen)
        for mail in portal.rows(OutgoingMail):
            for line in (mail.subject, *mail.text.splitlines()):
                seen.said.setdefault(" ".join(line.split()), f"mail {mail.kind}")
        found[name] = portal, seen
    return found


def written_by_people(portal: Portal) -> list[str]:
    with portal.inside():
        mails = {text for row in db.session.query(OutgoingMail) for text in (row.subject, row.text, row.html)}
        values = {" ".join(text.split()) for text in written(portal.provider_id) if text not in mails}
    return sorted((text for text in values if len(text) > 3), key=len, reverse=True)


@pytest.mark.parametrize("name", queries.preset_names())
def test_nobody_reads_the_object_word_of_another_provider(told, name):
    portal, seen = told[name]
    foreign = FOREIGN[portal.rows(Provider, Provider.id == portal.provider_id)[0].object_word]
    data = written_by_people(portal)
    # Far fewer texts would mean that the walk stopped early; administrations are half of what there is to read.
    assert len(seen.said) > (700 if name in ADMINISTERED else 400)
    wrong = {}
    for text, where in seen.said.items():
        if foreign.search(text) and not any(text in one for one in data):
            rest = text
            for one in data:
                if foreign.search(one) and one in rest:
                    rest = rest.replace(one, "")
            if foreign.search(re.sub(r"/\S+", "", rest)):
                wrong[text] = where
    assert not wrong, "\n".join(f"{text[:200]} ({where})" for text, where in wrong.items())


@pytest.mark.parametrize("name", queries.preset_names())
def test_what_is_renamed_is_nowhere_called_as_usual(told, name):
    """Names of fields, places and buttons, and of states: no page has the usual name where the provider has its own."""
    portal, seen = told[name]
    row = portal.rows(Provider, Provider.id == portal.provider_id)[0]
    own = row.phrases.get(row.locale, {})
    with portal.inside(), force_locale(row.locale), use_texts_of(row):
        texts = get_translations()
        usual = {getattr(texts, "default_text", texts.ugettext)(text): text for text in own}
        both = [row.status_words.get(row.locale, {}).get(side, {}) for side in ("contact", "staff")]
        states = {str(texts.ugettext(label)) for key, label in LABELS.items() if all(key in side for side in both)}
    words = {word for side in row.status_words.get(row.locale, {}).values() for word in side.values()}
    taken = {*own.values(), *words}
    wrong = {text: seen.said[text] for text in (*usual, *states) if text in seen.said and text not in taken}
    assert not wrong, wrong


def test_the_walk_reaches_every_page(told):
    app = next(iter(told.values()))[0].live.app
    reached = set().union(*(seen.endpoints for _portal, seen in told.values()))
    pages = {rule.endpoint for rule in address_catalog.routes(app) if "GET" in rule.methods}
    missed = (
        pages - reached - set(crawler.NOT_PAGES) - LEFT_OUT - {one for group in NOT_LINKED.values() for one in group}
    )
    assert not missed, "\n".join(sorted(missed))
