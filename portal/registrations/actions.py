"""Receiving people who registered, and deciding about them."""

from collections.abc import Iterable

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.identity.models import User
from portal.identity.policies import require_self
from portal.identity.registration_rules import AUTOMATIC, OPEN_TO_STRANGERS
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.registrations import queries
from portal.registrations.models import Registration
from portal.sso.queries.ways import email_domain
from portal.tenants.actions import contacts
from portal.tenants.models import Organization


def receive_newcomer(ctx: Context, user: User) -> Registration | None:
    """Give *user*, who proved an address and has no place here, the place that its domain brings, or let them wait for
    a decision; records `registration.asked`. The caller acts as the system.

    Nothing happens to somebody who has, or had, a place, who works here, who registered before, and whose address may
    not register.
    """
    email = queries.proved_email(ctx, user)
    if user.ended_at is not None or not email or queries.has_place(ctx, user):
        return None
    mode = queries.find_mode(ctx, email, user)
    if mode not in OPEN_TO_STRANGERS:
        return None
    rule = email_domain(ctx, email)
    organization = rule.organization if rule is not None and rule.organization and rule.organization.active else None
    if mode == AUTOMATIC and organization is not None and rule is not None and rule.account_id is not None:
        grant = contacts.Grant(rule.account_id, None, ContactRole(rule.role))
        contacts.add_contact(ctx, organization, user, grants=[grant])
        return None
    row = Registration(
        provider_id=ctx.provider_id,
        organization_id=organization.id if organization is not None else None,
        user_id=user.id,
        asked_at=ctx.now,
        state=queries.WAITING,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "registration.asked", row, user=str(user.id), name=user.name)
    return row


def name_company(ctx: Context, row: Registration, company: str) -> None:
    """Note the company that somebody who waits works for, in their own words; records `registration.company_named`."""
    require_self(ctx, ctx.session.get_one(User, row.user_id))
    _check_waiting(row)
    if row.company != company:
        row.company = company
        ctx.session.flush()
        record(ctx, "registration.company_named", row, user=str(row.user_id))


def accept(ctx: Context, row: Registration, organization: Organization, *, grants: Iterable[contacts.Grant]) -> None:
    """Give the person of *row* a place in *organization*; they are mailed. Records `contact.added` and `person.let_in`.

    An organization's administrator decides about people of its own domains, the provider about everybody. Raises
    Refused without any access, Conflict for what was decided already.
    """
    _require_decider(ctx, row)
    _check_waiting(row)
    wanted = list(grants)
    if not wanted:
        raise Refused(_("Choose what the person gets access to"), "access")
    if ctx.actor.is_contact and row.organization_id != organization.id:
        raise Refused(_("Choose accounts and environments of this organization"), "access")
    user = ctx.session.get_one(User, row.user_id)
    contacts.add_contact(ctx, organization, user, grants=wanted)
    _decide(ctx, row, "accepted")
    record(ctx, "person.let_in", user, organization=organization.name)


def decline(ctx: Context, row: Registration, *, answer: str = "") -> None:
    """Give the person of *row* no place; they are mailed, and read *answer*. Records `person.not_let_in`. Raises
    Conflict for what was decided already."""
    _require_decider(ctx, row)
    _check_waiting(row)
    row.answer = answer
    _decide(ctx, row, "declined")
    user = ctx.session.get_one(User, row.user_id)
    record(ctx, "person.not_let_in", user)


def _require_decider(ctx: Context, row: Registration) -> None:
    if ctx.actor.is_contact:
        require(ctx.actor, Permission.ORGANIZATION_PEOPLE, row)
    else:
        require(ctx.actor, Permission.PROVIDER_CONFIGURE)


def _check_waiting(row: Registration) -> None:
    if row.state != queries.WAITING:
        raise Conflict(_("%(name)s decided this already", name=row.decided_by or _("Somebody")))


def _decide(ctx: Context, row: Registration, state: str) -> None:
    row.state, row.decided_at, row.decided_by = state, ctx.now, ctx.actor.name
    ctx.session.flush()
