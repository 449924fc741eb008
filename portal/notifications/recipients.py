"""Who is told of an event, on which side, and why. Asked when the telling happens: only who may see the case now hears.

`rules.RULES` names the audiences of each event; this module finds their people. Left out are whoever did it, whoever
muted the case (but for its end), and everybody whom the case's own rules do not admit at this moment.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import exists, or_, select

from portal.announcements.queries import announcement, follow_modes, reach_of, reached_people
from portal.approvals.queries.approvers import people_of_steps
from portal.approvals.queries.requests import find_request
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, ContactRole, StaffRole
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseSubscription
from portal.cases.queries.contact_cases import may_decide_about_leaver
from portal.cases.queries.interface import may_see
from portal.cases.queries.joins import answers_of
from portal.cases.queries.mentions import mentioned_ids
from portal.cases.queries.people import visibility_facts
from portal.chat.queries.availability import here_staff_users
from portal.community.queries import readers
from portal.identity.models import User
from portal.identity.queries import current_user_id
from portal.kernel import ids
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import Event
from portal.notifications.rules import ASKING, BY_EVENT, CUSTOMER_EVENTS, NEVER_UNHEARD, Rule
from portal.surveys.models import SurveyFollowUp
from portal.surveys.queries.plan import terms
from portal.tenants.models import Contact, ContactAccess, StaffAccount, StaffDepartment, StaffMember
from portal.tenants.queries import actors

# The most people of the staff who are told of one event.
STAFF_LIMIT = 200
# Audiences to which whoever did it belongs nevertheless: who opens a case gets its receipt, who ends a chat its text.
WITH_ACTOR = frozenset({"receipt", "surveyed", "chatter"})
CLIENT_ADMINISTRATORS = frozenset({"client_administrators", "leaver_administrators"})


class EventFacts(Protocol):
    """What the audiences of an event depend on: a stored event, or one that is only about to happen."""

    name: Any
    subject_id: Any
    actor_user_id: Any
    actor_side: Any
    facts: Any


@dataclass(slots=True)
class PlannedEvent:
    """An event that is about to happen: whom would it reach?"""

    name: str
    actor_user_id: uuid.UUID | None
    actor_side: str
    facts: Mapping[str, Any]
    subject_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person who hears of an event, as whom, and why (a key of `labels.reason_label`)."""

    user: User
    side: Side
    reason: str
    actor: Actor
    # The row of the table by which they hear; None for people who were asked about by name.
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who would be told if they may."""

    user_id: Id
    side: Side
    reason: str
    rule: Rule | None = None


def find_recipients(
    ctx: Context, event: EventFacts, case: Case, rules: Sequence[Rule], surveyed: Id | None = None
) -> list[Recipient]:
    """Who hears of *event* in *case* by *rules*, which are rows of this event. At most one entry a person.

    *surveyed* is the person who is asked in a survey that came with the event. An owner who may not see the case any
    more owns it in name only: it counts as nobody's.
    """
    admitted = _admit(ctx, case, event, _candidates(ctx, event, case, rules, surveyed))
    unowned = next((rule for rule in rules if rule.audience == "unowned"), None)
    if unowned is not None and not _has_working_owner(ctx, case, admitted, rules):
        found = _unowned_staff(ctx, case, event, unowned)
        known = {one.user.id for one in admitted}
        admitted += [one for one in _admit(ctx, case, event, found) if one.user.id not in known]
    muted = set(_subscribers(ctx, case, "mute"))
    heard = [
        one
        for one in admitted
        if (one.user.id != event.actor_user_id or (one.rule is not None and one.rule.audience in WITH_ACTOR))
        and (one.user.id not in muted or (one.rule is not None and one.rule.ignores_mute))
    ]
    if event.name in ASKING and not any(one.side is Side.CONTACT for one in heard):
        # Everybody who is asked muted the case: a question that waits for an answer is told nevertheless.
        heard += [one for one in admitted if one.side is Side.CONTACT and one.user.id != event.actor_user_id]
    needs_staff = unowned is not None and event.name in NEVER_UNHEARD and event.actor_side != Side.STAFF
    if unowned is not None and needs_staff and not any(_may_answer(one, case) for one in heard):
        last = {one.user.id: one for one in _last_resort(ctx, case, event, unowned)}
        heard = [*(one for one in heard if one.user.id not in last), *last.values()]
    return heard


def _may_answer(one: Recipient, case: Case) -> bool:
    """Whether they are told on the desk and may do something about it: an auditor who follows may not."""
    return one.side is Side.STAFF and can(one.actor, Permission.CASE_ANSWER, case)


def find_administrators_told(ctx: Context, event: Event) -> list[Recipient]:
    """Who hears of *event*, which concerns no case: the administrators of the client, or else those of the provider."""
    return find_client_administrators(ctx, event) or find_administrators(ctx, event)


def find_without_case(ctx: Context, event: Event) -> list[Recipient]:
    """Who hears of *event*, which concerns no case: whom an announcement reaches, whoever keeps it up to date, or
    administrators."""
    audiences = {rule.audience: rule for rule in BY_EVENT.get(event.name, ())}
    if "affected" in audiences:
        return _find_affected(ctx, event, audiences["affected"])
    if "topic_readers" in audiences:
        return _find_topic_readers(ctx, event, audiences["topic_readers"])
    if "topic_staff" in audiences:
        return _find_following_staff(ctx, event, audiences["topic_staff"])
    if "space_watchers" in audiences or "moderators" in audiences:
        return _find_community_staff(ctx, event, next(iter(audiences.values())))
    if "announcers" in audiences:
        return _find_announcers(ctx, event, audiences["announcers"])
    return find_administrators_told(ctx, event)


def _find_affected(ctx: Context, event: Event, rule: Rule) -> list[Recipient]:
    """The people of the organization of *event* whom the announcement reaches at this moment. Somebody of several
    organizations is told through one of them. Whoever follows it is mailed whatever they chose for all; whoever muted
    it hears nothing."""
    try:
        row = announcement(ctx, event.subject_id) if event.subject_id else None
    except NotFound:
        return []
    if row is None or event.organization_id is None:
        return []
    found = reached_people(ctx, reach_of(ctx, row), event.organization_id)
    modes = follow_modes(ctx, row)
    following = next((one for one in BY_EVENT[event.name] if one.audience == "announcement_follower"), rule)
    return [
        Recipient(user, Side.CONTACT, "affected_place", actor, following if modes.get(user.id) == "follow" else rule)
        for user, actor in found
        if user.id != event.actor_user_id and modes.get(user.id) != "mute"
    ]


def is_still_affected(ctx: Context, user_id: Id | None, event_id: Id | None) -> bool:
    """Whether an announcement that was told by this event still reaches this person."""
    event = ctx.session.get(Event, event_id) if event_id else None
    if event is None or event.subject_id is None or user_id is None:
        return False
    try:
        row = announcement(ctx, event.subject_id)
    except NotFound:
        return False
    return bool(reached_people(ctx, reach_of(ctx, row), only=user_id))


def _find_topic_readers(ctx: Context, event: Event, rule: Rule) -> list[Recipient]:
    """The people of the organization of *event* who follow the topic, or the one person whom it is for, while they may
    read what it is about. Somebody of several organizations is told through one of them."""
    post = readers.told_post(ctx, ids.parse_id(event.facts.get("post")))
    if post is None:
        return []
    person = ids.parse_id(event.facts.get("person"))
    people = readers.followers(ctx, post) if person is None else list(_people(ctx, [person]).values())
    reason = "topic_follower" if person is None else "topic_author"
    return [
        Recipient(user, Side.CONTACT, reason, actor, rule)
        for user, actor in readers.readers_of(ctx, post, people)
        if min(actor.memberships) == event.organization_id
    ]


def _find_following_staff(ctx: Context, event: Event, rule: Rule) -> list[Recipient]:
    """The staff who follow the topic and may read it on the desk."""
    post = readers.told_post(ctx, ids.parse_id(event.facts.get("post")))
    people = readers.followers(ctx, post) if post is not None else []
    on_desk = actors.staff_actors(ctx, people)
    return [
        Recipient(user, Side.STAFF, "topic_follower", on_desk[user.id], rule)
        for user in people
        if user.id in on_desk and readers.reads_on_desk(ctx, on_desk[user.id], event.subject_id)
    ]


def is_still_reading(ctx: Context, user_id: Id | None, event_id: Id | None) -> bool:
    """Whether somebody who was told of a text of the community may still read it."""
    event = ctx.session.get(Event, event_id) if event_id else None
    post = readers.told_post(ctx, ids.parse_id(event.facts.get("post"))) if event is not None else None
    if post is None or user_id is None:
        return False
    return bool(readers.readers_of(ctx, post, list(_people(ctx, [user_id]).values())))


def _find_community_staff(ctx: Context, event: Event, rule: Rule) -> list[Recipient]:
    """Who watches the space of a topic, or decides about texts, and may read the topic on the desk."""
    is_watch = rule.audience == "space_watchers"
    user_ids = readers.watchers(ctx, event.subject_id) if is_watch else readers.moderators(ctx)
    people = _people(ctx, user_ids)
    on_desk = actors.staff_actors(ctx, people.values())
    return [
        Recipient(people[user_id], Side.STAFF, "space_watcher" if is_watch else "moderator", actor, rule)
        for user_id, actor in on_desk.items()
        if readers.reads_on_desk(ctx, actor, event.subject_id)
    ]


def _find_announcers(ctx: Context, event: Event, rule: Rule) -> list[Recipient]:
    """Whoever wrote the announcement, while they may write some; else the leads and administrators of all accounts."""
    author = ids.parse_id(event.facts.get("author"))
    writers = [role.value for role in StaffRole if Permission.ANNOUNCEMENT_WRITE in ROLES[role]]
    members = scope(ctx.actor, StaffMember).where(StaffMember.active, StaffMember.role.in_(writers))
    wrote = ctx.session.scalars(
        members.where(StaffMember.user_id == author).with_only_columns(StaffMember.user_id)
    ).all()
    everybody = members.where(StaffMember.all_accounts).with_only_columns(StaffMember.user_id)
    user_ids = wrote or ctx.session.scalars(everybody.order_by(StaffMember.id).limit(STAFF_LIMIT)).all()
    people = _people(ctx, user_ids)
    on_desk = actors.staff_actors(ctx, people.values())
    return [
        Recipient(people[user_id], Side.STAFF, "announcer", on_desk[user_id], rule)
        for user_id in user_ids
        if user_id in on_desk
    ]


def find_client_administrators(ctx: Context, event: Event) -> list[Recipient]:
    """The administrators of the organization of *event*, which concerns no case; nobody for an event of another kind,
    or of no organization. Of somebody who left hear only those who may hand over an open case that they see."""
    rule = next((rule for rule in BY_EVENT.get(event.name, ()) if rule.audience in CLIENT_ADMINISTRATORS), None)
    if rule is None or event.organization_id is None:
        return []
    looks_after = exists().where(
        ContactAccess.contact_id == Contact.id, ContactAccess.role == ContactRole.ORGANIZATION_ADMIN
    )
    contacts = scope(ctx.actor, Contact).where(
        Contact.organization_id == event.organization_id, Contact.active, looks_after
    )
    user_ids = ctx.session.scalars(contacts.with_only_columns(Contact.user_id).limit(STAFF_LIMIT)).all()
    people = _people(ctx, user_ids)
    on_portal = actors.contact_actors(ctx, people.values())
    found = [
        Recipient(person, Side.CONTACT, "administrator", on_portal[user_id], rule)
        for user_id, person in people.items()
        if person.ended_at is None
    ]
    if rule.audience == "leaver_administrators":
        leaver = ctx.session.get_one(Contact, event.subject_id)
        return [one for one in found if may_decide_about_leaver(ctx, one.actor, leaver)]
    return found


def find_administrators(ctx: Context, event: EventFacts) -> list[Recipient]:
    """The active administrators who hear of *event*, which concerns no case: all but whoever did it."""
    rule = next((rule for rule in BY_EVENT.get(event.name, ()) if rule.audience == "administrators"), None)
    if rule is None:
        return []
    members = scope(ctx.actor, StaffMember).where(
        StaffMember.active, StaffMember.role == StaffRole.ADMIN, StaffMember.user_id != event.actor_user_id
    )
    user_ids = ctx.session.scalars(members.with_only_columns(StaffMember.user_id).limit(STAFF_LIMIT)).all()
    people = _people(ctx, user_ids)
    on_desk = actors.staff_actors(ctx, people.values())
    return [
        Recipient(people[user_id], Side.STAFF, "administrator", on_desk[user_id], rule)
        for user_id in user_ids
        if user_id in on_desk
    ]


def _admit(ctx: Context, case: Case, event: EventFacts, candidates: Iterable[Candidate]) -> list[Recipient]:
    """Those of *candidates* who may hear of *event*, each once, for the strongest reason."""
    chosen: dict[Id, Candidate] = {}
    for candidate in candidates:
        if candidate.side is Side.STAFF or event.name in CUSTOMER_EVENTS:
            chosen.setdefault(candidate.user_id, candidate)
    return filter_admitted(ctx, case, chosen.values())


def _has_working_owner(ctx: Context, case: Case, admitted: Iterable[Recipient], rules: Sequence[Rule]) -> bool:
    if case.owner is None:
        return False
    if not any(rule.audience == "owner" for rule in rules):
        return bool(staff_recipients(ctx, case, case.owner.user_id))
    return any(one.side is Side.STAFF and one.user.id == case.owner.user_id for one in admitted)


def contact_recipients(ctx: Context, case: Case, *user_ids: Id) -> list[Recipient]:
    """Those of *user_ids* who may see *case* on the portal now, whatever they asked to hear."""
    known = {case.contact_user_id: "contact", case.reported_by_id: "reporter"}
    wanted = [Candidate(i, Side.CONTACT, known.get(i, "participant")) for i in dict.fromkeys(user_ids)]
    return filter_admitted(ctx, case, wanted)


def staff_recipients(ctx: Context, case: Case, *user_ids: Id) -> list[Recipient]:
    """Those of *user_ids* who may see *case* on the desk now."""
    return filter_admitted(ctx, case, [Candidate(i, Side.STAFF, "colleague") for i in dict.fromkeys(user_ids)])


def filter_admitted(ctx: Context, case: Case, candidates: Iterable[Candidate]) -> list[Recipient]:
    """Those of *candidates* whom the case's rules admit on that side now; exclusion beats everything."""
    wanted = list(candidates)
    if not wanted:
        return []
    place = visibility_facts(ctx, case)
    people = _people(ctx, [c.user_id for c in wanted])
    here = {
        side: [people[c.user_id] for c in wanted if c.side is side and c.user_id in people]
        for side in (Side.CONTACT, Side.STAFF)
    }
    on_side: dict[Side, dict[Id, Actor]] = {
        Side.CONTACT: actors.contact_actors(ctx, here[Side.CONTACT]),
        Side.STAFF: actors.staff_actors(ctx, here[Side.STAFF]),
    }
    found = []
    for candidate in wanted:
        actor = on_side[candidate.side].get(candidate.user_id)
        if actor is not None and may_see(actor, place):
            found.append(Recipient(people[candidate.user_id], candidate.side, candidate.reason, actor, candidate.rule))
    return found


def find_person(ctx: Context, user_id: Id) -> User | None:
    """The person *user_id*; None once they have left."""
    return _people(ctx, [user_id]).get(user_id)


def find_reader(ctx: Context, user_id: Id, side: Side, event_id: Id) -> Recipient | None:
    """The person *user_id* on *side*, who was told of an event without a case; None where they may not read what it is
    about any more, or are not on that side."""
    person = find_person(ctx, user_id)
    event = ctx.session.get(Event, event_id)
    if person is None or event is None:
        return None
    if (
        event.name.startswith("announcement.")
        and side is Side.CONTACT
        and not is_still_affected(ctx, user_id, event_id)
    ):
        return None
    if event.name.startswith("community.") and side is Side.CONTACT and not is_still_reading(ctx, user_id, event_id):
        return None
    find = actors.staff_actors if side is Side.STAFF else actors.contact_actors
    actor = find(ctx, [person]).get(user_id)
    return Recipient(person, side, "", actor) if actor is not None else None


def _people(ctx: Context, user_ids: Sequence[Id]) -> dict[Id, User]:
    rows = ctx.session.scalars(scope(ctx.actor, User).where(User.id.in_(user_ids), User.ended_at.is_(None)))
    return {user.id: user for user in rows}


# -- audiences --------------------------------------------------------------------------------------------------------


def _candidates(
    ctx: Context, event: EventFacts, case: Case, rules: Sequence[Rule], surveyed: Id | None
) -> Iterator[Candidate]:
    for rule in rules:
        for candidate in _audience(ctx, event, case, rule.audience, surveyed):
            yield replace(candidate, rule=rule)


def _audience(ctx: Context, event: EventFacts, case: Case, audience: str, surveyed: Id | None) -> Iterator[Candidate]:
    """The people of one audience. `unowned` is left to `find_recipients`, which knows whether the owner works."""
    match audience:
        case "receipt":
            if case.reported_side == Side.CONTACT:
                yield Candidate(case.reported_by_id, Side.CONTACT, "reporter")
        case "opened_for":
            if case.on_behalf and event.facts.get("notify"):
                yield Candidate(case.contact_user_id, Side.CONTACT, "contact")
        case "contact":
            yield Candidate(case.contact_user_id, Side.CONTACT, "contact")
        case "file_sender":
            sender = ids.parse_id(event.facts.get("user"))
            if sender is not None and event.facts.get("side") == Side.CONTACT:
                yield Candidate(current_user_id(ctx, sender), Side.CONTACT, "mail_sender")
        case "new_contact":
            if "contact_id" in event.facts.get("changed", ()):
                yield Candidate(case.contact_user_id, Side.CONTACT, "contact")
        case "reporter":
            if case.reported_side == Side.CONTACT:
                yield Candidate(case.reported_by_id, Side.CONTACT, "reporter")
        case "copied":
            yield from _copied(case)
        case "mentioned_client" if event.name != "case.noted":
            for mentioned in mentioned_people(ctx, event):
                if case.owner is None or mentioned != case.owner.user_id:
                    yield Candidate(mentioned, Side.CONTACT, "mentioned")
        case "undecided":
            for affected_id in sorted(answers_of(ctx, case).waiting):
                yield Candidate(affected_id, Side.CONTACT, "affected")
        case "added":
            user_id = ids.parse_id(event.facts.get("user"))
            # Whoever is asked for a yes hears of that, and not also that they may read the case.
            if user_id is not None and not event.facts.get("asked"):
                user_id = current_user_id(ctx, user_id)
                yield Candidate(user_id, Side.CONTACT, str(event.facts.get("kind", "participant")))
        case "chatter":
            chatter = ids.parse_id(event.facts.get("user"))
            if chatter is not None:
                yield Candidate(current_user_id(ctx, chatter), Side.CONTACT, "chatter")
        case "surveyed":
            if surveyed is not None:
                reason = "contact" if surveyed == case.contact_user_id else "participant"
                yield Candidate(surveyed, Side.CONTACT, reason)
        case "approvers" | "asked_approvers" | "added_approver" | "approval_asker":
            yield from _approval_people(ctx, event, audience)
        case "follower" | "staff_follower":
            yield from _followers(ctx, case, Side.STAFF if audience == "staff_follower" else Side.CONTACT)
        case _:
            yield from _staff_audience(ctx, event, case, audience)


def _approval_people(ctx: Context, event: EventFacts, audience: str) -> Iterator[Candidate]:
    """Who is asked for a yes now, whoever was asked in the step that ended, one who was asked later, or who asked."""
    row = find_request(ctx, ids.parse_id(event.facts.get("request")))
    if row is None:
        return
    side = Side.STAFF if row.internal else Side.CONTACT
    if audience == "approval_asker":
        people = [row.asked_by_id] if row.asked_by_id else []
    elif audience == "added_approver":
        added = ids.parse_id(event.facts.get("user"))
        people = [added] if added in row.waiting_ids else []
    elif audience == "approvers":
        people = list(row.waiting_ids)
    else:
        people = people_of_steps(row.steps[: row.step + 1])
    for user_id in people:
        if user_id is not None:
            yield Candidate(user_id, side, "asker" if audience == "approval_asker" else "approver")


def _staff_audience(ctx: Context, event: EventFacts, case: Case, audience: str) -> Iterator[Candidate]:
    match audience:
        case "owner":
            if case.owner is not None:
                yield Candidate(case.owner.user_id, Side.STAFF, "owner")
        case "owner_of_new_contact":
            if case.owner is not None and "contact_id" in event.facts.get("changed", ()):
                yield Candidate(case.owner.user_id, Side.STAFF, "owner")
        case "mentioned":
            # In public only the owner can be mentioned of the staff; notes mention nobody else than staff.
            for user_id in mentioned_people(ctx, event):
                if event.name == "case.noted" or (case.owner is not None and user_id == case.owner.user_id):
                    yield Candidate(user_id, Side.STAFF, "mentioned")
        case "former_owner":
            yield from _former_owner(ctx, event, case)
        case "department":
            if case.owner_id is None:
                yield from _department_or_account_staff(_account_staff(ctx, case))
        case "tier":
            if event.facts.get("tier"):
                yield from _tier_staff(_account_staff(ctx, case), int(event.facts["tier"][1]))
        case "low_answers":
            yield from _low_answer_recipients(ctx, case)
        case "mail_sender":
            sender = ids.parse_id(event.facts.get("user"))
            if sender is not None and event.facts.get("side", Side.STAFF) == Side.STAFF:
                yield Candidate(current_user_id(ctx, sender), Side.STAFF, "mail_sender")
        case "call_owner":
            if (caller := ids.parse_id(event.facts.get("owner"))) is not None:
                yield Candidate(caller, Side.STAFF, "call_owner")
        case "chat_agents":
            for user_id in here_staff_users(ctx):
                yield Candidate(user_id, Side.STAFF, "takes_chats")
        case "reply_writer":
            yield from _staff_member(ctx, event.facts.get("staff"), "reply_writer")
        case "snoozer":
            # The owner hears of the customer's words and of the assignment in any case; nobody is told twice.
            snoozer = ids.parse_id(event.facts.get("user"))
            told = case.owner.user_id if case.owner is not None and event.facts.get("why") != "due" else None
            if snoozer is not None and snoozer != told:
                yield Candidate(snoozer, Side.STAFF, "snoozer")
        case "task_assignee":
            yield from _staff_member(ctx, event.facts.get("staff"), "task_assignee")
        case "chat_successor":
            yield from _staff_member(ctx, event.facts.get("to"), "takes_chats")
        case "follow_up_owner":
            yield from _follow_up_owner(ctx, event)
        case "alarmed":
            for written in event.facts.get("tell", ()):
                if (alarmed := ids.parse_id(written)) is not None:
                    yield Candidate(alarmed, Side.STAFF, "alarmed")


def _former_owner(ctx: Context, event: EventFacts, case: Case) -> Iterator[Candidate]:
    """Whose case it was before *event*, unless it is theirs again by now."""
    staff_id = ids.parse_id((event.facts.get("owner") or [""])[0])
    if staff_id is None or staff_id == case.owner_id:
        return
    rows = scope(ctx.actor, StaffMember).where(StaffMember.id == staff_id)
    for user_id in ctx.session.scalars(rows.with_only_columns(StaffMember.user_id)):
        yield Candidate(user_id, Side.STAFF, "former_owner")


def _staff_member(ctx: Context, written: Any, reason: str) -> Iterator[Candidate]:
    staff_id = ids.parse_id(written)
    if staff_id is not None:
        rows = scope(ctx.actor, StaffMember).where(StaffMember.id == staff_id)
        for user_id in ctx.session.scalars(rows.with_only_columns(StaffMember.user_id)):
            yield Candidate(user_id, Side.STAFF, reason)


@dataclass(frozen=True, slots=True)
class AccountStaff:
    """Somebody who answers cases and looks after the account of a case."""

    user_id: Id
    role: str
    tier: int
    # Whether they work in the department of the case.
    in_department: bool


def _account_staff(ctx: Context, case: Case) -> list[AccountStaff]:
    """Active staff who answer cases and look after the account of *case*."""
    answer = [role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]
    looks_after = select(StaffAccount.staff_id).where(StaffAccount.account_id == case.account_id)
    department = select(StaffDepartment.staff_id).where(StaffDepartment.department_id == case.department_id)
    rows = scope(ctx.actor, StaffMember).where(
        StaffMember.active,
        StaffMember.role.in_(answer),
        or_(StaffMember.all_accounts, StaffMember.id.in_(looks_after)),
    )
    found = rows.with_only_columns(
        StaffMember.user_id, StaffMember.role, StaffMember.tier, StaffMember.id.in_(department)
    )
    return [AccountStaff(*row) for row in ctx.session.execute(found.order_by(StaffMember.id).limit(STAFF_LIMIT))]


def _department_or_account_staff(staff: Sequence[AccountStaff]) -> Iterator[Candidate]:
    """The department of the case; where nobody works in it, everybody who looks after the account, but for
    administrators, who have other things to do."""
    members = [one for one in staff if one.in_department]
    for one in members:
        yield Candidate(one.user_id, Side.STAFF, "department")
    if not members:
        for one in staff:
            if one.role != StaffRole.ADMIN:
                yield Candidate(one.user_id, Side.STAFF, "unowned")


def _unowned_staff(ctx: Context, case: Case, event: EventFacts, rule: Rule) -> Iterator[Candidate]:
    """Leads and the department hear of a case that nobody owns; without a department everybody of the account.

    The tier that a case was handed to hears of that by the hand-over itself.
    """
    if event.name == "case.assigned" and event.facts.get("handed_over"):
        return
    staff = _account_staff(ctx, case)
    for candidate in _department_or_account_staff(staff):
        yield replace(candidate, rule=rule)
    for one in staff:
        if one.role == StaffRole.LEAD:
            yield Candidate(one.user_id, Side.STAFF, "unowned", rule)


def _tier_staff(staff: Sequence[AccountStaff], tier: int) -> Iterator[Candidate]:
    """The people of *tier*, those of the department where there are any; without any the leads."""
    of_tier = [one for one in staff if one.tier == tier]
    chosen = [one for one in of_tier if one.in_department] or of_tier
    for one in chosen:
        yield Candidate(one.user_id, Side.STAFF, "tier")
    if not chosen:
        for one in staff:
            if one.role == StaffRole.LEAD:
                yield Candidate(one.user_id, Side.STAFF, "tier")


def _last_resort(ctx: Context, case: Case, event: EventFacts, rule: Rule) -> list[Recipient]:
    """Leads and administrators who may see the case, or else anybody who answers it: a customer's word is never heard
    by nobody, whatever people muted. Whoever wrote it hears of it only if nobody else is there."""
    staff = _account_staff(ctx, case)
    staff = [one for one in staff if one.user_id != event.actor_user_id] or staff
    found: list[Recipient] = []
    for roles in ((StaffRole.LEAD, StaffRole.ADMIN), (StaffRole.AGENT,)):
        candidates = [Candidate(one.user_id, Side.STAFF, "unowned", rule) for one in staff if one.role in roles]
        found = found or filter_admitted(ctx, case, candidates)
    return found


def mentioned_people(ctx: Context, event: EventFacts) -> list[Id]:
    """The ids of the people whom the message of *event* mentions; none before it is written."""
    message_id = ids.parse_id(event.facts.get("message"))
    found = mentioned_ids(ctx, message_id) if message_id is not None else []
    return [current_user_id(ctx, user_id) for user_id in found]


def _copied(case: Case) -> Iterator[Candidate]:
    """People in copy and further affected people; readers were only shown the case."""
    for grant in case.grants:
        if grant.user_id is not None and grant.kind in ("participant", "affected"):
            yield Candidate(grant.user_id, Side.CONTACT, grant.kind)


def _subscribers(ctx: Context, case: Case, mode: str) -> Sequence[uuid.UUID]:
    return ctx.session.scalars(
        scope(ctx.actor, CaseSubscription)
        .where(CaseSubscription.case_id == case.id, CaseSubscription.mode == mode)
        .with_only_columns(CaseSubscription.user_id)
    ).all()


def _followers(ctx: Context, case: Case, side: Side) -> Iterator[Candidate]:
    """Followers hear on the desk if they work here, else on the portal."""
    following = _subscribers(ctx, case, "follow")
    if not following:
        return
    staff = set(
        ctx.session.scalars(
            scope(ctx.actor, StaffMember)
            .where(StaffMember.user_id.in_(following), StaffMember.active)
            .with_only_columns(StaffMember.user_id)
        )
    )
    for user_id in following:
        if (user_id in staff) == (side is Side.STAFF):
            yield Candidate(user_id, side, "follower")


def _low_answer_recipients(ctx: Context, case: Case) -> Iterator[Candidate]:
    """Whom the provider's rules name. Where nobody leads, administrators: a low answer is never told to nobody."""
    named = terms(ctx).low_to
    roles = {"leads": StaffRole.LEAD, "admins": StaffRole.ADMIN}
    found = _staff_of(ctx, [role for name, role in roles.items() if name in named])
    owner = [case.owner.user_id] if "owner" in named and case.owner is not None else []
    for user_id in [*found, *owner] or _staff_of(ctx, [StaffRole.ADMIN]):
        yield Candidate(user_id, Side.STAFF, "low_answers")


def _staff_of(ctx: Context, roles: Sequence[str]) -> Sequence[Id]:
    members = scope(ctx.actor, StaffMember).where(StaffMember.role.in_(roles), StaffMember.active)
    return ctx.session.scalars(members.with_only_columns(StaffMember.user_id).order_by(StaffMember.id).limit(200)).all()


def _follow_up_owner(ctx: Context, event: EventFacts) -> Iterator[Candidate]:
    owner = (
        scope(ctx.actor, StaffMember)
        .join(SurveyFollowUp, SurveyFollowUp.owner_id == StaffMember.id)
        .where(SurveyFollowUp.survey_id == event.subject_id)
        .with_only_columns(StaffMember.user_id)
    )
    for user_id in ctx.session.scalars(owner):
        yield Candidate(user_id, Side.STAFF, "follow_up_owner")


def rules_of(event_name: str, *, mail: bool) -> Sequence[Rule]:
    """The rows of an event that send mails, or those that ring bells."""
    return [rule for rule in BY_EVENT.get(event_name, ()) if (rule.mail if mail else rule.bell)]
