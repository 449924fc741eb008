"""Who is told of an event, on which side, and why. Asked when the telling happens: only who may see the case now hears.

Each event names its circles; a person in several is told once, for the strongest reason. Left out are whoever did it,
whoever muted the case (but for its end), and everybody whom the case's own rules do not admit at this moment.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.authz.roles import StaffRole
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseSubscription
from portal.cases.policies import PUBLIC_EVENTS
from portal.cases.queries.interface import may_see
from portal.cases.queries.people import visibility_facts
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.surveys.models import SurveyFollowUp
from portal.surveys.queries.plan import terms
from portal.tenants.models import StaffDepartment, StaffMember
from portal.tenants.queries import actors

CUSTOMER_GROUPS = ("contact", "reporter", "copied", "follower")
STAFF_GROUPS = ("owner", "staff_follower")

# Event → circles, the strongest reason first. An event that is not named here rings nobody's bell.
RECIPIENT_GROUPS: Mapping[str, Sequence[str]] = {
    "case.submitted": ("opened_for", "department"),
    "case.routed": ("department",),
    "case.assigned": ("owner",),
    "case.answered": (*CUSTOMER_GROUPS, "staff_follower"),
    "case.asked": (*CUSTOMER_GROUPS, "staff_follower"),
    "case.held": CUSTOMER_GROUPS,
    "case.severity_changed": (*CUSTOMER_GROUPS, "owner"),
    "case.resolved": (*CUSTOMER_GROUPS, "staff_follower"),
    "case.closing_soon": ("contact", "reporter"),
    "case.accepted": (*STAFF_GROUPS, *CUSTOMER_GROUPS),
    "case.closed": (*STAFF_GROUPS, *CUSTOMER_GROUPS),
    "case.auto_closed": (*STAFF_GROUPS, *CUSTOMER_GROUPS),
    "case.replied": (*STAFF_GROUPS, *CUSTOMER_GROUPS),
    "case.rejected": (*STAFF_GROUPS, *CUSTOMER_GROUPS),
    "case.reopened": (*STAFF_GROUPS, *CUSTOMER_GROUPS),
    "case.person_added": ("added",),
    "case.noted": STAFF_GROUPS,
    "case.escalated": STAFF_GROUPS,
    "survey.low_score": ("low_answers",),
    "survey.call_asked": ("follow_up_owner", "low_answers"),
    "sla.alarm": ("alarmed",),
    "sla.objected": ("owner",),
}
# The end of a case reaches also those who muted it.
IGNORING_MUTE = frozenset({"case.resolved", "case.accepted", "case.closed", "case.auto_closed"})
# What a customer may hear of at all: the rest stays with staff, whatever the circles say.
CUSTOMER_EVENTS = frozenset({*PUBLIC_EVENTS, "case.closing_soon"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person who hears of an event, as whom, and why (a key of `words.reason`)."""

    user: User
    side: Side
    reason: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who would be told if they may."""

    user_id: Id
    side: Side
    reason: str


def find_recipients(ctx: Context, event: Event, case: Case) -> list[Recipient]:
    """Who hears of *event* in *case*. At most one entry a person."""
    chosen: dict[Id, Candidate] = {}
    for candidate in _candidates(ctx, event, case):
        if candidate.side is Side.CONTACT and event.name not in CUSTOMER_EVENTS:
            continue
        chosen.setdefault(candidate.user_id, candidate)
    chosen.pop(event.actor_user_id, None)  # type: ignore[arg-type]
    if event.name not in IGNORING_MUTE:
        for user_id in _subscribers(ctx, case, "mute"):
            chosen.pop(user_id, None)
    return filter_admitted(ctx, case, chosen.values())


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
            found.append(Recipient(people[candidate.user_id], candidate.side, candidate.reason, actor))
    return found


def _people(ctx: Context, user_ids: Sequence[Id]) -> dict[Id, User]:
    rows = ctx.session.scalars(scope(ctx.actor, User).where(User.id.in_(user_ids), User.ended_at.is_(None)))
    return {user.id: user for user in rows}


# -- circles ----------------------------------------------------------------------------------------------------------


def _candidates(ctx: Context, event: Event, case: Case) -> Iterator[Candidate]:
    for circle in RECIPIENT_GROUPS.get(event.name, ()):
        match circle:
            case "opened_for":
                if case.on_behalf and event.facts.get("notify"):
                    yield Candidate(case.contact_user_id, Side.CONTACT, "contact")
            case "contact":
                yield Candidate(case.contact_user_id, Side.CONTACT, "contact")
            case "reporter":
                if case.reported_side == Side.CONTACT:
                    yield Candidate(case.reported_by_id, Side.CONTACT, "reporter")
            case "copied":
                yield from _copied(case)
            case "follower" | "staff_follower":
                yield from _followers(ctx, case, Side.STAFF if circle == "staff_follower" else Side.CONTACT)
            case "owner":
                if case.owner is not None:
                    yield Candidate(case.owner.user_id, Side.STAFF, "owner")
            case "department":
                if case.owner_id is None:
                    yield from _department_members(ctx, case)
            case "low_answers":
                yield from _low_answer_recipients(ctx, case)
            case "follow_up_owner":
                yield from _follow_up_owner(ctx, event)
            case "alarmed":
                for written in event.facts.get("tell", ()):
                    if (alarmed := ids.parse_id(written)) is not None:
                        yield Candidate(alarmed, Side.STAFF, "alarmed")
            case "added":
                user_id = ids.parse_id(event.facts.get("user"))
                if user_id is not None:
                    yield Candidate(user_id, Side.CONTACT, str(event.facts.get("kind", "participant")))


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


def _follow_up_owner(ctx: Context, event: Event) -> Iterator[Candidate]:
    owner = (
        scope(ctx.actor, StaffMember)
        .join(SurveyFollowUp, SurveyFollowUp.owner_id == StaffMember.id)
        .where(SurveyFollowUp.survey_id == event.subject_id)
        .with_only_columns(StaffMember.user_id)
    )
    for user_id in ctx.session.scalars(owner):
        yield Candidate(user_id, Side.STAFF, "follow_up_owner")


def _department_members(ctx: Context, case: Case) -> Iterator[Candidate]:
    """Active members of the case's department; without a department nobody: the queue shows the case."""
    if case.department_id is None:
        return
    members = ctx.session.scalars(
        select(StaffMember.user_id)
        .join(StaffDepartment, StaffDepartment.staff_id == StaffMember.id)
        .where(
            StaffDepartment.provider_id == ctx.provider_id,
            StaffDepartment.department_id == case.department_id,
            StaffMember.active,
        )
        .order_by(StaffMember.id)
        .limit(200)
    )
    for user_id in members:
        yield Candidate(user_id, Side.STAFF, "department")
