"""What follows from what. Reactions run in the same transaction; consumers get one delivery each, after commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import portal.admin.policies
import portal.cases.policies
import portal.channels.mail.policies
import portal.identity.policies
import portal.notifications.policies
import portal.search.policies
import portal.sla.policies
import portal.surveys.policies
import portal.tenants.policies  # noqa: F401 - scopes register themselves
from portal.admin import reactions as admin_reactions
from portal.admin.feature import FEATURE as ADMIN
from portal.attachments.feature import FEATURE as ATTACHMENTS
from portal.cases import jobs as case_jobs
from portal.cases.actions import transitions
from portal.cases.actions.claims import exclude_claimant, move_cases
from portal.cases.actions.leavers import (
    announce_leaver,
    release_cases,
    release_from_absent_owner,
    remove_leaver,
    resume_archived,
    resume_unreadable,
)
from portal.cases.feature import FEATURE as CASES
from portal.channels.mail.feature import FEATURE as MAIL
from portal.identity import actions as identity_actions
from portal.identity import jobs as identity_jobs
from portal.identity import link_requests
from portal.identity.feature import FEATURE as IDENTITY
from portal.kernel.events import Reaction
from portal.kernel.jobs import Handler
from portal.notifications import actions as notifications
from portal.notifications import digests, mail_rules, rules
from portal.notifications import jobs as telling
from portal.notifications.feature import FEATURE as NOTIFICATIONS
from portal.presets.feature import FEATURE as PRESETS
from portal.search import jobs as search_jobs
from portal.search import reactions as search
from portal.search.actions import REBUILD
from portal.search.feature import FEATURE as SEARCH
from portal.sla import clock_store
from portal.sla import jobs as sla_jobs
from portal.sla import reactions as sla_reactions
from portal.sla.actions import escalate, runs, updates
from portal.sla.feature import FEATURE as SLA
from portal.surveys import reactions as survey_reactions
from portal.surveys.feature import FEATURE as SURVEYS
from portal.tenants import jobs as tenant_jobs
from portal.tenants.actions import import_drafts
from portal.tenants.actions.claims import move_places
from portal.tenants.feature import FEATURE as TENANTS
from portal.web.feature import Feature

ROOT = Path(__file__).parent.parent

# In the order of the features. The `feature.py` of a feature describes what it adds to the product.
FEATURES: Sequence[Feature] = [
    IDENTITY,
    TENANTS,
    ATTACHMENTS,
    CASES,
    SLA,
    SURVEYS,
    MAIL,
    NOTIFICATIONS,
    SEARCH,
    ADMIN,
    PRESETS,
]

_REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "contact.added": [exclude_claimant],
    "contact.changed": [announce_leaver],
    "contact.ended": [announce_leaver, remove_leaver],
    "person.claim_accepted": [
        move_places,
        move_cases,
        survey_reactions.move_surveys,
        notifications.move_notifications,
        search.index_claimant,
    ],
    "organization.changed": [resume_archived],
    "staff.ended": [release_cases],
    "staff.changed": [release_cases],
    "case.submitted": [search.index_opened],
    "case.replied": [search.index_words, release_from_absent_owner],
    "case.answered": [search.index_words],
    "case.asked": [search.index_words],
    "case.noted": [search.index_words],
    "case.escalated": [search.index_words],
    "case.resolved": [search.index_words, survey_reactions.invite_contact],
    "case.rejected": [search.index_words, release_from_absent_owner],
    "case.reopened": [search.index_words, release_from_absent_owner],
    "case.edited": [search.index_again],
    "case.shared": [search.index_people],
    "case.made_private": [search.index_people],
    "case.person_added": [search.index_people],
    "case.person_removed": [search.index_people, resume_unreadable],
    "case.excluded": [search.index_people, release_from_absent_owner, resume_unreadable],
    "case.accepted": [survey_reactions.invite_contact],
    "case.closed": [survey_reactions.invite_contact],
    "case.auto_closed": [survey_reactions.invite_contact],
}
_NEWS = ("case.answered", "case.asked", "case.held", "case.resolved")
# The reaction of clocks comes first; the other reactions of an event follow.
REACTIONS: Mapping[str, Sequence[Reaction]] = {
    **_REACTIONS,
    **{name: [sla_reactions.follow_event, *_REACTIONS.get(name, ())] for name in sla_reactions.FOLLOWED_EVENTS},
    **{name: [sla_reactions.follow_event, updates.clear_draft, *_REACTIONS.get(name, ())] for name in _NEWS},
    "case.submitted": [sla_reactions.start_clocks, *_REACTIONS["case.submitted"]],
    # Changes of what people may see are security events too.
    **{name: [*_REACTIONS.get(name, ()), admin_reactions.store_security_change] for name in admin_reactions.CHANGES},
}

# Notifications by bell and mail; `notifications.rules` says who is notified of which event, and how.
CONSUMERS: Mapping[str, Sequence[Reaction]] = {
    name: [
        *([telling.ring_bells] if name in rules.BELL_EVENTS else []),
        *([telling.write_mails] if name in rules.MAIL_EVENTS else []),
    ]
    for name in rules.BY_EVENT
}

DUE: Mapping[str, Handler] = {
    identity_actions.UNSENT_FORM_EXPIRY: identity_jobs.delete_expired_form,
    import_drafts.IMPORT_DRAFT_EXPIRY: tenant_jobs.delete_expired_draft,
    link_requests.LINK_REQUEST: identity_jobs.answer_link_request,
    transitions.AUTO_CLOSE: case_jobs.close_settled_case,
    transitions.CLOSING_SOON: case_jobs.announce_closing,
    transitions.WAKE: case_jobs.wake_held_case,
    mail_rules.MAIL: telling.send_mail,
    digests.DIGEST: telling.write_digest,
    clock_store.STEP: sla_jobs.fire_steps,
    escalate.TELL: sla_jobs.tell_recipients,
    runs.RUN: sla_jobs.continue_run,
    REBUILD: search_jobs.rebuild_marked,
}
