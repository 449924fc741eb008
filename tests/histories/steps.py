"""What can happen at a provider, as steps with small numbers that choose among what is there at the moment.

Each step calls the action that a form calls. A step that the product refuses changes nothing.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import joinedload, selectinload

from portal.authz.roles import ContactRole
from portal.authz.scopes import scope
from portal.cases.actions import conversation, desk, details, links, people, reply_with_status, resolution, splits
from portal.cases.actions.opening import Opening, submit
from portal.cases.actions.reopening import reopen
from portal.cases.actions.reply_with_status import NextStatus
from portal.cases.models import Case, CaseExclusion, RequestType
from portal.cases.queries.detail import by_id
from portal.cases.receivers import find_receivers
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.notifications import actions as notifications
from portal.notifications.rules import CONTACT_TOPICS, STAFF_TOPICS
from portal.scim.actions import people as scim_actions
from portal.snoozes import actions as snoozes
from portal.tenants.actions import accounts, contacts, departments, organizations, staff
from portal.tenants.actions.contacts import Grant
from portal.tenants.models import Account, Contact, ContactAccess, Department, Organization, StaffMember
from portal.tenants.queries.open_cases import HandOver, find_open_cases

STAFF = ("ana", "tom", "lee", "ada", "aud")
# Lee works here and is a contact of Acme too: on the portal they are a customer as everybody.
CUSTOMERS = ("rita", "mel", "cora", "olga", "piotr", "jan", "gil", "gina", "lee")
EVERYBODY = (*((who, "contact") for who in CUSTOMERS), *((who, "staff") for who in STAFF))
ADMINISTRATORS = ("ada", "pat")
ORGANIZATIONS = ("Acme", "Globex")
ACCOUNTS = ("ACME", "ACMEPL", "GLOBEX")
# The event of each status that an answer sets; any other is an answer only.
EVENT_OF_STATUS = {"waiting": "case.asked", "resolved": "case.resolved", "open": "case.reopened"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens; the numbers choose who does it, to what, and how."""

    verb: str
    who: int = 0
    what: int = 0
    how: int = 0


@dataclass(slots=True)
class Reached:
    """Whom the product said that a reply reaches, before anything was delivered."""

    case_id: Any
    event: str
    by_mail: list[str]
    on_portal: list[str]


@dataclass(slots=True)
class Scene:
    """The world in which a history happens: its people and the cases opened so far, in their order."""

    world: Any
    cases: list[Any] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)

    def play(self, step: Step) -> None:
        """Do *step*. Raises PortalError where the product refuses it."""
        getattr(self, step.verb)(step)
        self.world.session.flush()

    # -- choosing -----------------------------------------------------------------------------------------------------

    def case_as(self, step: Step, people: Sequence[tuple[str, str]]) -> tuple[Any, Case]:
        """The case that *step* chooses, and the context of the next of *people* who sees it; NotFound without one."""
        case_id = self.one_of(self.cases, step.what)
        for at in range(len(people)):
            ctx = self.world.ctx(*people[(step.who + at) % len(people)])
            if ctx.session.scalar(scope(ctx.actor, Case).where(Case.id == case_id).with_only_columns(Case.id)):
                return ctx, by_id(ctx, case_id, lock=True)
        raise NotFound

    def case_as_customer(self, step: Step) -> tuple[Any, Case]:
        return self.case_as(step, [(who, "contact") for who in CUSTOMERS])

    def case_as_staff(self, step: Step) -> tuple[Any, Case]:
        return self.case_as(step, [(who, "staff") for who in STAFF])

    def one_of(self, rows: Sequence[Any], number: int) -> Any:
        if not rows:
            raise NotFound
        return rows[number % len(rows)]

    def administrator(self, step: Step) -> Any:
        return self.world.ctx(ADMINISTRATORS[step.who % len(ADMINISTRATORS)], "staff")

    # -- customers ----------------------------------------------------------------------------------------------------

    def open_case(self, step: Step) -> None:
        self._open(self.world.ctx(CUSTOMERS[step.who % len(CUSTOMERS)], "contact"), step)

    def open_for_somebody(self, step: Step) -> None:
        """A coordinator or somebody of the staff opens a case for a contact; staff silently, now and then."""
        people = [("cora", "contact"), ("olga", "contact"), ("gina", "contact"), *EVERYBODY[len(CUSTOMERS) :]]
        self._open(self.world.ctx(*people[step.who % len(people)]), step, self._contact(step).id)

    def _open(self, ctx: Any, step: Step, contact_id: Any = None) -> None:
        if ctx.actor.is_staff:
            access = self.world.row(Contact, contact_id).organization_id
            rows = self.world.rows(Account, Account.organization_id == access)
        else:
            rows = self.world.rows(Account, Account.id.in_({row.account_id for row in ctx.actor.access}))
        account = self.one_of(rows, step.how)
        types = self.world.rows(RequestType, RequestType.active, RequestType.requires_service_id.is_(None))
        case = submit(
            ctx,
            ctx.session.get(Account, account.id),
            ctx.session.get(RequestType, self.one_of(types, step.what).id),
            Opening(
                subject=f"Case {len(self.cases) + 1}",
                description="It does not work.",
                contact_id=contact_id,
                severity=1 + step.how % 4,
                visibility=("", "private", "shared")[step.how % 3],
                cc=["guest@elsewhere.example"] if step.how % 5 == 4 else [],
                notify=step.how % 4 != 3,
            ),
        )
        self.cases.append(case.id)

    def reply(self, step: Step) -> None:
        ctx, case = self.case_as_customer(step)
        goes_on = conversation.reply(ctx, case, body="Thanks" if step.how % 8 == 7 else "It still does not work.")
        if goes_on.id not in self.cases:
            self.cases.append(goes_on.id)

    def decide(self, step: Step) -> None:
        """The customer rejects the solution, accepts it, reopens or closes the case."""
        ctx, case = self.case_as_customer(step)
        if case.state == "resolved":
            if step.how % 3:
                resolution.reject(ctx, case, reason="It is not solved.")
            else:
                resolution.accept(ctx, case)
        elif case.state == "closed":
            reopened = reopen(ctx, case, reason="It came back.")
            if reopened.id not in self.cases:
                self.cases.append(reopened.id)
        else:
            resolution.close(ctx, case)

    # -- staff --------------------------------------------------------------------------------------------------------

    def send_reply(self, step: Step) -> None:
        """An answer, with the next status of the composer, now and then without a mail."""
        ctx, case = self.case_as_staff(step)
        status = ("", "waiting", "resolved", "in_progress", "on_hold", "open", "closed")[step.how % 7]
        silent = step.how % 5 == 4
        reply_with_status.send_reply(
            ctx,
            case,
            body="Please try again.",
            next_status=NextStatus(status, "Look", "The vendor", ctx.now + dt.timedelta(days=2), {"reason": "load"}),
            emailed=not silent,
            take_over=step.how % 2 == 1,
        )
        if not silent:
            event = EVENT_OF_STATUS.get(status, "case.answered")
            told = find_receivers(ctx, case, event)
            by_mail, on_portal = [one.name for one in told if one.mailed], [one.name for one in told if not one.mailed]
            self.reached.append(Reached(case.id, event, by_mail, on_portal))

    def note(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        conversation.note(ctx, case, body="Between us.")

    def take(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        desk.take(ctx, case)

    def assign(self, step: Step) -> None:
        """To a colleague, to a department, or to nobody."""
        ctx, case = self.case_as_staff(step)
        owners = [None, *self.world.rows(StaffMember)]
        owner = owners[step.how % len(owners)]
        rows = [None, *self.world.rows(Department)]
        department = rows[step.how % len(rows)]
        desk.assign(
            ctx, case, owner_id=owner.id if owner else None, department_id=department.id if department else None
        )

    def escalate(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        desk.escalate(
            ctx, case, tier=1 + step.how % 3, note="Yours.", keep_owner="Knows it" if step.how % 4 == 3 else ""
        )

    def redefine_severity(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        desk.redefine_severity(ctx, case, severity=1 + step.how % 4, reason="It is another one.")

    def change_contact(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        rows = self.world.rows(Contact, Contact.organization_id == case.organization_id)
        details.edit(
            ctx,
            case,
            subject=case.subject,
            request_type=ctx.session.get(RequestType, case.request_type_id),
            contact_id=self.one_of(rows, step.how).id,
            environment_id=case.environment_id,
            department_id=case.department_id,
        )

    def merge(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        target = by_id(ctx, self.cases[step.how % len(self.cases)], lock=True)
        links.merge(ctx, case, target)

    def split(self, step: Step) -> None:
        """Every second or third message goes on in a case of its own."""
        ctx, case = self.case_as_staff(step)
        messages = self.world.messages_of(case)[step.how % 2 :: 2 + step.how % 2]
        wanted = splits.Split([one.id for one in messages], "A part of it", "We go on here.", tell=step.how % 3 > 0)
        self.cases.append(splits.split(ctx, case, wanted).id)

    def snooze(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        snoozes.snooze(ctx, case, ctx.now + dt.timedelta(hours=1 + step.how))

    def move_account(self, step: Step) -> None:
        ctx, case = self.case_as_staff(step)
        account = self.one_of(self.world.rows(Account), step.how)
        rows = self.world.rows(Contact, Contact.organization_id == account.organization_id)
        new = links.move_account(
            ctx, case, ctx.session.get(Account, account.id), contact_id=self.one_of(rows, step.how).id
        )
        self.cases.append(new.id)

    # -- people of a case ---------------------------------------------------------------------------------------------

    def add_copy(self, step: Step) -> None:
        ctx, case = self.case_as(step, EVERYBODY)
        emails = [self.world.person(who).email for who in CUSTOMERS] + ["guest@elsewhere.example"]
        people.add_people(ctx, case, [emails[step.how % len(emails)]])

    def remove_copy(self, step: Step) -> None:
        ctx, case = self.case_as(step, EVERYBODY)
        people.remove_person(ctx, case, self.one_of(list(case.grants), step.how).id)

    def share(self, step: Step) -> None:
        """Shared in the company or private again, shown to a colleague, or opened to another organization."""
        ctx, case = self.case_as(step, EVERYBODY)
        if step.how % 4 == 0:
            people.set_visibility(ctx, case, "private" if case.visibility == "shared" else "shared")
        elif step.how % 4 == 1:
            name = ORGANIZATIONS[step.how % 2]
            people.share_with_organization(ctx, case, ctx.session.get(Organization, self.world.organizations[name].id))
        else:
            people.share_with(ctx, case, self.world.person(CUSTOMERS[step.how % len(CUSTOMERS)]).id)

    def exclude(self, step: Step) -> None:
        ctx, case = self.case_as(step, EVERYBODY)
        people.exclude(ctx, case, self.world.person(EVERYBODY[step.how % len(EVERYBODY)][0]).id)

    def lift_exclusion(self, step: Step) -> None:
        ctx, case = self.case_as(step, EVERYBODY)
        rows = self.world.rows(CaseExclusion, CaseExclusion.case_id == case.id)
        people.lift_exclusion(ctx, case, self.one_of(rows, step.how).user_id)

    def subscribe(self, step: Step) -> None:
        ctx, case = self.case_as(step, EVERYBODY)
        people.subscribe(ctx, case, ("mute", "mute", "follow", "")[step.how % 4])

    def choose_mails(self, step: Step) -> None:
        who, side = EVERYBODY[step.who % len(EVERYBODY)]
        topics = STAFF_TOPICS if side == "staff" else CONTACT_TOPICS
        notifications.choose_mails(self.world.ctx(who, side), {topics[step.how % len(topics)]: step.what % 2 == 0})

    # -- administration -----------------------------------------------------------------------------------------------

    def _member(self, step: Step, *, active: bool = True) -> tuple[StaffMember, User]:
        ids = [self.world.person(who).id for who in STAFF]
        rows = self.world.rows(StaffMember, StaffMember.user_id.in_(ids), StaffMember.active == active)
        member = self.one_of(rows, step.what)
        return member, self.world.row(User, member.user_id)

    def end_staff(self, step: Step) -> None:
        ctx = self.administrator(step)
        member, person = self._member(step)
        if step.who % 3 == 0:  # they manage an account, too
            account = ctx.session.get(Account, self.one_of(self.world.rows(Account), step.how).id)
            accounts.set_account_manager(ctx, account, member.id)
        rows = [None, None, *self.world.rows(StaffMember)]
        to = rows[step.how % len(rows)]
        staff.end_staff(ctx, member, person, hand_to=to.id if to else None)

    def return_staff(self, step: Step) -> None:
        ctx = self.administrator(step)
        member, _person = self._member(step, active=False)
        staff.return_staff(ctx, member)

    def change_staff(self, step: Step) -> None:
        ctx = self.administrator(step)
        member, _person = self._member(step)
        rows = self.world.rows(Account)
        lists = [selectinload(StaffMember.accounts), selectinload(StaffMember.departments)]
        staff.change_staff(
            ctx,
            ctx.session.get(StaffMember, member.id, options=lists, populate_existing=True),
            role=("agent", "lead", "admin", "auditor", "agent", "platform_admin")[step.how % 6],
            tier=1 + step.how % 3,
            all_accounts=step.how % 2 == 0,
            accounts=[rows[step.how % len(rows)].id],
            departments=[row.id for row in self.world.rows(Department)[step.how % 4 :]],
        )

    def archive_department(self, step: Step) -> None:
        row = self.one_of(self.world.rows(Department), step.what)
        departments.change_department(self.administrator(step), row, name=row.name, active=not row.active)

    def _contact(self, step: Step) -> Contact:
        person = self.world.person(CUSTOMERS[step.what % len(CUSTOMERS)])
        rows = self.world.rows(Contact, Contact.user_id == person.id)
        return next((row for row in rows if row.active), rows[0])

    def end_contact(self, step: Step) -> None:
        """By the provider or by the client's own administrator, who is asked who takes over their open cases."""
        contact = self._contact(step)
        if not contact.active:
            raise NotFound
        ctx = self.administrator(step) if step.how % 2 else self.world.ctx(("olga", "gina")[step.who % 2])
        contacts.end_contact(ctx, contact, self._hand_over(ctx, contact, step, ends=True) if step.how % 3 else None)

    def deactivate_contact(self, step: Step) -> None:
        """By the identity provider of the organization, which nobody asks."""
        contact = self._contact(step)
        loaded = {"options": [joinedload(Contact.user)], "populate_existing": True}
        scim_actions.remove_person(self.world.system(), self.world.session.get(Contact, contact.id, **loaded))

    def hand_over_left(self, step: Step) -> None:
        """Somebody takes over cases of who left, on the page of that person."""
        left = self.world.rows(Contact, Contact.active.is_(False))
        contact = self.one_of(left, step.what)
        ctx = self.administrator(step) if step.how % 2 else self.world.ctx(("olga", "gina")[step.who % 2])
        contacts.change_access(
            ctx, contact, grants=self._grants(contact), hand_over=self._hand_over(ctx, contact, step)
        )

    def _grants(self, contact: Contact) -> list[Grant]:
        rows = self.world.rows(ContactAccess, ContactAccess.contact_id == contact.id)
        return [Grant(row.account_id, row.environment_id, ContactRole(row.role)) for row in rows]

    def _hand_over(self, ctx: Any, contact: Contact, step: Step, *, ends: bool = False) -> HandOver:
        """All cases that the screen offers, to one of those whom it offers, or to nobody."""
        found = find_open_cases(ctx, contact, ends=ends)
        people = [None, *(one.contact_id for one in found.successors)]
        return HandOver(people[step.who % len(people)], [row.id for row in found.rows if row.offered])

    def return_contact(self, step: Step) -> None:
        contact = self._contact(step)
        if contact.active:
            raise NotFound
        contacts.return_contact(self.administrator(step), contact)

    def move_contact(self, step: Step) -> None:
        """To other accounts of the company, or to another company of the provider."""
        ctx, contact = self.administrator(step), self._contact(step)
        account = self.one_of(self.world.rows(Account), step.how)
        roles = list(ContactRole)
        grants = [Grant(account.id, None, roles[step.how % len(roles)])]
        if account.organization_id == contact.organization_id:
            over = self._hand_over(ctx, contact, step) if step.who % 3 == 0 else None
            contacts.change_access(ctx, contact, grants=grants, hand_over=over)
            return
        if contact.active:
            contacts.end_contact(ctx, contact)
        contacts.add_contact(
            ctx,
            ctx.session.get(Organization, account.organization_id),
            self.world.row(User, contact.user_id),
            grants=grants,
        )

    def archive_organization(self, step: Step) -> None:
        row = self.world.row(Organization, self.world.organizations[ORGANIZATIONS[step.what % 2]].id)
        organizations.change_organization(self.administrator(step), row, active=not row.active)

    def suspend_account(self, step: Step) -> None:
        row = self.one_of(self.world.rows(Account), step.what)
        accounts.change_account(
            self.administrator(step),
            row,
            key=row.key,
            name=row.name,
            suspended="" if row.suspended else "Not paid",
            services=[],
        )

    def wait(self, step: Step) -> None:
        """Time passes: holds end, solutions close, promises break."""
        clock.travel(clock._offset + dt.timedelta(hours=(1, 9, 30, 50, 75)[step.how % 5]))
