"""Who may say yes to a case: the seats of the steps of rules, and which people can load the case."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, or_

from portal.approvals.engine.steps import Mode
from portal.approvals.rules import EVERYBODY, MANAGER, MOST_SEATS
from portal.authz.scopes import scope
from portal.cases.queries.interface import VisibilityFacts, admitting_rules
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.tenants.models import Contact, ContactAccess
from portal.tenants.queries import actors
from portal.tenants.queries.reporting_lines import manager_of

# By the kind of grant: that somebody was asked lets them read the case by name.
GRANT = "reader"


@dataclass(frozen=True, slots=True)
class AskedSeat:
    """One approver of a step with their name, and the deputy where there is one."""

    id: Id
    name: str
    deputy: Id | None = None
    deputy_name: str = ""

    def data(self) -> dict[str, Any]:
        """As it is stored in a request."""
        return {
            "id": str(self.id),
            "name": self.name,
            "deputy": str(self.deputy) if self.deputy else None,
            "deputy_name": self.deputy_name,
        }

    def people(self) -> list[Id]:
        """The approver and the deputy."""
        return [self.id, *([self.deputy] if self.deputy else [])]


@dataclass(frozen=True, slots=True)
class AskedStep:
    """The seats of one step, and how many of them must say yes."""

    mode: Mode
    needed: int
    seats: tuple[AskedSeat, ...]

    def data(self) -> dict[str, Any]:
        """As it is stored in a request, and as `engine.steps.parse_steps` reads it."""
        return {"mode": self.mode.value, "needed": self.needed, "seats": [seat.data() for seat in self.seats]}


def seats_of_steps(
    ctx: Context,
    steps: Iterable[Mapping[str, Any]],
    organization_id: Id,
    account_id: Id,
    environment_id: Id | None,
    *,
    contact_user_id: Id | None = None,
    without: frozenset[Id] = frozenset(),
) -> list[AskedStep]:
    """The steps of rules for a case at this place, with the people that they name now; *without* the people who ask.
    *contact_user_id*: whom the case is for.

    Only active members of the case's organization: a rule for every client names nobody of another one. Reads as the
    caller; call it as the system. Two statements for any number of steps, and one where a step names the manager.
    """
    wanted = list(steps)
    named = {one for step in wanted for person in step.get("people", ()) for one in _ids_of(person)}
    roles = {role for step in wanted for role in step.get("roles", ())}
    names = member_names(ctx, organization_id, named)
    by_role = _people_by_role(ctx, roles - {MANAGER}, account_id, environment_id)
    if MANAGER in roles and contact_user_id is not None:
        manager = manager_of(ctx, organization_id, contact_user_id)
        by_role[MANAGER] = [manager] if manager else []
    found = []
    for step in wanted:
        seats: dict[Id, AskedSeat] = {}
        for person in step.get("people", ()):
            user_id, deputy_id = parse_id(person.get("id")), parse_id(person.get("deputy"))
            if user_id is not None and user_id in names and user_id not in without:
                deputy = deputy_id if deputy_id in names and deputy_id not in without else None
                seats[user_id] = AskedSeat(user_id, names[user_id], deputy, names[deputy] if deputy else "")
        for role in step.get("roles", ()):
            for user_id, name in by_role.get(role, ()):
                if user_id not in without:
                    seats.setdefault(user_id, AskedSeat(user_id, name))
        mode = Mode(step.get("mode", Mode.ONE))
        found.append(AskedStep(mode, int(step.get("needed") or 1), tuple(list(seats.values())[:MOST_SEATS])))
    return found


def _ids_of(person: Mapping[str, Any]) -> list[Id]:
    return [found for key in ("id", "deputy") if (found := parse_id(person.get(key))) is not None]


def member_names(ctx: Context, organization_id: Id, user_ids: Iterable[Id]) -> dict[Id, str]:
    """The names of those of *user_ids* who are active members of the organization."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    members = scope(ctx.actor, Contact).where(
        Contact.organization_id == organization_id, Contact.active, Contact.user_id.in_(wanted)
    )
    inside = User.id.in_(members.with_only_columns(Contact.user_id))
    rows = scope(ctx.actor, User).where(inside, User.ended_at.is_(None))
    return {row[0]: row[1] for row in ctx.session.execute(rows.with_only_columns(User.id, User.name))}


def _people_by_role(
    ctx: Context, roles: Iterable[str], account_id: Id, environment_id: Id | None
) -> dict[str, list[tuple[Id, str]]]:
    """(user id, name) of the active contacts with access to the place, by role, by name."""
    wanted = set(roles)
    if not wanted:
        return {}
    here: ColumnElement[bool] = ContactAccess.environment_id.is_(None)
    if environment_id is not None:
        here = or_(here, ContactAccess.environment_id == environment_id)
    rows = (
        scope(ctx.actor, ContactAccess)
        .join(Contact, Contact.id == ContactAccess.contact_id)
        .join(User, User.id == Contact.user_id)
        .where(ContactAccess.account_id == account_id, here, Contact.active, User.ended_at.is_(None))
        .with_only_columns(ContactAccess.role, User.id, User.name)
        .order_by(User.name_folded, User.id)
    )
    if EVERYBODY not in wanted:
        rows = rows.where(ContactAccess.role.in_(sorted(wanted)))
    found: dict[str, list[tuple[Id, str]]] = {}
    for role, user_id, name in ctx.session.execute(rows.limit(500)):
        for key in (role, EVERYBODY):
            if key in wanted and (user_id, name) not in found.setdefault(key, []):
                found[key].append((user_id, name))
    return found


@dataclass(frozen=True, slots=True)
class Readers:
    """Of the people who are asked: who can load the case now, and who of them only because they are asked."""

    able: frozenset[Id]
    admitted: frozenset[Id]


def readers_among(ctx: Context, facts: VisibilityFacts, user_ids: Iterable[Id], *, on_desk: bool = False) -> Readers:
    """Those of *user_ids* who can load a case with *facts* once they are asked: of the client active members of the
    case's organization, who are let into it by name; of colleagues those who read it anyway. Exclusion beats this.

    *admitted* are those whom no other rule admits to the case while it is private: they need the grant. Call it as the
    system. Two statements.
    """
    found = actors_of(ctx, user_ids, on_desk=on_desk)
    if on_desk:
        return Readers(frozenset(one for one, actor in found.items() if admitting_rules(actor, facts)), frozenset())
    members = {one: actor for one, actor in found.items() if facts.organization_id in actor.memberships}
    asked = replace(facts, grants=facts.grants | {(one, GRANT) for one in members})
    able = frozenset(one for one, actor in members.items() if admitting_rules(actor, asked))
    private = replace(facts, visibility="private")
    return Readers(able, frozenset(one for one in able if not admitting_rules(members[one], private)))


def able_now(ctx: Context, facts: VisibilityFacts, user_ids: Iterable[Id], *, on_desk: bool = False) -> frozenset[Id]:
    """Those of *user_ids* whom the rules of a case with *facts* admit as it is."""
    found = actors_of(ctx, user_ids, on_desk=on_desk)
    return frozenset(user_id for user_id, actor in found.items() if admitting_rules(actor, facts))


def actors_of(ctx: Context, user_ids: Iterable[Id], *, on_desk: bool) -> dict[Id, Actor]:
    """The present people of *user_ids* as actors of one side; those without a place on that side are left out."""
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        return {}
    rows = scope(ctx.actor, User).where(User.id.in_(wanted), User.ended_at.is_(None))
    people = ctx.session.execute(rows.with_only_columns(User.id, User.name)).all()
    return actors.staff_actors(ctx, people) if on_desk else actors.contact_actors(ctx, people)


def people_of_steps(steps: Sequence[Mapping[str, Any]]) -> list[Id]:
    """Everybody whom the stored *steps* name, deputies too, each once."""
    seats = [seat for step in steps for seat in step["seats"]]
    found = [uuid.UUID(one) for seat in seats for one in (seat["id"], seat.get("deputy")) if one]
    return list(dict.fromkeys(found))
