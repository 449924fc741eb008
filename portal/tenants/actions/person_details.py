"""Correcting the name, phone, address and zone of a person, for those who look after them."""

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.identity import actions as identity
from portal.identity.actions import AddressFate
from portal.identity.models import User
from portal.identity.queries import primary_email, user_by_email
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.system_context import as_system
from portal.tenants.actions.contacts import reaches_all, require_reach
from portal.tenants.models import Contact, StaffMember
from portal.tenants.preconditions import configures_blindly
from portal.tenants.queries.contacts import member_by_email


def correct_contact(ctx: Context, contact: Contact, *, name: str, email: str, phone: str, zone: str) -> AddressFate:
    """Correct who *contact* (user loaded) is; records `person.corrected`, and what `correct_address` records.

    An organization's administrator corrects people who belong to that organization alone, and whose accounts they
    administer; the others say who they are themselves (Forbidden).
    """
    require_reach(ctx, contact)
    if not may_correct(ctx, contact):
        raise Forbidden(_("These details are not yours to correct. Ask the person or support."))
    member = member_by_email(ctx, contact.organization_id, email, former=True)
    if member is not None and member.id != contact.user_id:
        raise Refused(_("%(name)s has this address already", name=member.name), "email")
    return _correct(ctx, contact.user, name=name, email=email, phone=phone, zone=zone)


def correct_staff(ctx: Context, member: StaffMember, *, name: str, email: str, phone: str, zone: str) -> AddressFate:
    """Correct who *member* (user loaded) is; records `person.corrected`, and what `correct_address` records."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    return _correct(ctx, member.user, name=name, email=email, phone=phone, zone=zone)


def may_correct(ctx: Context, contact: Contact) -> bool:
    """Whether the actor, who administers people here, may correct who *contact* is."""
    return not ctx.actor.is_contact or (reaches_all(ctx, contact) and belongs_here_alone(ctx, contact))


def belongs_here_alone(ctx: Context, contact: Contact) -> bool:
    """Whether the person of *contact* has no place at the provider but this one, also none that ended."""
    with as_system(ctx) as inner:
        elsewhere = select(Contact.id).where(
            Contact.provider_id == ctx.provider_id, Contact.user_id == contact.user_id, Contact.id != contact.id
        )
        works = select(StaffMember.id).where(
            StaffMember.provider_id == ctx.provider_id, StaffMember.user_id == contact.user_id
        )
        return not inner.session.scalar(select(or_(elsewhere.exists(), works.exists())))


def _correct(ctx: Context, person: User, *, name: str, email: str, phone: str, zone: str) -> AddressFate:
    fate = AddressFate.SAME
    if primary_email(ctx, person.id) != email or person.new_email:
        fate = _correct_address(ctx, person, email)
    identity.correct_person(ctx, person, name=name, phone=phone, zone=zone)
    return fate


def _correct_address(ctx: Context, person: User, email: str) -> AddressFate:
    """Raises Refused where somebody whom the actor may see holds *email*, and for who sees no cases: with the address
    they could sign in as somebody who does."""
    if configures_blindly(ctx):
        raise Refused(_("With this address somebody could see cases. Ask an administrator."), "email")
    ctx.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{ctx.provider_id}:{email.casefold()}", 0)))
    )
    holder = user_by_email(ctx, email)
    if holder is not None and holder.id != person.id and not ctx.actor.is_contact:
        raise Refused(_("%(name)s has this address already", name=holder.name), "email")
    return identity.correct_address(ctx, person, email)
