"""Importing organizations, accounts, environments and people from a file: the actions of the forms, many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.authz.scopes import load, scope
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.actions.accounts import add_account
from portal.tenants.actions.contacts import Grant, add_contact_by_email, change_access
from portal.tenants.actions.environments import add_environment
from portal.tenants.actions.organizations import add_organization
from portal.tenants.models import Account, Contact, Organization
from portal.tenants.queries.import_plan.objects import Fate, ImportPlan, ImportRow, PlannedContact, Problem, RowFate
from portal.tenants.queries.import_plan.planning import plan_import


def import_people(ctx: Context, rows: Sequence[ImportRow], *, invite: bool) -> ImportPlan:
    """Do what *rows* say, but for the refused ones, and return the fate of each; *invite* mails an invitation to those
    who are new and cannot sign in. Each part records the event of its own action.

    The caller's transaction holds all of it: where an action refuses what the plan admitted (Refused, with the person
    it concerns), nothing is done.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    plan = plan_import(ctx, rows)
    PlanWriter(ctx, plan, invite=invite).write()
    return plan


@dataclass(frozen=True, slots=True)
class ImportedRows:
    """The fates of imported rows in their order, and the contacts that were made."""

    fates: list[RowFate]
    contact_ids: list[Id]


def import_batch(ctx: Context, rows: Sequence[ImportRow], *, invite: bool) -> ImportedRows:
    """Like `import_people`, for a part of a file: a row whose action refuses what the plan admitted is refused alone,
    and the others go in."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    try:
        return _import_together(ctx, rows, invite=invite)
    except Refused as refusal:
        if len(rows) == 1:
            return ImportedRows([RowFate(rows[0], Fate.REFUSED, problems=[Problem("email", refusal.message)])], [])
    parts = [import_batch(ctx, [row], invite=invite) for row in rows]
    return ImportedRows([part.fates[0] for part in parts], [found for part in parts for found in part.contact_ids])


def _import_together(ctx: Context, rows: Sequence[ImportRow], *, invite: bool) -> ImportedRows:
    """Import all of *rows*, or none of them where an action refuses."""
    with ctx.session.begin_nested():
        plan = import_people(ctx, rows, invite=invite)
    return ImportedRows(plan.fates, [contact.id for contact in plan.new_contacts() if contact.id is not None])


class PlanWriter:
    """Writes a plan: the places in the order of the rows, then each person once, however many rows are about them."""

    def __init__(self, ctx: Context, plan: ImportPlan, *, invite: bool) -> None:
        self.ctx, self.plan, self.invite = ctx, plan, invite
        self._organizations: dict[str, Organization] = {}

    def write(self) -> None:
        """Make and change what the plan says."""
        for home in dict.fromkeys(self._touched_homes()):
            self.write_places(home)
        for contact in self._touched_contacts():
            try:
                self.write_contact(contact)
            except Refused as refusal:
                who = contact.person.email
                raise Refused(_("%(email)s: %(problem)s", email=who, problem=refusal.message), "file") from None

    def write_places(self, home: str) -> None:
        """Make the organization *home*, its accounts and their environments, as far as they are new."""
        planned = self.plan.organizations[home]
        if planned.id is None:
            planned.id = add_organization(self.ctx, name=planned.name).id
        organization = self.organization(home)
        for key in planned.keys:
            account = self.plan.accounts[key]
            if account.id is None:
                account.id = add_account(self.ctx, organization, key=key, name=account.name).id
            for environment in account.environments.values():
                if environment.id is None:
                    row = load(self.ctx, Account, Account.id == account.id)
                    environment.id = add_environment(self.ctx, row, name=environment.name, kind=environment.kind).id

    def write_contact(self, planned: PlannedContact) -> None:
        """Add the person to the organization, or correct them and their access."""
        values, grants = planned.person.values, self._grants(planned)
        if planned.id is None:
            contact = add_contact_by_email(
                self.ctx,
                self.organization(planned.home),
                name=values["name"],
                email=planned.person.email,
                title=planned.title,
                grants=grants,
                invite=self.invite,
            )
            planned.id = contact.id
            if planned.person.id is None and any(values[column] for column in ("phone", "language", "zone")):
                self.correct(contact, planned)
            planned.person.id = contact.user_id
            return
        contact = load(self.ctx, Contact, Contact.id == planned.id, lock=True)
        self.correct(contact, planned)
        change_access(self.ctx, contact, grants=grants, title=planned.title)

    def organization(self, home: str) -> Organization:
        """The organization *home* of the plan, which is there by now."""
        if home not in self._organizations:
            planned = self.plan.organizations[home]
            self._organizations[home] = load(self.ctx, Organization, Organization.id == planned.id)
        return self._organizations[home]

    def correct(self, contact: Contact, planned: PlannedContact) -> None:
        """Give the person of *contact* the values that the plan holds."""
        values = planned.person.values
        person = load(self.ctx, User, User.id == contact.user_id, lock=True)
        identity.correct_person(
            self.ctx,
            person,
            name=values["name"],
            phone=values["phone"],
            locale=values["language"],
            zone=values["zone"],
        )

    def _grants(self, planned: PlannedContact) -> list[Grant]:
        found = []
        for (key, place), role in planned.grants.items():
            account = self.plan.accounts[key]
            environment_id = account.environments[place].id if place else None
            # What the plan holds was written just now.
            assert account.id is not None and (environment_id is not None or not place)
            found.append(Grant(account.id, environment_id, ContactRole(role)))
        return found

    def _touched_homes(self) -> list[str]:
        rows = [result.row for result in self.plan.fates if result.fate is Fate.MADE]
        return [row.organization.casefold() or self.plan.accounts[row.account_key].home for row in rows]

    def _touched_contacts(self) -> list[PlannedContact]:
        return list({id(contact): contact for contact in self.plan.contacts.values() if contact.touched}.values())


def invite_all(ctx: Context, contact_ids: Sequence[Id]) -> int:
    """Mail an invitation to each of *contact_ids* who belongs here, cannot sign in and has none; returns how many."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    people: Any = scope(ctx.actor, User).where(
        User.id.in_(
            scope(ctx.actor, Contact)
            .where(Contact.id.in_(contact_ids), Contact.active)
            .with_only_columns(Contact.user_id)
        ),
        User.invited_at.is_(None),
        User.ended_at.is_(None),
    )
    sent = 0
    for person in ctx.session.scalars(people.order_by(User.id)).all():
        sent += identity.invite_unless_signing_in(ctx, person)
    return sent
