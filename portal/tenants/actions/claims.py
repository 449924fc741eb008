"""Naming a person by an address that belongs to somebody whom the actor may not see, and what comes of it
(docs/decisions/0020-claimed-addresses.md)."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.identity import actions as identity
from portal.identity.models import Address, User
from portal.identity.queries import user_by_email
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Gone
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact, ContactAccess, Organization
from portal.tenants.queries.contacts import member_by_email


def find_or_add_person(ctx: Context, organization_id: Id, *, name: str, email: str) -> User:
    """The user whom the actor means by *email* in the organization: a present or former member; else the holder of the
    address, if the actor may see them; else somebody new named *name*, who claims the address if it has a holder.

    The answer shows nothing of a holder whom the actor may not see. Serialized by address until commit.
    """
    ctx.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{ctx.provider_id}:{email.casefold()}", 0)))
    )
    member = member_by_email(ctx, organization_id, email, former=True)
    if member is not None:
        return member
    holder = user_by_email(ctx, email)
    if holder is None or _sees(ctx, holder):
        return holder or identity.add_unknown_person(ctx, name=name, email=email)
    return _visible_claimant(ctx, email) or identity.add_claimant(ctx, name=name, email=email)


def _sees(ctx: Context, person: User) -> bool:
    """Whether the actor may see *person*, who has no place in the organization: staff of all accounts, staff who
    configure, and staff of another account of theirs."""
    if ctx.actor.is_contact:
        return False
    if ctx.actor.is_system or ctx.actor.all_accounts or can(ctx.actor, Permission.PROVIDER_CONFIGURE):
        return True
    return ctx.session.scalar(scope(ctx.actor, Contact).where(Contact.user_id == person.id).limit(1)) is not None


def _visible_claimant(ctx: Context, email: str) -> User | None:
    """Whoever claims *email* at another organization that the actor, of the staff, looks after."""
    if ctx.actor.is_contact:
        return None
    seen = scope(ctx.actor, Contact).where(Contact.user_id == User.id).with_only_columns(Contact.id)
    claimants = select(User).join(Address, Address.user_id == User.id)
    claimants = claimants.where(
        Address.provider_id == ctx.provider_id, Address.email_folded == email.casefold(), Address.claimed
    )
    return ctx.session.scalars(claimants.where(seen.exists()).order_by(User.id).limit(1)).one_or_none()


def move_places(ctx: Context, event: Event) -> None:
    """React to `person.claim_accepted`: the holder gets the places of the claimant, each with its access and its cases.
    Raises Gone where none of them holds any more."""
    claimant_id, holder_id = ids.parse_id(event.facts["claimant"]), event.subject_id
    with as_system(ctx) as inner:
        own = (Contact.provider_id == ctx.provider_id, Contact.user_id == claimant_id)
        holds = select(Contact.id).join(Organization, Organization.id == Contact.organization_id)
        if inner.session.scalar(holds.where(*own, Contact.active, Organization.active).limit(1)) is None:
            raise Gone
        claimed = (
            select(Contact).where(*own).order_by(Contact.id).with_for_update().execution_options(populate_existing=True)
        )
        for mine in inner.session.scalars(claimed).all():
            theirs = select(Contact).where(
                Contact.organization_id == mine.organization_id, Contact.user_id == holder_id
            )
            known = inner.session.scalars(
                theirs.with_for_update().execution_options(populate_existing=True)
            ).one_or_none()
            if known is not None:
                _join(inner, mine, known)
                continue
            # The access rows and the cases of the contact follow by their keys.
            become = update(Contact).where(Contact.id == mine.id).values(user_id=holder_id)
            inner.session.execute(become.execution_options(synchronize_session=False))
        inner.session.flush()
        inner.session.expire_all()


def _join(ctx: Context, claimant: Contact, holder: Contact) -> None:
    """Give *holder* the access of *claimant*, who has a place of their own in the same organization; that one ends."""
    same = aliased(ContactAccess)
    twice = select(same.id).where(
        same.contact_id == holder.id,
        same.account_id == ContactAccess.account_id,
        same.environment_id.is_not_distinct_from(ContactAccess.environment_id),
    )
    held = (ContactAccess.contact_id == claimant.id,)
    if claimant.active:
        ctx.session.execute(
            update(ContactAccess)
            .where(*held, ~twice.exists())
            .values(contact_id=holder.id, user_id=holder.user_id)
            .execution_options(synchronize_session=False)
        )
        holder.active = True
    ctx.session.execute(delete(ContactAccess).where(*held).execution_options(synchronize_session=False))
    claimant.active = False
