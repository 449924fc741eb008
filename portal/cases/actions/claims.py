"""Cases of somebody who was named by an address that belongs to another person (docs/decisions/0020)."""

from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import aliased

from portal.cases.models import Case, CaseExclusion, CaseGrant
from portal.cases.models.case import PLACE
from portal.identity.models import Address
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact

# What a grant of one kind gives beside another, the most first.
KINDS = ("affected", "participant", "reader")


def exclude_claimant(ctx: Context, event: Event) -> None:
    """React to `contact.added`: cases of the organization that exclude the holder of an address exclude whoever claims
    it too, so that no mail about them reaches that address."""
    user_id = ids.parse_id(event.facts["user"])
    with as_system(ctx) as inner:
        holders = _holders(user_id)
        rows = select(CaseExclusion).where(
            CaseExclusion.provider_id == ctx.provider_id,
            CaseExclusion.organization_id == event.organization_id,
            CaseExclusion.user_id.in_(holders),
        )
        for row in inner.session.scalars(rows).all():
            _exclude_too(inner, row, user_id)


def exclude_claimants(ctx: Context, exclusion: CaseExclusion) -> None:
    """Exclude whoever claims an address of the excluded person in the organization of the case too."""
    with as_system(ctx) as inner:
        own = select(Address.email_folded).where(Address.user_id == exclusion.user_id, Address.claimed.is_(False))
        claimants = select(Address.user_id).join(Contact, Contact.user_id == Address.user_id)
        claimants = claimants.where(
            Address.provider_id == ctx.provider_id,
            Address.claimed,
            Address.email_folded.in_(own),
            Contact.organization_id == exclusion.organization_id,
        )
        for user_id in inner.session.scalars(claimants).all():
            _exclude_too(inner, exclusion, user_id)


def _holders(user_id: Id | None) -> "Select[Any]":
    """The holders of the addresses that *user_id* claims."""
    claimed = select(Address.provider_id, Address.email_folded).where(Address.user_id == user_id, Address.claimed)
    held = aliased(Address)
    wanted = claimed.subquery()
    rows = select(held.user_id).join(
        wanted, (held.provider_id == wanted.c.provider_id) & (held.email_folded == wanted.c.email_folded)
    )
    return rows.where(held.claimed.is_(False))


def _exclude_too(ctx: Context, row: CaseExclusion, user_id: Id | None) -> None:
    known = select(CaseExclusion.id).where(CaseExclusion.case_id == row.case_id, CaseExclusion.user_id == user_id)
    if user_id is not None and ctx.session.scalar(known) is None:
        place = {name: getattr(row, name) for name in PLACE}
        ctx.session.add(CaseExclusion(**place, user_id=user_id, added_by_id=row.added_by_id, added_at=ctx.now))
        ctx.session.flush()


def move_cases(ctx: Context, event: Event) -> None:
    """React to `person.claim_accepted`, after the places were moved: what the claimant was let into and excluded from
    holds for the holder of the address."""
    claimant_id, holder_id = ids.parse_id(event.facts["claimant"]), event.subject_id
    if claimant_id is None or holder_id is None:
        return
    with as_system(ctx) as inner:
        # Only where the holder had a place in the organization already.
        contact = select(Contact.id).where(
            Contact.organization_id == Case.organization_id, Contact.user_id == holder_id
        )
        inner.session.execute(
            update(Case)
            .where(Case.contact_user_id == claimant_id)
            .values(contact_user_id=holder_id, contact_id=contact.scalar_subquery())
            .execution_options(synchronize_session=False)
        )
        _move_grants(inner, claimant_id, holder_id)
        held = select(CaseExclusion.case_id).where(CaseExclusion.user_id == holder_id)
        twice = (CaseExclusion.user_id == claimant_id, CaseExclusion.case_id.in_(held))
        inner.session.execute(delete(CaseExclusion).where(*twice).execution_options(synchronize_session=False))
        inner.session.execute(
            update(CaseExclusion)
            .where(CaseExclusion.user_id == claimant_id)
            .values(user_id=holder_id)
            .execution_options(synchronize_session=False)
        )
        inner.session.expire_all()


def _move_grants(ctx: Context, claimant_id: Id, holder_id: Id) -> None:
    """Let the holder into the cases that the claimant was let into; of two grants in one case the larger one stays."""
    held = {
        grant.case_id: grant for grant in ctx.session.scalars(select(CaseGrant).where(CaseGrant.user_id == holder_id))
    }
    for grant in ctx.session.scalars(select(CaseGrant).where(CaseGrant.user_id == claimant_id)).all():
        own = held.get(grant.case_id)
        if own is None:
            grant.user_id = holder_id
            continue
        own.kind = min(own.kind, grant.kind, key=KINDS.index)
        ctx.session.delete(grant)
    ctx.session.flush()
