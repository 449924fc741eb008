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
from tests.support.page import Page, parse

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
    "beside queues, by a script": ("desk.preview",),
    "behind a choice in a queue": ("snoozes.ask_for_several",),
    "for ten seconds after a reply, for ten minutes after a change": ("desk.waiting_reply", "desk.undo_bulk_form"),
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
        *("identity.forgot_sent", "identity.sign_up_sent", "identity.sign_in_password", "identity.ask_sign_in_link"),
    ),
    "asked for by htmx or the script": (
        *("cases.beside_form", "desk.beside_new", "attachments.form", "attachments.confirm_drop"),
        *(
            "notifications.read",
            "notifications.read_all",
            "identity.unsent_form",
            "installation.offline",
            "search.commands",
        ),
    ),
    "about a mail that arrived, a mailbox, or a file of people: presets bring none": (
        *("mail.inbound_mail", "mail.release", "mail.add_sender", "mail.attach", "mail.discard"),
        *("mail.mailbox", "mail.switch_mailbox", "admin.import_preview", "admin.delete_mailbox"),
        *("case_mail.show", "case_mail.original", "cases.quoted_text", "desk.quoted_text"),
        *("case_mail.proposals", "portal_mail.own_proposals"),
        *("mail.attached_to_mail", "case_mail.attached_for_staff", "portal_mail.attached"),
        *("mail.mailbox_google", "mail.mailbox_microsoft"),
        *("mail.mailbox_connection", "mail.mailbox_progress", "mail.retry_mailbox", "mail.test_mailbox"),
    ),
    "of a device that somebody added, and of answers to own fields: presets bring neither": (
        *("notifications.remove_device", "notifications.test_device", "desk.answers_form"),
    ),
    "of what somebody is writing: presets bring no drafts": (
        *("drafts.index", "drafts.desk_index", "drafts.discard", "drafts.desk_discard"),
    ),
    "about somebody who registered and waits: presets bring nobody": (
        *("registrations.waiting", "registrations.accept", "registrations.decline", "registrations.own"),
        *("registrations.provider_accept", "registrations.provider_decline"),
    ),
    "about an own field of a request type: few presets bring any": (
        *("form_builder.field", "form_builder.move_field", "form_builder.end_field"),
    ),
    "what identity providers call, and a token that there is not": (
        *("scim.service_provider_config", "scim.resource_types", "scim.schemas", "scim.list_users", "scim.read_user"),
        *("scim.end_token", "scim.list_groups", "scim.read_group", "scim.remove_group_role"),
        "scim.set_group_role",
    ),
    "about a help article: presets bring none": (
        *("knowledge.home", "knowledge.category", "knowledge.article", "knowledge.desk_article", "knowledge.version"),
        *("knowledge.words", "knowledge.settings", "knowledge.publish", "knowledge.withdraw", "knowledge.delete"),
        *(
            "knowledge.new_article",
            "knowledge.change_category",
            "knowledge.delete_category",
            "knowledge.delete_picture",
            "knowledge.vote",
        ),
        "knowledge.feed",
    ),
    "about the community: presets bring none": (
        *("community.index", "community.new", "community.alike", "community.topic"),
        *("community.edit", "community.report", "community.versions", "community.open_case"),
        *("community.staff_index", "community.staff_topic", "community.staff_versions", "community.staff_edit"),
        *("community.approve", "community.hide", "community.restore", "community.dismiss"),
        *("community.propose_case", "community.make_article", "community.close", "community.reopen"),
        *("community.block", "community.unblock", "community.change_space", "community.watch"),
        *("community.staff_accept", "community.staff_answer", "community.decline_case"),
        *("community.staff_new", "community.staff_follow"),
    ),
    "about an announcement: presets bring none": (
        *("announcements.index", "announcements.show", "announcements.calendar", "announcements.staff_show"),
        *("announcements.join", "announcements.follow", "announcements.answer"),
        *("announcements.edit", "announcements.publish", "announcements.update", "announcements.end"),
        *("announcements.discard", "announcements.status_page", "announcements.status_feed"),
        *("announcements.subscribe", "announcements.subscription_asked"),
        *("announcements.status_administration", "announcements.remove_subscriber"),
        *("announcements.status_words", "announcements.remove_status"),
    ),
    "about a number of support: presets bring none": (
        *("calls.hotline", "calls.own_calls", "calls.ask", "calls.cancel", "calls.waiting", "calls.made"),
        *("calls.claim", "calls.release", "calls.cancel_for_client", "calls.log"),
        *("calls.desk_check", "calls.skip_check", "calls.own_check", "calls.incoming", "calls.incoming_card"),
        *("calls.missed", "calls.settle_missed", "calls.extension", "calls.telephone_system"),
        *("calls.make_system_token", "calls.end_system_token"),
    ),
    "about a saved view: presets bring none": (
        *("desk.edit_saved_view", "desk.delete_saved_view", "desk.pin_saved_view", "desk.show_saved_view"),
        *("cases.saved_filter", "cases.new_saved_filter", "cases.edit_saved_filter", "cases.delete_saved_filter"),
    ),
    "about a canned reply: presets bring none": (
        *("canned_replies.shared_change", "canned_replies.shared_end", "canned_replies.shared_resume"),
        *("canned_replies.shared_delete", "canned_replies.own_change", "canned_replies.own_end"),
        *("canned_replies.own_resume", "canned_replies.own_delete", "canned_replies.pick_for_case", "desk.compose"),
        "chat.pick_for_chat",
    ),
    "about a tag: presets bring none": ("admin.tag", "admin.tag_question"),
    "about a question for a yes: presets bring none": (
        *("approvals.approval", "approvals.withdraw", "approvals.ask_again", "approvals.rule"),
        *("rules.rule", "rules.trial", "rules.log", "rules.switch", "rules.delete_rule"),
        *("approvals.desk_approval", "approvals.name_approver", "approvals.desk_withdraw"),
        *("approvals.desk_ask_again", "approvals.of_organization"),
    ),
    "about a chat: presets bring none": (
        *("chat.start_form", "chat.show", "chat.end", "chat.console_page", "chat.talk_page", "chat.hand_over"),
        *("chat.agent_end", "chat.offer_article", "chat.news", "chat.console_news", "chat.talk_news"),
        *("chat.lead_back", "chat.lead_back_to_talk", "chat.show_console"),
    ),
    "about a way to sign in: presets bring none": (
        *("sso.way", "sso.test_way", "sso.delete_way", "sso.delete_domain", "sso.same_person", "sso.new_person"),
        *("sso.own_sign_ins", "sso.sign_in_with", "sso.test_organization_way", "sso.add_own", "sso.remove_own"),
    ),
    "about what is not there: a failed job, a draft, a ticked row, a broken promise, another browser": (
        *(
            "admin.mail",
            "admin.held_mails",
            "admin.try_sending_again",
            "admin.send_again",
            "admin.run_again",
            "admin.new_level",
            "promises.cancel_question",
        ),
        *("desk.bulk_form", "desk.note_form", "desk.reopen_form", "identity.end_other_sessions", "cases.words_form"),
        *("promises.breach_form", "surveys.call_on_case", "surveys.discard", "surveys.publish", "surveys.done"),
        *("surveys.on_case", "surveys.take", "cases.default_account", "cases.join_form"),
        # … and a second factor.
        *("identity.factor", "identity.remove_app", "identity.recovery_codes", "identity.remove_passkey"),
        *("identity.rename_passkey", "identity.end_trust"),
        *("identity.prove", "identity.sign_in_link_sent"),
    ),
}
# These change what is walked, or end the walk.
LEFT_OUT = {"identity.sign_out", "admin.styleguide", "presets.choose"}
# These show the words that may be chosen, or the usual ones beside a provider's own.
SHOWS_USUAL = {"admin.settings", "admin.statuses", "admin.languages"}
# Whose administration is walked too: one portal of each object word and language.
ADMINISTERED = {"automate", "exea", "hexasync"}


# Columns that are empty until something happens: a choice, a promise of an open case, a pause, a late answer. By
# endpoint, or by endpoint and cell.
FILLED_LATER = {
    *("mail.mailboxes", "desk.queue", "organization.people", "promises.runs"),
    *("promises.compliance_report", "promises.receipt_for_customer", "promises.receipt_for_staff"),
}

# Filters with one value that still tell rows apart: what somebody opened themself, and what others opened for them.
ONE_VALUE_TELLS = {"by", "contact"}

LABELS = {"in_progress": "In progress", "on_hold": "On hold", "resolved": "Resolved", "waiting": "Waiting for you"}


@dataclass
class Walk:
    """What one portal's people saw: the first page on which a text stands, by text."""

    said: dict[str, str] = field(default_factory=dict)
    endpoints: set[str] = field(default_factory=set)
    hollow: dict[str, str] = field(default_factory=dict)
    furniture: dict[str, str] = field(default_factory=dict)

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


def hollow_columns(page: Any) -> Iterator[str]:
    """The columns in which no row has anything, by kind of cell or by head."""
    for table in page.all("table"):
        heads = [head.text for part in table.all("thead") for head in part.all("th")]
        rows = [row.all("td") for part in table.all("tbody") for row in part.all("tr")]
        rows = [cells for cells in rows if len(cells) == len(heads)]
        for n, head in enumerate(heads):
            cells = [row[n] for row in rows]
            if cells and not any(cell.text.strip(" –-") or cell.all("input") or cell.all("svg") for cell in cells):
                yield cells[0].get("data-cell") or head


def furniture(page: Page) -> Iterator[str]:
    """What *page* draws although it can never hold or change anything.

    Choices without an alternative, filters that leave no row out, menus and tabs that lead nowhere, and filters above a
    list that is empty without them.
    """
    for form in page.all("form"):
        filters = form.get("method").lower() != "post" and "filters" in form.get("class").split()
        for select in form.all("select"):
            options = select.all("option")
            values = [option for option in options if option.get("value")]
            name = select.get("name")
            if len(options) < 2 and name != "person":
                yield f"the choice {name} has no alternative"
            elif filters and len(values) < 2 and name not in ONE_VALUE_TELLS:
                yield f"the filter {name} has one value"
    for nav in page.all("nav"):
        if not nav.all("a"):
            yield f"the menu {nav.get('aria-label')} is empty"
        if "tabs" in nav.get("class").split() and len(nav.all("a")) < 2:
            yield f"the tabs {nav.get('aria-label')} have one page"
    for menu in page.all("details"):
        if menu.text == menu.first("summary").text and not menu.all("input") and not menu.all("textarea"):
            yield f"the menu {menu.text} is empty"
    empty = any("empty" in element.get("class").split() for element in page.first("main").walk())
    if empty and not page.first("main").all("table") and (chips := page.all("nav", class_="chips")):
        yield f"the filter {chips[0].get('aria-label')} stands above nothing"


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
        seen.hollow.update({f"{endpoint}: {head}": f"{who} {path}" for head in hollow_columns(answer.page)})
        if "?" not in path:
            seen.furniture.update({f"{endpoint}: {what}": f"{who} {path}" for what in furniture(answer.page)})
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


@pytest.mark.parametrize("name", queries.preset_names())
def test_no_column_is_drawn_that_nothing_fills(told, name):
    """A column of a feature that the portal does not have is furniture for nothing (found.md K7)."""
    hollow = told[name][1].hollow
    found = {what: where for what, where in hollow.items() if not {what, what.partition(":")[0]} & FILLED_LATER}
    assert not found, "\n".join(f"{what} ({where})" for what, where in found.items())


@pytest.mark.parametrize("name", queries.preset_names())
def test_nothing_is_drawn_that_can_never_hold_anything(told, name):
    """A filter that leaves no row out, a choice of one, a menu of nothing: in no portal (found.md K7)."""
    found = told[name][1].furniture
    assert not found, "\n".join(f"{what} ({where})" for what, where in found.items())


def test_furniture_is_found():
    page = parse(
        "<main><form class=filters><select name=env><option value=''>Any</option><option value=1>POS</option></select>"
        "<select name=by><option value=''>Any</option><option value=me>Me</option></select></form>"
        "<form method=post><select name=service><option value=''>Every account</option></select></form>"
        "<nav aria-label=Pages></nav><details><summary>More</summary></details>"
        "<nav class=chips aria-label=Fate><a href='?a'>All</a></nav>"
        "<p class=empty>No email has arrived yet.</p></main>"
    )
    assert list(furniture(page)) == [
        "the filter env has one value",
        "the choice service has no alternative",
        "the menu Pages is empty",
        "the menu More is empty",
        "the filter Fate stands above nothing",
    ]


def test_the_walk_reaches_every_page(told):
    app = next(iter(told.values()))[0].live.app
    reached = set().union(*(seen.endpoints for _portal, seen in told.values()))
    pages = {rule.endpoint for rule in address_catalog.routes(app) if "GET" in rule.methods}
    missed = (
        pages - reached - set(crawler.NOT_PAGES) - LEFT_OUT - {one for group in NOT_LINKED.values() for one in group}
    )
    assert not missed, "\n".join(sorted(missed))
