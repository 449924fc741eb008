"""What must hold after every step of a history: nobody's word, case or question is out of everybody's sight."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Uuid, literal, or_, union_all

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries import lists
from portal.cases.queries.clients import contact_reach
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.events import Event
from portal.notifications.models import DigestEntry, Notification, OutgoingMail
from portal.notifications.rules import DIGEST_KIND, STAFF_KINDS
from portal.tenants.models import Account, Contact, Organization, StaffMember
from portal.tenants.queries import actors
from portal.tenants.queries.open_cases import find_leavers, find_open_cases
from tests.histories.steps import Scene

MESSAGES = ("case.answered", "case.asked", "case.resolved", "case.reopened")
WORDS = ("case.submitted", "case.replied", "case.rejected", "case.reopened")


class Observer:
    """Reads after each step what happened in it and who was told."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.world = scene, scene.world
        self.seen: set[Id] = set()
        self.new_events: list[Event] = []
        self.bells: list[Notification] = []
        self.mails: list[OutgoingMail] = []
        self.look()

    def look(self) -> None:
        """Read what is new since the last look."""
        self.new_events, self.bells, self.mails = [
            [row for row in self.world.rows(model) if row.id not in self.seen]
            for model in (Event, Notification, OutgoingMail)
        ]
        self.seen.update(row.id for rows in (self.new_events, self.bells, self.mails) for row in rows)
        users = [user for user in self.world.rows(User) if user.ended_at is None]
        ctx = self.world.system()
        self.names = {user.id: user.name for user in users}
        self.customers: dict[Id, Actor] = actors.contact_actors(ctx, users)
        self.staff: dict[Id, Actor] = actors.staff_actors(ctx, users)
        self.visible = {"contact": self._find(self.customers), "staff": self._find(self.staff)}

    def _find(self, found: Mapping[Id, Actor], *views: str) -> dict[Id, set[Id]]:
        """The cases that each of these actors sees, at all or in the queues *views*; one statement."""
        ids: dict[Id, set[Id]] = {user_id: set() for user_id in found}
        parts = []
        for user_id, actor in found.items():
            rows = scope(actor, Case).with_only_columns(literal(user_id, Uuid()), Case.id)
            parts.append(rows.where(or_(*(lists.view_condition(actor, view) for view in views))) if views else rows)
        for user_id, case_id in self.world.session.execute(union_all(*parts)) if parts else ():
            ids[user_id].add(case_id)
        return ids

    def answering_staff(self, case: Case) -> set[Id]:
        """Active staff who see *case* and may answer it."""
        return {
            user_id
            for user_id, actor in self.staff.items()
            if case.id in self.visible["staff"][user_id] and can(actor, Permission.CASE_ANSWER, case)
        }

    def problems(self) -> list[str]:
        """Everything that is wrong now, as sentences."""
        return [
            *self.unheard(),
            *self.out_of_sight(),
            *self.told_wrongly(),
            *self.waiting_in_vain(),
            *self.said_wrongly(),
            *self.written_in_vain(),
            *self.left_behind(),
            *self.owned_by_the_gone(),
        ]

    def case(self, case_id: Id) -> Case:
        return self.world.row(Case, case_id)

    def unheard(self) -> Iterator[str]:
        """(a) Each word of a customer reached somebody of the staff who may answer it and did not write it."""
        for event in self.new_events:
            if event.name not in WORDS or event.actor_side != "contact":
                continue
            told = {row.user_id for row in self.bells if row.event_id == event.id and row.side == "staff"}
            told |= {row.user_id for row in self.mails if row.event_id == event.id and row.kind in STAFF_KINDS}
            able = self.answering_staff(self.case(event.case_id)) - {event.actor_user_id}
            if able and not told & able:
                who = f"told: {self.say(told)}, able: {self.say(able)}"
                yield f"{event.name} by {event.actor_name}: nobody heard it; {who}"

    def out_of_sight(self) -> Iterator[str]:
        """(b) Each open case is in the own queue of somebody who works here, or in the queue of cases without owner."""
        answering = {user_id: actor for user_id, actor in self.staff.items() if can(actor, Permission.CASE_ANSWER)}
        shown = set().union(*self._find(answering, "mine", "unassigned").values())
        for case in self.world.rows(Case):
            if case.unresolved and case.id not in shown and self.answering_staff(case):
                yield f"{case.subject} is in nobody's queue"

    def told_wrongly(self) -> Iterator[str]:
        """(c) Nobody was told of a case that they may not see."""
        for row in self.bells:
            if row.case_id and row.case_id not in self.visible[row.side].get(row.user_id, ()):
                yield f"bell for {self.names.get(row.user_id)}, who may not see the case"
        for mail in self.mails:
            side = "staff" if mail.kind in STAFF_KINDS else "contact"
            about = {mail.case_id} if mail.case_id else set()
            if mail.kind == DIGEST_KIND:
                about = {row.case_id for row in self.world.rows(DigestEntry, DigestEntry.mail_id == mail.id)}
            if mail.state == "sent" and about - self.visible[side].get(mail.user_id, set()):
                yield f"mail {mail.kind} for {self.names.get(mail.user_id)}, who may not see the case"

    def waiting_in_vain(self) -> Iterator[str]:
        """(d) A case waits only for an answer that somebody can give who was asked."""
        for case in self.world.rows(Case, Case.state == "waiting"):
            if not self.asked_people(case):
                yield f"{case.subject} waits, and nobody can answer"
        for event in self.new_events:
            if event.name != "case.asked":
                continue
            told = {row.user_id for row in self.bells if row.event_id == event.id and row.side == "contact"}
            told |= {row.user_id for row in self.mails if row.event_id == event.id and row.kind == "asked"}
            able = self.asked_people(self.case(event.case_id))
            if able - {event.actor_user_id} and not told & able:
                yield f"a question by {event.actor_name} reached nobody who can answer"

    def asked_people(self, case: Case) -> set[Id]:
        """The people who are asked when *case* waits: of its own, who see it and may answer."""
        named = {case.contact_user_id, *(g.user_id for g in case.grants if g.kind in ("affected", "participant"))}
        named |= {case.reported_by_id} if case.reported_side == "contact" else set()
        return {
            user_id
            for user_id in named
            if case.id in self.visible["contact"].get(user_id, ())
            and can(self.customers[user_id], Permission.CASE_REPLY, case)
        }

    def said_wrongly(self) -> Iterator[str]:
        """(e) The sentence after a reply names exactly the people who got it."""
        while self.scene.reached:
            said = self.scene.reached.pop()
            ids = [e.id for e in self.new_events if e.name in MESSAGES and e.case_id == said.case_id]
            mails = [row for row in self.mails if row.event_id in ids and row.kind not in STAFF_KINDS]
            mailed = sorted(self.names[row.user_id] for row in mails if row.state == "sent")
            rung = {self.names[row.user_id] for row in self.bells if row.event_id in ids and row.side == "contact"}
            if sorted(said.by_mail) != mailed:
                yield f"after {said.event}: “sent to {sorted(said.by_mail)}”, but mailed {mailed}"
            if not set(said.on_portal) <= rung:
                yield f"after {said.event}: {said.on_portal} named, but {sorted(rung)} told"

    def written_in_vain(self) -> Iterator[str]:
        """(f) The composer of the desk says that contact or reporter cannot read the case exactly where that is so."""
        ctx = self.world.system()
        for case in self.world.rows(Case):
            reach = contact_reach(ctx, case)
            named = {case.contact_user_id: reach.reads}
            if case.reported_side == "contact":
                named[case.reported_by_id] = reach.reporter_reads
            for user_id, said in named.items():
                if said != (case.id in self.visible["contact"].get(user_id, ())):
                    yield f"{case.subject}: the composer says of {self.say({user_id})} that they read it: {said}"

    def left_behind(self) -> Iterator[str]:
        """(g) An open case whose contact left is on the page of that person for each administrator who sees it, to be
        handed over, and the person stands above the list of people, also for the administrators of the client."""
        for contact in self.world.rows(Contact, Contact.active.is_(False)):
            cases = [case for case in self.world.rows(Case, Case.contact_id == contact.id) if case.unresolved]
            organization = self.world.row(Organization, contact.organization_id)
            for who, side in (("ada", "staff"), ("olga", "contact"), ("gina", "contact")) if cases else ():
                actor = (self.staff if side == "staff" else self.customers).get(self.world.person(who).id)
                if actor is None or not self._names_contacts(actor, organization):
                    continue
                ctx = self.world.ctx(who, side)
                seen = {case.id for case in cases if case.id in self.visible[side][actor.user_id]}
                mine = {case.id for case in cases if case.id in seen and self._names_contacts(actor, case)}
                found = find_open_cases(ctx, self.world.row(Contact, contact.id))
                offered = {row.id for row in found.rows if row.offered}
                if not mine <= offered:
                    yield f"{who} cannot hand over {len(mine - offered)} cases of somebody who left"
                if mine and contact.id not in [one.contact_id for one in find_leavers(ctx, organization)]:
                    yield f"{who} is not shown that somebody left with open cases"

    def _names_contacts(self, actor: Actor, thing: object) -> bool:
        if actor.is_staff:
            return can(actor, Permission.PROVIDER_CONFIGURE)
        return can(actor, Permission.ORGANIZATION_PEOPLE, thing)

    def owned_by_the_gone(self) -> Iterator[str]:
        """(h) Nobody who left the staff owns an open case or manages an account."""
        gone = {member.id for member in self.world.rows(StaffMember, StaffMember.active.is_(False))}
        for case in self.world.rows(Case, Case.owner_id.in_(gone)):
            if case.unresolved:
                yield f"{case.subject} belongs to somebody who does not work here any more"
        for account in self.world.rows(Account, Account.manager_id.in_(gone)):
            yield f"the manager of {account.key} does not work here any more"

    def say(self, user_ids: set[Id]) -> str:
        return ", ".join(sorted(self.names.get(one, "somebody gone") for one in user_ids)) or "nobody"


def describe(world: Any) -> str:
    """The history so far, one line an event."""
    names = {case.id: case.subject for case in world.rows(Case)}
    return "\n".join(
        f"  {event.name} {names.get(event.case_id, '')} by {event.actor_name or 'the system'} ({event.actor_side})"
        f" {dict(event.facts)}"
        for event in world.rows(Event)
        if event.actor_side != "system" and not event.name.startswith("sla.")
    )
