"""Example values for every part of addresses, so that every page and every form of the app can be found.

A new route whose parts are of a known kind needs no change here. A new kind of part gets its name in KINDS
(tests/isolation/address_catalog.py) and its values in `collect_targets`; the fuzz tests and the browser walk then find
the new pages and forms (docs/howto/09-cover-a-new-route.md).
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from portal.approvals.actions.answers import HandAsking, ask_by_hand
from portal.attachments.models import Attachment
from portal.cases.actions import desk, people
from portal.cases.models import Case
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.identity import actions as identity
from portal.identity.models import BrowserSession
from portal.kernel import tokens
from portal.kernel.outbox import Delivery
from portal.knowledge.actions import articles as article_actions
from portal.knowledge.actions.articles import ArticleWords
from portal.notifications.mail_links import Purpose, derive_link_token
from portal.notifications.models import Notification, OutgoingMail
from portal.sla.actions import disputes
from portal.sla.models import EscalationRule, Run, SlaCalendar, SlaClock, SlaPolicy
from portal.sso.models import OrganizationDomain
from portal.surveys import actions as surveys
from portal.surveys.actions import questions as question_actions
from portal.surveys.models import Survey
from portal.surveys.queries import open_survey
from portal.tasks.actions import TaskFacts, add_task
from portal.tenants.models import Organization, Provider
from tests.isolation import address_catalog
from tests.support import acting, help_articles
from tests.support.announcements import say_in_public, write_announcement
from tests.support.approvals import make_rule
from tests.support.canned_replies import write_reply
from tests.support.case_rules import make_case_rule
from tests.support.chats import chatting
from tests.support.community import fill_pages
from tests.support.delayed_replies import leave_delayed_reply
from tests.support.hotlines import add_call_back, add_check, add_incoming_call, add_system, make_hotline
from tests.support.page import Page
from tests.support.received_mails import propose_copy, receive_mail
from tests.support.request_forms import ask_fields
from tests.support.saved_views import save_filter, save_view
from tests.support.tags import add_tag, tag_case
from tests.support.time_entries import leave_time
from tests.support.world import World

STATES = ("open", "new", "in_progress", "waiting", "on_hold", "resolved", "closed")
# The people who request a page or a form, one after the other, until one of them gets it.
WHO = {"portal": ("rita", "olga", "nobody"), "desk": ("ana", "ada", "lee", "pat")}
# Pages that show their form only after another page.
QUERY_NEEDED = {"identity.sign_in_password": "?email=rita@acme.example"}
# Addresses tried for one route before it counts as not found.
TRIES = 12
# GET routes that are not pages, with the tests that cover them instead.
NOT_PAGES = {
    "desk.next_case": "leads to the queue of cases that nobody has; a press of its button takes one",
    "healthz": "says ok: tests/engines",
    "readyz": "JSON for a load balancer: tests/engines",
    "metrics": "text for Prometheus: tests/web/test_metrics.py",
    "static": "files that ship with the product",
    "search.commands": "a part that the command menu asks for: tests/search/test_searching.py",
    "cases.attachment": "a file: tests/isolation/test_matrix.py",
    "desk.attachment_for_staff": "a file: tests/isolation/test_matrix.py",
    "cases.thumbnail": "a picture: tests/isolation/test_matrix.py",
    "desk.thumbnail_for_staff": "a picture: tests/isolation/test_matrix.py",
    "cases.alike": "a hint put into the form: tests/isolation/test_access.py",
    "community.alike": "a hint put into the form: tests/community/test_pages.py",
    "cases.file": "a file: tests/cases/test_lists.py",
    "desk.queue_file": "a file: tests/desk/test_queue_lists.py",
    "cases.tick": "JSON for open pages: tests/desk/test_tick.py",
    "desk.tick": "JSON for open pages: tests/desk/test_tick.py",
    "desk.callers": "a region; without scripts it leads on to the form: tests/desk/test_caller_search.py",
    "mail.mailbox_consent": "leads back to the mailbox: tests/channels/mail/test_oauth_mailboxes.py",
    "identity.factor": "needs somebody between proof and session: tests/identity/test_second_factors.py",
    "identity.sign_in_with_passkey": "JSON for the script: tests/identity/test_passkeys.py",
    "identity.sign_in_link_sent": "of the browser that asked: tests/identity/test_sign_in_codes.py",
    "registrations.own": "needs somebody who waits: tests/registrations",
    "scim.set_group_role": "leads back to the page of the token: tests/scim/test_groups.py",
    "sso.callback": "an identity provider leads there: tests/sso/test_signing_in.py",
    "mail.original": "plain text: tests/channels/mail/test_pages.py",
    "case_mail.original": "plain text: tests/channels/mail/test_quoted_text.py",
    "desk.home": "leads on to the first queue",
    "desk.show_saved_view": "leads on to the queue: tests/cases/test_saved_views.py",
    "cases.saved_filter": "leads on to the list: tests/cases/test_saved_views.py",
    "installation.manifest": "JSON for browsers: tests/installation/test_app.py",
    "installation.icon": "a picture: tests/installation/test_app.py",
    "installation.service_worker": "a script: tests/installation/test_app.py",
    "notifications.push_page": "leads on to the page of choices: tests/notifications/test_push.py",
    "notifications.renew_page": "leads on to the page of choices: tests/notifications/test_push.py",
    "knowledge.picture": "a picture: tests/knowledge/test_kb_pictures.py",
    "knowledge.desk_picture": "a picture: tests/knowledge/test_kb_pictures.py",
    "knowledge.feed": "an Atom feed: tests/knowledge/test_kb_feed.py",
    "audit.export_security": "a file: tests/audit/test_security_events.py",
    "organization_audit.export_journal": "a file: tests/audit/test_staff_access.py",
    "organization_audit.export_sign_ins": "a file: tests/audit/test_organization_log.py",
    "announcements.status_feed": "a feed: tests/announcements/test_status_page.py",
    "announcements.calendar": "a file: tests/announcements/test_writing_announcements.py",
    "chat.news": "regions for an open page: tests/chat/test_chat_pages.py",
    "chat.console_news": "as above",
    "chat.talk_news": "as above",
    "chat.lead_back": "leads back to the chat",
    "chat.lead_back_to_talk": "as above",
    "chat.show_console": "leads back to the chats",
    "calls.incoming_card": "a region of every desk page: tests/calls/test_telephone_systems.py",
    "calls.lead_back_to_check": "leads back to the check",
    "time_entries.export": "a file: tests/time_entries/test_time_entries.py",
    "surveys.export": "a file: tests/surveys/test_stream.py",
    "admin.import_template": "a file: tests/admin/test_people_import.py",
    "admin.refused_rows": "a file: tests/admin/test_people_import.py",
    "admin.show_invite_imported": "leads back to the import",
    "admin.show_stop_import": "leads back to the import",
    "branding.logo": "a picture: tests/admin/test_branding.py",
    "branding.theme_css": "a style sheet: tests/admin/test_branding.py",
}
# Pages that only staff have, outside of /desk and /admin.
OF_STAFF = frozenset({"calls.extension"})
# POST routes without a form on a page of the same address, with the tests that cover them instead.
NOT_FORMS = {
    "snoozes.change_several": "behind a choice in a queue: tests/snoozes/test_snoozes.py",
    "admin.stop_import": "stands on an import that a worker is at: tests/admin/test_long_imports.py",
    "admin.invite_imported": "stands on an import that is done: tests/admin/test_people_import.py",
    "admin.delete_account": "stands where nothing refers to the row: tests/admin/test_deletions.py",
    "admin.delete_contact": "stands where nothing refers to the person: tests/admin/test_deletions.py",
    "admin.delete_department": "stands where nothing refers to the row: tests/admin/test_deletions.py",
    "admin.delete_organization": "stands where nothing refers to the row: tests/admin/test_deletions.py",
    "admin.delete_rule": "stands where nothing refers to the row: tests/admin/test_deletions.py",
    "admin.skip_step": "stands on the page of the first steps: tests/admin/test_get_started.py",
    "registrations.own": "of somebody who waits: tests/registrations",
    "sso.end_there": "another server sends it: tests/sso/test_linking.py",
    "attachments.upload": "answers JSON to the script: tests/cases",
    "identity.factor": "needs somebody between proof and session: tests/identity/test_second_factors.py",
    "identity.sign_in_with_passkey": "sent by the script: tests/identity/test_passkeys.py",
    "identity.sign_in_link_sent": "of the browser that asked: tests/identity/test_sign_in_codes.py",
    "notifications.add_device": "sent by the script: tests/notifications/test_push.py",
    "notifications.renew_device": "sent by the script: tests/notifications/test_push.py",
    "canned_replies.pick_for_case": "a button of the composer leads there: tests/canned_replies/test_using.py",
    "approvals.ask_again": "stands where a yes was refused or is old: tests/approvals/test_pages.py",
    "approvals.desk_approval": "stands while staff of the provider are asked: tests/approvals/test_pages.py",
    "approvals.desk_ask_again": "stands where a yes was refused or is old: tests/approvals/test_pages.py",
    "drafts.save": "a button of forms that keep drafts: tests/drafts",
    "drafts.desk_save": "a button of forms that keep drafts: tests/drafts",
    "desk.compose": "stands on the page that chooses a reply: tests/canned_replies/test_using.py",
    "chat.write": "stands on the page of a chat: tests/chat/test_chat_pages.py",
    "chat.typing": "sent by the script: tests/chat/test_chat_pages.py",
    "chat.take": "stands on the chat page of the desk: tests/chat/test_chat_pages.py",
    "chat.accept": "stands on the chat page of the desk: tests/chat/test_chat_pages.py",
    "chat.answer": "stands on the chat page of the desk: tests/chat/test_chat_pages.py",
    "chat.agent_typing": "sent by the script: tests/chat/test_chat_pages.py",
    "announcements.answer": "stands where one joined and it has ended: tests/announcements",
    "calls.log": "stands once the person is chosen: tests/calls/test_call_backs.py",
    "calls.take_event": "JSON of a telephone system: tests/calls/test_telephone_systems.py",
    "calls.type_on_desk": "stands on a check that goes on: tests/calls/test_checks.py",
    "presets.load": "a form of the first day, before there is any case: tests/presets",
}


@dataclass
class CrawlTargets:
    """Spellings by kind, the most telling first; links by what they are for."""

    things: dict[str, list[str]]
    links: dict[str, list[str]]
    cases: dict[str, str] = field(default_factory=dict)


def make_cases(world: World) -> dict[str, Case]:
    """A case in every state with whatever a page could show of it. Commit and let the outbox run, then `set_up`."""
    staged = [world.stage(by="rita", name="screen.png").id]
    staged.append(world.stage(by="rita", name="passed on.eml", content=b"Subject: An older mail\n\nIt said this.\n").id)
    opening: dict[str, Any] = {"by": "rita", "visibility": "shared"}
    files = {"open": staged}
    cases = {
        state: world.case_in(state, subject=f"A printer, {state}", staged=files.get(state, []), **opening)
        for state in STATES
    }
    world.put_in_copy(cases["open"], "mel@acme.example")
    people.exclude(world.ctx("ana"), cases["open"], world.cora.id)
    desk.redefine_severity(world.ctx("ana"), cases["open"], severity=2, reason="Worse")
    for case in cases.values():
        world.note(case, "Only for us")
    proposing = receive_mail(world.system(), subject="To many", case_id=cases["open"].id, fate="comment")
    propose_copy(world.system(), proposing, world.rita.id, "boss@other.example", "two@other.example", name="B <Boss>")
    world.reply(cases["open"], "Any **news**? See https://example.com")
    cases["unhappy"] = low_answer(world, world.case_in("closed", subject="A printer, again", **opening))
    cases["asked"] = world.open_case("rita", visibility="shared", subject="A printer, asked")
    wish = HandAsking("May we replace it?", [world.mel.id, world.olga.id])
    ask_by_hand(world.ctx("ana", "staff"), cases["asked"], wish)
    cases["late"] = broken_promise(world, world.case_in("open", severity=2, ago=dt.timedelta(days=9), **opening))
    for text in ("Look at the printer", "Order paper"):
        add_task(world.ctx("ana", "staff"), cases["open"], TaskFacts(text, False, world.ana.staff_id))
    leave_time(world.ctx("ana", "staff"), cases["open"], world.ana.staff_id)
    tag_case(world, cases["open"], "printer fleet, on site")
    return cases


def broken_promise(world: World, case: Case) -> Case:
    """Make a case without an answer in time, in a higher tier, with an objection of the customer."""
    desk.escalate(world.ctx("ana"), case, tier=2, note="The first tier knows no more")
    clock = world.rows(SlaClock, SlaClock.case_id == case.id)[0]
    disputes.object_to(world.ctx("rita", "contact"), case, clock, segment=0, text="That was quicker")
    return world.reload(case)


def low_answer(world: World, case: Case) -> Case:
    """Make a low answer without a follow-up, then changed questions and a draft."""
    rita, ada = world.ctx("rita", "contact"), world.ctx("ada")
    asked = open_survey(rita, case)
    assert asked is not None
    surveys.answer(rita, asked, case, answers={"q1": 1, "q2": "Too slow\nand too late"})
    for kind in ("yes_no", "choice", "text"):
        choices = [{"en": "By mail", "pl": "Poczta"}, "By phone"] if kind == "choice" else []
        question_actions.add_question(ada, {"kind": kind, "text": f"A question of {kind}", "choices": choices})
    question_actions.publish(ada)
    question_actions.add_question(ada, {"kind": "text", "text": "And one more?"})
    return world.reload(case)


def write_help(world: World) -> dict[str, list[Any]]:
    """Help articles in every state, one of them in two languages with something changed."""
    ada = world.ctx("ada")
    category = help_articles.add_category(ada)
    known = help_articles.add_article(
        ada, category, "Reset a password", body="## First\nA\n## Then\nB\n## Last\n![](shot)", pictures=["shot"]
    )
    for language, words in (("en", "## First\nA\n## Then\nBB"), ("pl", "Po polsku")):
        article_actions.save_words(ada, known, language, ArticleWords("Reset a password", "In two steps", words))
    article_actions.publish_article(ada, known, "pl")
    draft = help_articles.add_article(ada, category, "A draft", published=False, audience="staff")
    old = help_articles.add_article(ada, category, "The old way")
    article_actions.withdraw_article(ada, old, known)
    return {
        "help_article": [row.slug for row in (known, draft, old)],
        "help_category": [category.slug],
        "help_language": ["en"],
        "help_version": [1, 2],
        "help_picture": ["shot"],
    }


def collect_targets(world: World, cases: dict[str, Case]) -> CrawlTargets:
    """The values for all present objects, and for failed ones: a dead mail, a dead job."""
    guest = identity.add_person(world.system(), name="A guest", email="guest@acme.example")
    guest.new_email = "moved@acme.example"
    acting.sign_in(world.provider_world_of("rita"), world.rita)
    day = dt.timedelta(days=1)
    links = {
        "invitation": [tokens.derive_token(tokens.issue_token(world.system(), "invitation", guest.id, day))],
        "password_reset": [
            tokens.derive_token(tokens.issue_token(world.system(), "password_reset", world.rita.id, day))
        ],
        "email_change": [tokens.derive_token(tokens.issue_token(world.system(), "email_change", guest.id, day))],
        "sign_in": [tokens.derive_token(tokens.issue_token(world.system(), "sign_in", world.rita.id, day))],
        "survey": [tokens.derive_token(row.token_id) for row in world.rows(Survey)],
        "mail_action": [
            derive_link_token(row.provider_id, row.id, Purpose.MUTE)
            for row in world.rows(OutgoingMail, OutgoingMail.case_id.is_not(None))
        ],
    }
    world.row(Provider, world.northwind).registration = "anyone"  # so that the pages for signing up are there
    acme = world.rows(Organization, Organization.slug == "acme")[0].id
    ways = [acting.add_way(world.northwind.id, *way).name for way in ((acme, "acme-id"), (None, "north-id"))]
    linked = [acting.link_sign_in(world.northwind.id, world.rita.id, "north-id", waiting=w).id for w in (False, True)]
    mail, delivery = world.rows(OutgoingMail)[0], world.rows(Delivery)[0]
    mail.state = delivery.state = "dead"
    keys = {state: case.key for state, case in cases.items()}
    ask_fields(world.session)
    things: dict[str, list[Any]] = {
        "case": list(keys.values()),
        "file": [row.id for row in world.rows(Attachment, Attachment.case_id == cases["open"].id)],
        "filename": ["screen.png"],
        "view": ["all"],
        "typekey": ["outage"],
        "organization": ["acme"],
        "account": ["ACME"],
        "contact": [world.jan.contact_id, world.mel.contact_id],
        "environment": [world.environments["ACME", "Test"].id],
        "staff": [world.tom.staff_id],
        "department": [world.departments["business"].id],
        "tag": [add_tag(world).id],
        "service": [world.northwind.services["remote-hands"].id],
        # Nothing refers to the second.
        "type": [world.types["question"].id, world.types["visit"].id],
        "bell": [row.id for row in world.rows(Notification, Notification.user_id.in_([world.rita.id, world.ana.id]))][
            :8
        ],
        "mail": [mail.id],
        "inbound_mail": [receive_mail(world.system(), subject="In quarantine", attached="What was written first").id],
        "mailbox": [add_mailbox(world.system(), "support@northwind.example").id],
        "way": ways,
        "domain": [row.id for row in world.rows(OrganizationDomain)],
        "linked": linked,
        "registration": [
            acting.register(world.northwind.id, acting.add_newcomer(world.northwind.id).id, place).id
            for place in (acme, None)
        ],
        "group_role": [acting.give_group_role(world.northwind.id, world.accounts["ACME"]).id],
        "delivery": [delivery.id],
        "session": [row.id for row in world.rows(BrowserSession, BrowserSession.user_id == world.rita.id)],
        "unsent_form": [acting.leave_unsent(world.provider_world_of("rita"), world.rita)],
        "form_draft": [
            acting.leave_draft(world.northwind, world.rita, staff=False),
            acting.leave_draft(world.northwind, world.ana, staff=True),
        ],
        "delayed_reply": [leave_delayed_reply(world.system(), cases["open"], world.ana)],
        "passkey": [acting.leave_passkey(world.provider_world_of("rita"), world.rita)],
        "device": [acting.leave_trust(world.provider_world_of("rita"), world.rita)],
        "push_device": [acting.leave_push_device(world.provider_world_of("rita"), world.rita)],
        "import_draft": [acting.leave_import(world.northwind, world.ada)],
        "staged": [world.stage(by="rita").id],
        "survey": [row.id for row in world.rows(Survey, Survey.answered_at.is_not(None))],
        "announcement": [
            say_in_public(world, write_announcement(world, "A new switch", kind="maintenance")).id,
            write_announcement(world, "A notice to come", kind="notice", state="draft").id,
            write_announcement(world, "Over by now", state="ended").id,
        ],
        **fill_pages(world),
        "approval_rule": [make_rule(world, active=False).id],
        "case_rule": [make_case_rule(world, active=False).id],
        "hotline": [make_hotline(world).id],
        "telephone_system": [(system := add_system(world)[0]).id],
        "incoming_call": [add_incoming_call(world.system(), system).id],
        "call_back": [add_call_back(world.system(), cases["open"]).id],
        "chat": [chatting(world).id],
        "saved_view": [save_view(world, "To watch", by="ana", pinned=True).id],
        "saved_filter": [save_filter(world, by="rita").id],
        "shared_reply": [write_reply(world, "We are on it", "{contact first name}, {case key}", by="ada").id],
        "own_reply": [write_reply(world, "My closing line", "{agent name}", by="ana", shared=False).id],
        "question": ["q1"],
        "request_field": ["plate"],
        "version": [1],
        **write_help(world),
        "policy": [world.rows(SlaPolicy)[0].id],
        "calendar": [world.rows(SlaCalendar)[0].id],
        "rule": [world.rows(EscalationRule)[0].id],
        "run": [row.id for row in world.rows(Run)][:1],
    }
    add_check(world.system(), cases["open"], world.ana.staff_id)
    world.session.commit()
    return CrawlTargets({kind: list(map(str, values)) for kind, values in things.items()}, links, keys)


def fill_addresses(app: Flask, targets: CrawlTargets, rule: Rule, method: str) -> Iterator[str]:
    """*rule* filled in, one combination after the other."""
    chosen: list[dict[str, str]] = [{}]
    for name in (part for _kind, part in rule._trace if part in rule.arguments):
        kind = address_catalog.kind_of(rule, name)
        if kind == "word":
            values = rule._converters[name].regex[3:-1].split("|")
        elif kind == "token":
            values = targets.links[address_catalog.purpose_of(rule)]
        else:
            values = targets.things[kind]
        chosen = [{**row, name: value} for row in chosen for value in values]
    adapter = app.url_map.bind("localhost")
    return (adapter.build(rule.endpoint, row, method=method) for row in chosen)


@dataclass(frozen=True)
class Screen:
    """A page, and somebody who may open it."""

    endpoint: str
    path: str
    who: str


Get = Callable[[str, str], Any]


def people_for(rule: Rule) -> tuple[str, ...]:
    of_staff = rule.rule.startswith(("/desk", "/admin")) or rule.endpoint in OF_STAFF
    return WHO["desk" if of_staff else "portal"]


def find_screens(
    app: Flask, targets: CrawlTargets, get: Get, missed: Callable[[str], None] = lambda _e: None
) -> Iterator[Screen]:
    """One address of each page, for the first who may open it; *get(who, path)* asks. Calls *missed* for pages that
    nobody gets."""
    for rule in address_catalog.routes(app):
        if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_PAGES:
            found = find_screen(app, targets, get, rule)
            if found is not None:
                yield found
            else:
                missed(rule.endpoint)


def find_screen(app: Flask, targets: CrawlTargets, get: Get, rule: Rule) -> Screen | None:
    for address, _n in zip(fill_addresses(app, targets, rule, "GET"), range(TRIES), strict=False):
        path = address + QUERY_NEEDED.get(rule.endpoint, "")
        for who in people_for(rule):
            answer = get(who, path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                return Screen(rule.endpoint, path, who)
    return None


def find_form(page: Page, path: str) -> Any:
    """The form of *page* that is sent to *path*; None if there is none."""
    return next(iter(find_forms_to(page, path)), None)


def find_forms_to(page: Page, path: str) -> list[Any]:
    """The forms of *page* that are sent to *path*."""
    return [f for f in page.forms if f.method == "post" and f.action.partition("?")[0] == path]


def address_of_nothing(path: str) -> str:
    """*path* with every id and case key replaced by one that does not exist."""
    path = re.sub(r"/[A-Z][A-Z0-9]{1,9}-\d+(?=/|$)", "/ACME-987654", path)
    return re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}(?=/|$)", f"/{address_catalog.MISSING}", path)
