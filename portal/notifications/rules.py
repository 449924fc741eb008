"""Who is told what, and how: the one table. Delivery reads it, and `docs/notifications.md` is printed from it.

A row says that one audience of one event is told. The rows of an event stand with the strongest reason first: a person
in several audiences is told once, by the first row. Who belongs to an audience is found in `recipients`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.cases.policies import PUBLIC_EVENTS


class Mailing(StrEnum):
    """Whether a row sends a mail beside the line at the bell."""

    NEVER = "never"
    ALWAYS = "always"
    # Unless the person switched mails of the topic off.
    UNLESS_OFF = "unless_off"
    # For the highest severity always; for others if the person asked for mails of the topic.
    EMERGENCIES = "emergencies"


class Topic(StrEnum):
    """What a person may choose mails about, on /me/notifications. Each belongs to customers or to staff."""

    ANSWERS = "answers"
    STATUS = "status"
    COMMENTS = "comments"
    COPIES = "copies"
    WORKAROUNDS = "workarounds"
    ANNOUNCEMENTS = "announcements"
    COMMUNITY = "community"
    OWN_CASES = "own_cases"
    UNOWNED = "unowned"
    HANDED_OVER = "handed_over"
    # No topic of its own: ordinary mails of all topics come once a day, as one.
    DAILY = "daily"


CONTACT_TOPICS = (
    *(Topic.ANSWERS, Topic.STATUS, Topic.COMMENTS, Topic.COPIES, Topic.WORKAROUNDS, Topic.ANNOUNCEMENTS),
    Topic.COMMUNITY,
)
STAFF_TOPICS = (Topic.OWN_CASES, Topic.UNOWNED, Topic.HANDED_OVER)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: *audience* is told of *event*. `mail` is the kind of mail, which names its template."""

    event: str
    audience: str
    bell: bool = True
    mail: str = ""
    mailing: Mailing = Mailing.NEVER
    topic: Topic | None = None
    # Whether the mails of a moment go to a person as one mail (`digests`).
    gathered: bool = False

    @property
    def ignores_mute(self) -> bool:
        """Whether the row also reaches people who muted the case."""
        return self.event in IGNORING_MUTE or self.audience == "receipt"


CUSTOMERS = ("contact", "reporter", "copied", "follower")
_OWNERS = ("owner", "staff_follower")
# The end of a case reaches also those who muted it, and so does that somebody looked at it with their eyes.
IGNORING_MUTE = frozenset(
    {"case.resolved", "case.accepted", "case.closed", "case.auto_closed", "case.viewed_as_customer"}
)
# A question for which a case waits: it reaches those whom it asks even if all of them muted the case.
ASKING = frozenset(
    {"case.asked", "case.reminded"}
    | {f"approval.{verb}" for verb in ("asked", "continued", "reminded", "approver_added")}
)
# What a customer may hear of at all: the rest stays with staff, whatever the audiences say.
CUSTOMER_EVENTS = frozenset(
    {
        *PUBLIC_EVENTS,
        *("case.closing_soon", "case.reminded", "case.viewed_as_customer", "case.files_refused", "sla.late"),
        *("chat.ended", "call.logged", "approval.reminded"),
    }
)
# The lines of a chat: nobody gets a mail about one who reads the chat at that moment. Its end is mailed as a whole.
CHAT_LINES = frozenset({"case.submitted", "case.answered", "case.replied"})
# A customer's word or a case that comes up: somebody of the staff always hears of these, the last resort being the
# leads and the administrators.
NEVER_UNHEARD = frozenset(
    {
        *("case.submitted", "case.replied", "case.reply_stopped", "case.rejected", "case.reopened", "case.woken"),
        *("sla.objected", "approval.refused", "approval.expired", "approval.stuck"),
    }
)


def _tell(
    event: str,
    *audiences: str,
    mail: str = "",
    mailing: Mailing = Mailing.NEVER,
    topic: Topic | None = None,
    bell: bool = True,
    gathered: bool = False,
) -> Iterator[Rule]:
    for audience in audiences:
        yield Rule(event, audience, bell, mail, mailing, topic, gathered)


def _tell_staff(event: str, *audiences: str, topic: Topic) -> Iterator[Rule]:
    """Rows for staff: the bell, and a mail for emergencies."""
    return _tell(event, *audiences, mail="staff_news", mailing=Mailing.EMERGENCIES, topic=topic)


RULES: Sequence[Rule] = (
    *_tell("case.submitted", "receipt", bell=False, mail="opened", mailing=Mailing.ALWAYS),
    *_tell("case.submitted", "opened_for", mail="opened_for_you", mailing=Mailing.ALWAYS),
    *_tell_staff("case.submitted", "unowned", topic=Topic.UNOWNED),
    *_tell_staff("case.routed", "department", topic=Topic.UNOWNED),
    *_tell_staff("case.assigned", "owner", topic=Topic.OWN_CASES),
    *_tell_staff("case.assigned", "former_owner", topic=Topic.OWN_CASES),
    *_tell_staff("case.assigned", "unowned", topic=Topic.UNOWNED),
    *_tell_staff("case.taken", "former_owner", topic=Topic.OWN_CASES),
    *_tell("case.answered", "mentioned_client", mail="answered", mailing=Mailing.UNLESS_OFF, topic=Topic.ANSWERS),
    *_tell_staff("case.answered", "mentioned", topic=Topic.OWN_CASES),
    *_tell("case.answered", *CUSTOMERS, mail="answered", mailing=Mailing.UNLESS_OFF, topic=Topic.ANSWERS),
    *_tell("case.answered", "staff_follower"),
    *_tell_staff("case.asked", "mentioned", topic=Topic.OWN_CASES),
    *_tell("case.asked", *CUSTOMERS, mail="asked", mailing=Mailing.ALWAYS),
    *_tell("case.asked", "staff_follower"),
    *_tell("case.reminded", "contact", "reporter", mail="reminder", mailing=Mailing.ALWAYS),
    *_tell_staff("case.resolve_proposed", *_OWNERS, topic=Topic.OWN_CASES),
    *_tell_staff("case.resolve_proposed", "unowned", topic=Topic.UNOWNED),
    *_tell("case.started", *CUSTOMERS, mail="status", mailing=Mailing.UNLESS_OFF, topic=Topic.STATUS),
    *_tell_staff("case.started", "owner", topic=Topic.OWN_CASES),
    *_tell("case.held", *CUSTOMERS, mail="status", mailing=Mailing.UNLESS_OFF, topic=Topic.STATUS),
    *_tell("case.woken", *CUSTOMERS, mail="status", mailing=Mailing.UNLESS_OFF, topic=Topic.STATUS),
    *_tell_staff("case.woken", *_OWNERS, topic=Topic.OWN_CASES),
    *_tell_staff("case.woken", "unowned", topic=Topic.UNOWNED),
    *_tell("case.severity_changed", *CUSTOMERS, mail="status", mailing=Mailing.UNLESS_OFF, topic=Topic.STATUS),
    *_tell_staff("case.severity_changed", "owner", topic=Topic.OWN_CASES),
    *_tell_staff("case.severity_changed", "unowned", topic=Topic.UNOWNED),
    *_tell(
        "case.workaround_pinned", *CUSTOMERS, mail="workaround", mailing=Mailing.UNLESS_OFF, topic=Topic.WORKAROUNDS
    ),
    *_tell("case.workaround_pinned", *_OWNERS),
    *_tell("case.joined", "contact", "reporter"),
    *_tell_staff("case.joined", *_OWNERS, topic=Topic.OWN_CASES),
    *_tell_staff("case.joined", "unowned", topic=Topic.UNOWNED),
    *_tell("case.confirmed", *_OWNERS),
    *_tell_staff("case.resolved", "mentioned", topic=Topic.OWN_CASES),
    *_tell("case.resolved", *CUSTOMERS, mail="resolved", mailing=Mailing.ALWAYS),
    *_tell("case.resolved", "staff_follower"),
    *_tell("case.closing_soon", "contact", "reporter", "undecided", mail="closing_soon", mailing=Mailing.ALWAYS),
    *(
        rule
        for event in ("case.accepted", "case.closed", "case.auto_closed")
        for rule in (
            *_tell(event, "surveyed", bell=False, mail="closed", mailing=Mailing.ALWAYS),
            *_tell(event, *_OWNERS),
            *_tell(event, *CUSTOMERS, mail="closed", mailing=Mailing.ALWAYS),
        )
    ),
    *_tell_staff("case.replied", "mentioned", topic=Topic.OWN_CASES),
    *_tell("case.replied", "mentioned_client", mail="comment", mailing=Mailing.UNLESS_OFF, topic=Topic.COMMENTS),
    *_tell_staff("case.replied", *_OWNERS, topic=Topic.OWN_CASES),
    *_tell_staff("case.replied", "unowned", topic=Topic.UNOWNED),
    *_tell("case.replied", *CUSTOMERS, mail="comment", mailing=Mailing.UNLESS_OFF, topic=Topic.COMMENTS),
    *_tell_staff("case.rejected", *_OWNERS, topic=Topic.OWN_CASES),
    *_tell_staff("case.rejected", "unowned", topic=Topic.UNOWNED),
    *_tell_staff("case.rejected", "tier", topic=Topic.HANDED_OVER),
    *_tell("case.rejected", *CUSTOMERS, mail="comment", mailing=Mailing.UNLESS_OFF, topic=Topic.COMMENTS),
    *_tell_staff("case.reopened", *_OWNERS, topic=Topic.OWN_CASES),
    *_tell_staff("case.reopened", "unowned", topic=Topic.UNOWNED),
    *_tell("case.reopened", *CUSTOMERS, mail="comment", mailing=Mailing.UNLESS_OFF, topic=Topic.ANSWERS),
    *_tell("case.person_added", "added", mail="added", mailing=Mailing.UNLESS_OFF, topic=Topic.COPIES),
    *_tell("case.edited", "new_contact", mail="added", mailing=Mailing.ALWAYS),
    *_tell_staff("case.edited", "owner_of_new_contact", topic=Topic.OWN_CASES),
    *_tell_staff("case.contact_left", "owner", topic=Topic.OWN_CASES),
    *_tell_staff("case.contact_left", "unowned", topic=Topic.UNOWNED),
    *_tell("contact.cases_left", "leaver_administrators"),
    *_tell("case.viewed_as_customer", "contact"),
    *_tell("case.merged", *CUSTOMERS, mail="status", mailing=Mailing.UNLESS_OFF, topic=Topic.STATUS),
    *_tell_staff("case.noted", "mentioned", topic=Topic.OWN_CASES),
    *_tell("case.noted", *_OWNERS),
    *_tell("case.mail_stopped", "mail_sender", mail="staff_news", mailing=Mailing.ALWAYS),
    *_tell("case.files_refused", "file_sender", bell=False, mail="files_refused", mailing=Mailing.ALWAYS),
    *_tell("case.files_refused", "mail_sender", mail="staff_news", mailing=Mailing.ALWAYS),
    *_tell_staff("case.reply_stopped", "owner", topic=Topic.OWN_CASES),
    *_tell_staff("case.reply_stopped", "unowned", topic=Topic.UNOWNED),
    *_tell_staff("case.escalated", "owner", topic=Topic.OWN_CASES),
    *_tell_staff("case.escalated", "tier", topic=Topic.HANDED_OVER),
    *_tell("case.escalated", "staff_follower"),
    *_tell("chat.started", "chat_agents"),
    *_tell("chat.returned", "chat_agents"),
    *_tell("chat.handed_over", "chat_successor"),
    *_tell("call.logged", "surveyed", bell=False, mail="talked", mailing=Mailing.ALWAYS),
    *_tell("chat.ended", "surveyed", bell=False, mail="chat_ended", mailing=Mailing.ALWAYS),
    *_tell("chat.ended", "chatter", mail="chat_ended", mailing=Mailing.UNLESS_OFF, topic=Topic.ANSWERS, bell=False),
    *_tell("survey.low_score", "low_answers", mail="low_score", mailing=Mailing.ALWAYS),
    *_tell("survey.call_asked", "follow_up_owner", "low_answers", mail="call_asked", mailing=Mailing.ALWAYS),
    *_tell("sla.alarm", "alarmed", mail="alarm", mailing=Mailing.ALWAYS, gathered=True),
    *_tell("sla.objected", "owner", "unowned"),
    *_tell("approval.asked", "approvers", mail="approval_asked", mailing=Mailing.ALWAYS),
    *_tell("approval.continued", "approvers", mail="approval_asked", mailing=Mailing.ALWAYS),
    *_tell("approval.approver_added", "added_approver", mail="approval_asked", mailing=Mailing.ALWAYS),
    *_tell("approval.reminded", "approvers", mail="approval_reminder", mailing=Mailing.ALWAYS),
    *_tell(
        "approval.approved",
        *("contact", "reporter"),
        mail="approval_decided",
        mailing=Mailing.UNLESS_OFF,
        topic=Topic.STATUS,
    ),
    *(
        rule
        for event, mail in (("approval.refused", "approval_decided"), ("approval.expired", "approval_expired"))
        for rule in _tell(event, "contact", "reporter", mail=mail, mailing=Mailing.ALWAYS)
    ),
    *(
        rule
        for event in ("approval.approved", "approval.refused", "approval.expired")
        for rule in (
            *_tell_staff(event, *_OWNERS, topic=Topic.OWN_CASES),
            *_tell_staff(event, "unowned", topic=Topic.UNOWNED),
        )
    ),
    *_tell("approval.withdrawn", "asked_approvers"),
    *(
        rule
        for event in ("approval.stuck", "approval.stuck_inside")
        for rule in (
            *_tell(event, "owner", mail="staff_news", mailing=Mailing.ALWAYS),
            *_tell_staff(event, "unowned", topic=Topic.UNOWNED),
        )
    ),
    *(
        rule
        for event, audience in (
            *(("approval.asked_inside", "approvers"), ("approval.continued_inside", "approvers")),
            *(("approval.approver_added_inside", "added_approver"), ("approval.reminded_inside", "approvers")),
            *(("approval.approved_inside", "approval_asker"), ("approval.refused_inside", "approval_asker")),
            ("approval.expired_inside", "approval_asker"),
        )
        for rule in _tell(event, audience, mail="staff_news", mailing=Mailing.ALWAYS)
    ),
    *_tell("snooze.ended", "snoozer"),
    *_tell_staff("task.assigned", "task_assignee", topic=Topic.OWN_CASES),
    *_tell_staff("case.reply_not_sent", "reply_writer", topic=Topic.OWN_CASES),
    *_tell("call.overdue", "call_owner", "owner", "unowned", mail="staff_news", mailing=Mailing.ALWAYS),
    *_tell("sla.late", "contact", "reporter", mail="late_promise", mailing=Mailing.UNLESS_OFF, topic=Topic.STATUS),
    *_tell("announcement.told", "announcement_follower", mail="announcement", mailing=Mailing.ALWAYS),
    *_tell("announcement.told", "affected", mail="announcement", mailing=Mailing.UNLESS_OFF, topic=Topic.ANNOUNCEMENTS),
    *_tell("announcement.update_due", "announcers", mail="announcement_due", mailing=Mailing.ALWAYS),
    *_tell("community.told", "topic_readers", mail="community_news", mailing=Mailing.UNLESS_OFF, topic=Topic.COMMUNITY),
    *_tell("community.told_staff", "topic_staff"),
    *_tell("community.unanswered", "space_watchers", mail="community_waits", mailing=Mailing.ALWAYS),
    *_tell("community.reported", "moderators", mail="community_waits", mailing=Mailing.ALWAYS),
    *_tell("community.held", "moderators", mail="community_waits", mailing=Mailing.ALWAYS),
    *_tell("sight.gained", "administrators", mail="sight_gained", mailing=Mailing.ALWAYS),
    *_tell("mailbox.paused", "administrators", mail="mailbox_paused", mailing=Mailing.ALWAYS),
    *_tell("sending.paused", "administrators", mail="sending_paused", mailing=Mailing.ALWAYS),
    *_tell(
        "registration.asked", "client_administrators", bell=False, mail="registration_asked", mailing=Mailing.ALWAYS
    ),
    *_tell("registration.asked", "administrators", bell=False, mail="registration_waits", mailing=Mailing.ALWAYS),
    *_tell("person.let_in", "person", bell=False, mail="let_in", mailing=Mailing.ALWAYS),
    *_tell("person.not_let_in", "person", bell=False, mail="not_let_in", mailing=Mailing.ALWAYS),
    *_tell("person.invited", "person", bell=False, mail="invitation", mailing=Mailing.ALWAYS),
    *_tell("person.reset_asked", "person", bell=False, mail="password_reset", mailing=Mailing.ALWAYS),
    *_tell("person.registered", "person", bell=False, mail="registration", mailing=Mailing.ALWAYS),
    *_tell("person.sign_in_asked", "person", bell=False, mail="sign_in_link", mailing=Mailing.ALWAYS),
    *_tell("person.sign_in_code_asked", "person", bell=False, mail="sign_in_code", mailing=Mailing.ALWAYS),
    *_tell("person.new_device", "person", bell=False, mail="new_device", mailing=Mailing.ALWAYS),
    *(
        rule
        for event in (
            *("person.factor_added", "person.factor_removed", "person.recovery_codes_made"),
            *("person.recovery_code_used", "person.factors_reset", "person.codes_failed"),
        )
        for rule in _tell(event, "person", bell=False, mail="factor_changed", mailing=Mailing.ALWAYS)
    ),
    *_tell("person.email_change_asked", "person", bell=False, mail="email_change_notice", mailing=Mailing.ALWAYS),
    *_tell("person.email_change_asked", "new_address", bell=False, mail="email_change", mailing=Mailing.ALWAYS),
    *_tell("person.account_asked", "person", bell=False, mail="which_account", mailing=Mailing.ALWAYS),
    *_tell("person.reply_stopped", "person", bell=False, mail="reply_stopped", mailing=Mailing.ALWAYS),
    *_tell("person.password_set", "person", bell=False, mail="password_set", mailing=Mailing.ALWAYS),
)


def _by_event() -> Mapping[str, Sequence[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in RULES:
        found.setdefault(rule.event, []).append(rule)
    return found


BY_EVENT: Mapping[str, Sequence[Rule]] = _by_event()
BELL_EVENTS = frozenset(rule.event for rule in RULES if rule.bell)
MAIL_EVENTS = frozenset(rule.event for rule in RULES if rule.mail)
# The kind of mail that tells of several cases at once, and the kinds that are gathered for it.
DIGEST_KIND = "alarm_digest"
GATHERED_KINDS = frozenset(rule.mail for rule in RULES if rule.gathered)
# The kinds that whoever chose it gets once a day, as one mail of the kinds NEWS_KIND and STAFF_NEWS_KIND: nothing waits
# for an answer to them. Emergencies come at once.
ORDINARY_KINDS = frozenset({"answered", "comment", "status", "staff_news"})
# … and so does who owns a case now: its new owner has work, its former one has none.
OWNER_EVENTS = frozenset({"case.assigned", "case.taken"})
# … and what is said to one person: the word of a customer to whoever owns their case, and that one's own email stands
# still. The mail of the day gathers what is said to several.
ADDRESSED = frozenset(
    {
        *((event, "owner") for event in ("case.replied", "case.reply_stopped", "case.rejected", "case.reopened")),
        ("case.mail_stopped", "mail_sender"),
        ("case.files_refused", "mail_sender"),
    }
)
NEWS_KIND, STAFF_NEWS_KIND = "daily_news", "daily_staff_news"
DIGEST_KINDS = frozenset({DIGEST_KIND, NEWS_KIND, STAFF_NEWS_KIND})
NEWS_HOUR = 8
# The kinds of mail that lead to the desk; all others are read by customers.
STAFF_KINDS = frozenset(
    {
        *(
            "announcement_due",
            "community_waits",
            "sight_gained",
            "registration_waits",
            "mailbox_paused",
            "sending_paused",
            "staff_news",
            "low_score",
            "call_asked",
            "alarm",
            DIGEST_KIND,
        ),
        STAFF_NEWS_KIND,
    }
)
# The kinds of mail whose link says yes or no.
APPROVAL_KINDS = frozenset({"approval_asked", "approval_reminder"})
# The kinds of mail about no case that a link in each of them ends, and the choice that it makes.
ENDED_BY_LINK: Mapping[str, Topic] = {
    rule.mail: rule.topic
    for rule in RULES
    if rule.topic is not None and rule.event in ("announcement.told", "community.told")
}
# The kinds of mail to addresses that get the status page: to no person, and by no row of the table.
SUBSCRIBER_KINDS = frozenset({"status_confirm", "status_news"})
# The mails of these events are about a person, not about a case.
PERSON_EVENTS = frozenset(rule.event for rule in RULES if rule.audience == "person")
# With which mails a survey may come.
SURVEY_KINDS = frozenset({"resolved", "closed", "talked", "chat_ended"})


# Mails that wait for nobody's quiet hours: access and passwords, alarms about promises (those of announcements too),
# email that is not read.
_PERSON_KINDS = frozenset(rule.mail for rule in RULES if rule.event in PERSON_EVENTS)
URGENT_KINDS = frozenset(
    {
        *_PERSON_KINDS,
        "announcement_due",
        "sight_gained",
        "mailbox_paused",
        "sending_paused",
        *GATHERED_KINDS,
        DIGEST_KIND,
    }
)


def is_urgent(kind: str, severity: int | None) -> bool:
    """Whether a mail of *kind* about a case of *severity* (None: about none) is sent in quiet hours too."""
    return kind in URGENT_KINDS or severity == 1


def may_wait_for_the_day(kind: str, severity: int, event: str, audience: str) -> bool:
    """Whether a mail of *kind* to *audience* about *event* of a case of *severity* may be part of the mail of the
    day."""
    return kind in ORDINARY_KINDS and severity != 1 and event not in OWNER_EVENTS and (event, audience) not in ADDRESSED


def next_news_time(since: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """When the mail of the day is written whose first event was at *since*: the next NEWS_HOUR o'clock in *zone*."""
    there = since.astimezone(zone)
    day = there.date() + dt.timedelta(days=1 if there.hour >= NEWS_HOUR else 0)
    return dt.datetime.combine(day, dt.time(NEWS_HOUR), zone).astimezone(dt.UTC)


def end_of_quiet(now: dt.datetime, zone: dt.tzinfo, begins: int, ends: int) -> dt.datetime:
    """When a mail that was written at *now* is sent to somebody who wants none from *begins* to *ends* (hours of the
    clock in *zone*): now, or at the end of the quiet hours."""
    there = now.astimezone(zone)
    after = (there.hour - begins) % 24
    if after >= (ends - begins) % 24:
        return now
    day = there.date() + dt.timedelta(days=1 if there.hour >= ends else 0)
    return dt.datetime.combine(day, dt.time(ends), zone).astimezone(dt.UTC)


def is_mailed(rule: Rule, severity: int, choice: bool | None) -> bool:
    """Whether *rule* sends a mail about a case of *severity* to somebody whose choice for its topic is *choice*
    (None: they chose nothing)."""
    match rule.mailing:
        case Mailing.ALWAYS:
            return True
        case Mailing.UNLESS_OFF:
            return choice is not False
        case Mailing.EMERGENCIES:
            return severity == 1 or choice is True
    return False
