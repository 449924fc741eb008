"""What follows from what. Reactions run in the same transaction; consumers get one delivery each, after commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import portal.admin.policies
import portal.announcements.policies
import portal.approvals.policies
import portal.audit.policies
import portal.calls.policies
import portal.canned_replies.policies
import portal.cases.policies
import portal.channels.mail.policies
import portal.chat.policies
import portal.community.policies
import portal.drafts.policies
import portal.identity.policies
import portal.knowledge.policies
import portal.notifications.policies
import portal.registrations.policies
import portal.rules.policies
import portal.scim.policies
import portal.search.policies
import portal.sla.policies
import portal.snoozes.policies
import portal.sso.policies
import portal.surveys.policies
import portal.tasks.policies
import portal.tenants.policies
import portal.time_entries.policies  # noqa: F401 - scopes register themselves
from portal.admin import jobs as admin_jobs
from portal.admin.feature import FEATURE as ADMIN
from portal.announcements import jobs as announcement_jobs
from portal.announcements.actions import DUE as ANNOUNCEMENT
from portal.announcements.actions import move_joins
from portal.announcements.feature import FEATURE as ANNOUNCEMENTS
from portal.approvals import jobs as approval_jobs
from portal.approvals import reactions as approval_reactions
from portal.approvals.actions.asking import DUE as APPROVAL
from portal.approvals.feature import FEATURE as APPROVALS
from portal.assignment import reactions as assignment_reactions
from portal.assignment.feature import FEATURE as ASSIGNMENT
from portal.attachments import actions as attachments
from portal.attachments import jobs as attachment_jobs
from portal.attachments.feature import FEATURE as ATTACHMENTS
from portal.audit import reactions as audit_reactions
from portal.audit.feature import FEATURE as AUDIT
from portal.calls import jobs as call_jobs
from portal.calls.actions import call_backs as call_back_actions
from portal.calls.actions.telephone_systems import free_extension_of_leaver
from portal.calls.feature import FEATURE as CALLS
from portal.canned_replies.feature import FEATURE as CANNED_REPLIES
from portal.cases import jobs as case_jobs
from portal.cases.actions import delayed_replies, transitions
from portal.cases.actions.claims import exclude_claimant, move_cases
from portal.cases.actions.leavers import (
    announce_archived,
    announce_leaver,
    announce_leavers,
    release_cases,
    release_from_absent_owner,
    remove_leaver,
    resume_archived,
    resume_unreadable,
)
from portal.cases.feature import FEATURE as CASES
from portal.channels.mail.actions import copies
from portal.channels.mail.actions import splits as intake_splits
from portal.channels.mail.feature import FEATURE as MAIL
from portal.chat import jobs as chat_jobs
from portal.chat import reactions as chat_reactions
from portal.chat.actions.chats import WATCH
from portal.chat.feature import FEATURE as CHAT
from portal.community import jobs as community_jobs
from portal.community.actions.clock import DUE as COMMUNITY_TOPIC
from portal.community.feature import FEATURE as COMMUNITY
from portal.drafts.feature import FEATURE as DRAFTS
from portal.identity import actions as identity_actions
from portal.identity import jobs as identity_jobs
from portal.identity import link_requests
from portal.identity.feature import FEATURE as IDENTITY
from portal.installation.feature import FEATURE as INSTALLATION
from portal.kernel.events import Reaction, ReactionToMany
from portal.kernel.jobs import Handler
from portal.knowledge.feature import FEATURE as KNOWLEDGE
from portal.notifications import actions as notifications
from portal.notifications import daily_news, digests, mail_rules, push_devices, rules, subscriber_mails
from portal.notifications import jobs as telling
from portal.notifications.feature import FEATURE as NOTIFICATIONS
from portal.presets.feature import FEATURE as PRESETS
from portal.registrations import reactions as registrations
from portal.registrations.feature import FEATURE as REGISTRATIONS
from portal.reports.feature import FEATURE as REPORTS
from portal.rules import reactions as rule_reactions
from portal.rules.feature import FEATURE as RULES
from portal.scim.feature import FEATURE as SCIM
from portal.search import jobs as search_jobs
from portal.search import reactions as search
from portal.search.actions import REBUILD
from portal.search.feature import FEATURE as SEARCH
from portal.sla import clock_store
from portal.sla import jobs as sla_jobs
from portal.sla import reactions as sla_reactions
from portal.sla.actions import escalate, runs, updates
from portal.sla.feature import FEATURE as SLA
from portal.snoozes import jobs as snooze_jobs
from portal.snoozes import reactions as snooze_reactions
from portal.snoozes.actions import DUE as SNOOZE
from portal.snoozes.feature import FEATURE as SNOOZES
from portal.sso.feature import FEATURE as SSO
from portal.surveys import reactions as survey_reactions
from portal.surveys.feature import FEATURE as SURVEYS
from portal.tasks import reactions as task_reactions
from portal.tasks.feature import FEATURE as TASKS
from portal.tenants import jobs as tenant_jobs
from portal.tenants.actions import import_drafts
from portal.tenants.actions.claims import move_places
from portal.tenants.feature import FEATURE as TENANTS
from portal.time_entries import reactions as time_reactions
from portal.time_entries.feature import FEATURE as TIME_ENTRIES
from portal.web.feature import Feature

ROOT = Path(__file__).parent.parent

# In the order of the features. The `feature.py` of a feature describes what it adds to the product.
FEATURES: Sequence[Feature] = [
    IDENTITY,
    TENANTS,
    SSO,
    REGISTRATIONS,
    SCIM,
    ATTACHMENTS,
    DRAFTS,
    CASES,
    SLA,
    SURVEYS,
    APPROVALS,
    TASKS,
    SNOOZES,
    TIME_ENTRIES,
    RULES,
    ASSIGNMENT,
    KNOWLEDGE,
    CANNED_REPLIES,
    ANNOUNCEMENTS,
    COMMUNITY,
    CALLS,
    CHAT,
    MAIL,
    NOTIFICATIONS,
    INSTALLATION,
    SEARCH,
    REPORTS,
    AUDIT,
    ADMIN,
    PRESETS,
]

_REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "contact.added": [exclude_claimant],
    "contact.changed": [announce_leaver, approval_reactions.recheck_after_leaver],
    "contact.ended": [announce_leaver, remove_leaver, approval_reactions.recheck_after_leaver],
    "person.password_set": [registrations.receive_who_proved],
    "person.sign_in_linked": [registrations.receive_who_proved],
    "person.claim_accepted": [
        move_places,
        move_cases,
        move_joins,
        survey_reactions.move_surveys,
        notifications.move_notifications,
        search.index_claimant,
    ],
    "organization.changed": [announce_archived, resume_archived],
    "staff.ended": [
        release_cases,
        survey_reactions.release_follow_ups,
        call_back_actions.release_of_leaver,
        free_extension_of_leaver,
    ],
    "staff.changed": [release_cases],
    "call.logged": [survey_reactions.invite_after_talk],
    "chat.ended": [survey_reactions.invite_after_talk],
    # Rules come last: they find the case as the other reactions leave it. Only what no rule gave an owner is assigned.
    "case.submitted": [
        search.index_opened,
        approval_reactions.ask_when_opened,
        rule_reactions.run_on_event,
        assignment_reactions.give_opened_case,
    ],
    "case.replied": [
        search.index_words,
        release_from_absent_owner,
        chat_reactions.follow_line,
        snooze_reactions.wake_for_customer,
        rule_reactions.run_on_event,
    ],
    "case.answered": [search.index_words, chat_reactions.follow_line, rule_reactions.run_on_event],
    "case.asked": [search.index_words, chat_reactions.follow_line, rule_reactions.run_on_event],
    "case.assigned": [snooze_reactions.wake_for_owner],
    "case.noted": [search.index_words, chat_reactions.show_note],
    "case.escalated": [search.index_words, chat_reactions.show_note],
    "case.resolved": [
        search.index_words,
        survey_reactions.invite_contact,
        chat_reactions.follow_line,
        approval_reactions.end_with_case,
        snooze_reactions.forget,
    ],
    "case.rejected": [
        search.index_words,
        release_from_absent_owner,
        chat_reactions.follow_line,
        approval_reactions.follow_change,
        snooze_reactions.wake_for_customer,
    ],
    "case.reopened": [
        search.index_words,
        release_from_absent_owner,
        chat_reactions.follow_line,
        approval_reactions.follow_change,
        snooze_reactions.wake_for_customer,
    ],
    "case.edited": [search.index_again, approval_reactions.follow_change],
    "case.severity_changed": [approval_reactions.follow_change],
    "case.shared": [search.index_people],
    "case.made_private": [search.index_people, approval_reactions.recheck_people],
    "case.readmitted": [approval_reactions.recheck_people],
    "case.person_added": [search.index_people, copies.settle_person],
    "case.joined": [search.index_people],
    "case.person_removed": [search.index_people, resume_unreadable, approval_reactions.recheck_people],
    "case.excluded": [
        search.index_people,
        copies.settle_person,
        release_from_absent_owner,
        resume_unreadable,
        approval_reactions.recheck_people,
    ],
    "mail.returned": [notifications.mark_returned],
    "status.unsubscribed": [subscriber_mails.forget_mails],
    "case.merged": [
        copies.move_proposals,
        chat_reactions.end_redirected,
        approval_reactions.end_with_case,
        task_reactions.follow_merge,
        time_reactions.follow_merge,
        snooze_reactions.forget,
    ],
    "case.split": [search.index_split, intake_splits.follow_split],
    "case.split_off": [search.index_split],
    "case.moved": [chat_reactions.end_redirected, approval_reactions.end_with_case, snooze_reactions.forget],
    "case.viewed_as_customer": [audit_reactions.note_customer_view],
    **{
        name: [notifications.send_waiting_mails] for name in ("mailbox.authorized", "mailbox.resumed", "mailbox.tested")
    },
    "case.accepted": [survey_reactions.invite_contact],
    "case.closed": [survey_reactions.invite_contact, approval_reactions.end_with_case, snooze_reactions.forget],
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
    **{name: [*_REACTIONS.get(name, ()), audit_reactions.store_security_change] for name in audit_reactions.CHANGES},
}

# What takes the place of a reaction where many events are recorded together (`events.record_each`).
FOR_MANY: Mapping[Reaction, ReactionToMany] = {
    announce_leaver: announce_leavers,
    approval_reactions.recheck_after_leaver: approval_reactions.recheck_after_leavers,
    audit_reactions.store_security_change: audit_reactions.store_security_changes,
}

# Notifications by bell and mail; `notifications.rules` says who is notified of which event, and how.
CONSUMERS: Mapping[str, Sequence[Reaction]] = {
    **{
        name: [
            *([telling.ring_bells] if name in rules.BELL_EVENTS else []),
            *([telling.write_mails] if name in rules.MAIL_EVENTS else []),
        ]
        for name in rules.BY_EVENT
    },
    # To addresses, not to people.
    "status.subscription_asked": [telling.ask_subscriber],
    "status.told": [telling.tell_subscribers],
}

DUE: Mapping[str, Handler] = {
    identity_actions.UNSENT_FORM_EXPIRY: identity_jobs.delete_expired_form,
    import_drafts.IMPORT_DRAFT_EXPIRY: tenant_jobs.delete_expired_draft,
    import_drafts.IMPORT_WORK: admin_jobs.continue_import,
    attachments.THUMBNAIL: attachment_jobs.add_thumbnail,
    link_requests.LINK_REQUEST: identity_jobs.answer_link_request,
    ANNOUNCEMENT: announcement_jobs.act_when_due,
    COMMUNITY_TOPIC: community_jobs.mark_overdue,
    call_back_actions.DUE: call_jobs.remind_of_call,
    SNOOZE: snooze_jobs.wake,
    APPROVAL: approval_jobs.look_at_request,
    WATCH: chat_jobs.watch_chat,
    transitions.AUTO_CLOSE: case_jobs.close_settled_case,
    transitions.CLOSING_SOON: case_jobs.announce_closing,
    transitions.WAKE: case_jobs.wake_held_case,
    transitions.REMIND: case_jobs.remind_of_question,
    transitions.PROPOSE: case_jobs.propose_to_resolve,
    delayed_replies.DUE: case_jobs.send_delayed_reply,
    mail_rules.MAIL: telling.send_mail,
    digests.DIGEST: telling.write_digest,
    daily_news.NEWS: telling.write_news,
    push_devices.PUSH: telling.send_push,
    push_devices.PUSH_TEST: telling.send_test,
    subscriber_mails.WORK: telling.tell_more_subscribers,
    clock_store.STEP: sla_jobs.fire_steps,
    escalate.TELL: sla_jobs.tell_recipients,
    runs.RUN: sla_jobs.continue_run,
    REBUILD: search_jobs.rebuild_marked,
}
