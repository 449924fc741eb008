"""What follows from what. Reactions run in the same transaction; consumers get one delivery each, after commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flask_babel import gettext as _

import portal.admin.policies
import portal.cases.policies
import portal.identity.policies
import portal.notifications.policies
import portal.search.policies
import portal.sla.policies
import portal.surveys.policies
import portal.tenants.policies  # noqa: F401 - scopes register themselves
from portal.admin.routes import admin
from portal.attachments.routes import attachments
from portal.cases import jobs as case_jobs
from portal.cases.actions import transitions
from portal.cases.actions.people import remove_grants_of_leaver
from portal.cases.history import HistoryLine
from portal.cases.panels import ColumnSource, PanelSource, SlotSource, ViewObserver
from portal.cases.preconditions import Precondition
from portal.cases.queries.lists import Ordering, View
from portal.cases.routes.blueprints import cases, desk
from portal.identity import jobs as identity_jobs
from portal.identity import link_requests
from portal.identity.routes import identity
from portal.kernel.events import Reaction
from portal.kernel.jobs import Handler
from portal.notifications import jobs as telling
from portal.notifications import mail_rules
from portal.notifications.recipients import RECIPIENT_GROUPS
from portal.notifications.routes import mark_case_read, notifications
from portal.presets.routes import presets
from portal.search import jobs as search_jobs
from portal.search import reactions as search
from portal.search.actions import REBUILD
from portal.search.routes import search as searching
from portal.sla import clock_store
from portal.sla import jobs as sla_jobs
from portal.sla import panels as sla_panels
from portal.sla import reactions as sla_reactions
from portal.sla.actions import breaches, escalate, runs, updates
from portal.sla.labels import names as sla_labels
from portal.sla.queries import case_clocks
from portal.sla.routes import promises
from portal.surveys import reactions as survey_reactions
from portal.surveys.labels import HISTORY, history_line
from portal.surveys.panels import survey_panel
from portal.surveys.routes import surveys
from portal.tenants.routes import organization
from portal.tenants.routes.branding import branding
from portal.web.guards import FeatureBlueprint
from portal.web.tabs import Tab

ROOT = Path(__file__).parent.parent

FEATURES: list[FeatureBlueprint] = [
    identity,
    organization,
    branding,
    attachments,
    cases,
    desk,
    promises,
    surveys,
    notifications,
    searching,
    admin,
    presets,
]

_REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "contact.ended": [remove_grants_of_leaver],
    "case.submitted": [search.index_opened],
    "case.replied": [search.index_words],
    "case.answered": [search.index_words],
    "case.asked": [search.index_words],
    "case.noted": [search.index_words],
    "case.escalated": [search.index_words],
    "case.resolved": [search.index_words, survey_reactions.invite_contact],
    "case.rejected": [search.index_words],
    "case.reopened": [search.index_words],
    "case.edited": [search.index_again],
    "case.shared": [search.index_people],
    "case.made_private": [search.index_people],
    "case.person_added": [search.index_people],
    "case.person_removed": [search.index_people],
    "case.excluded": [search.index_people],
    "case.accepted": [survey_reactions.invite_contact],
    "case.closed": [survey_reactions.invite_contact],
    "case.auto_closed": [survey_reactions.invite_contact],
}
_NEWS = ("case.answered", "case.asked", "case.held", "case.resolved")
# Clocks follow every event that they hear of; what else follows from one comes after.
REACTIONS: Mapping[str, Sequence[Reaction]] = {
    **_REACTIONS,
    **{name: [sla_reactions.follow_event, *_REACTIONS.get(name, ())] for name in sla_reactions.FOLLOWED_EVENTS},
    **{name: [sla_reactions.follow_event, updates.clear_draft, *_REACTIONS.get(name, ())] for name in _NEWS},
    "case.submitted": [sla_reactions.start_clocks, *_REACTIONS["case.submitted"]],
}

# Told at the bell and by mail: which events ring for whom is said in notifications.recipients, who is written to in
# mails.
CONSUMERS: Mapping[str, Sequence[Reaction]] = {
    **{name: [telling.ring_bells] for name in RECIPIENT_GROUPS},
    **{name: [telling.ring_bells, telling.write_mails] for name in mail_rules.CUSTOMER_MAILS},
    **{name: [telling.ring_bells, telling.write_mails] for name in mail_rules.STAFF_MAILS},
    **{name: [telling.write_mails] for name in mail_rules.PERSON_MAILS},
}

DUE: Mapping[str, Handler] = {
    link_requests.LINK_REQUEST: identity_jobs.answer_link_request,
    transitions.AUTO_CLOSE: case_jobs.close_settled_case,
    transitions.CLOSING_SOON: case_jobs.announce_closing,
    transitions.WAKE: case_jobs.wake_held_case,
    mail_rules.MAIL: telling.send_mail,
    clock_store.STEP: sla_jobs.fire_steps,
    escalate.TELL: sla_jobs.tell_recipients,
    runs.RUN: sla_jobs.continue_run,
    REBUILD: search_jobs.rebuild_marked,
}

# What a case's change log calls the events of later features.
HISTORY_LINES: Mapping[str, HistoryLine] = {
    **dict.fromkeys(HISTORY, history_line),
    **dict.fromkeys(sla_labels.HISTORY, sla_labels.history_line),
}
# What must be true before a verb on a case may begin.
PRECONDITIONS: Mapping[str, Sequence[Precondition]] = {
    "close": [breaches.require_breach_reason],
    "resolve": [breaches.require_breach_reason],
}

# What later features show on case pages, in the slots of other pages, and in lists of cases.
# What is called when somebody has opened a case page.
VIEW_OBSERVERS: Sequence[ViewObserver] = [mark_case_read]
PANELS: Sequence[PanelSource] = [sla_panels.next_update_panel, survey_panel, sla_panels.clocks_panel]
SLOTS: Mapping[str, Sequence[SlotSource]] = {
    "form": [sla_panels.promise_beside_form],
    "home": [sla_panels.home_panel],
    "print": [sla_panels.printed_panel],
    "verb": [sla_panels.verb_panel],
}
COLUMNS: Sequence[ColumnSource] = [sla_panels.promise_column]
# Queues, ways to sort lists, and by which of them built-in queues are read.
VIEWS: tuple[Sequence[View], Mapping[str, Ordering], Mapping[str, str]] = (
    sla_panels.VIEWS,
    case_clocks.ORDERINGS,
    sla_panels.SORTS,
)
TABS: Mapping[str, Sequence[Tab]] = {
    "organization": [Tab(lambda: _("Support agreement"), "/sla")],
    "account": [Tab(lambda: _("SLA"), "/sla"), Tab(lambda: _("Calendars"), "/calendars")],
}
