"""Letting somebody in who came back from an identity provider, and what links a person to an account there."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.identity import actions as identity
from portal.identity import queries as identity_queries
from portal.identity.models import User
from portal.identity.policies import require_self
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.sso.models import LinkedSignIn, SignInWay
from portal.sso.queries import arrivals as queries
from portal.sso.queries.arrivals import JOIN, LINK, RECYCLED, REGISTER, Arrival, Outcome
from portal.sso.queries.linked import has_other_way_in
from portal.tenants.actions import contacts
from portal.tenants.models import Organization
from portal.tenants.queries.contacts import member_by_email

# Sessions at the identity provider that are remembered for each sign-in.
_MOST_SIDS = 20


def admit(ctx: Context, way: SignInWay, arrival: Arrival) -> Outcome:
    """Do what `decide` says: find, link or add the person of *arrival*, give a newcomer their place, and note the use.
    The caller acts as the system, and signs the person of the outcome in, if it signs somebody in.

    Records `person.sign_in_linked`, and `person.sign_in_waiting` for an address that had another account there.
    """
    outcome = queries.decide(ctx, way, arrival)
    user, linked = outcome.user, outcome.linked
    if outcome.code == RECYCLED and user is not None:
        linked = _store(ctx, way, arrival, user, waiting=True)
        record(ctx, "person.sign_in_waiting", user, way=way.name, email=arrival.email)
        return Outcome(RECYCLED, user, linked)
    if not outcome.signs_in:
        return outcome
    if outcome.code in (JOIN, REGISTER):
        user = _add_person(ctx, arrival)
    assert user is not None
    if outcome.code in (JOIN, REGISTER, LINK):
        if identity.prove_address(ctx, user, arrival.email):
            _delete_links(ctx, user)
        linked = _store(ctx, way, arrival, user)
        record(ctx, "person.sign_in_linked", user, way=way.name, email=arrival.email)
    assert linked is not None
    _note_use(ctx, linked, arrival)
    _give_place(ctx, user, arrival)
    return Outcome(outcome.code, user, linked)


def link_own(ctx: Context, way: SignInWay, arrival: Arrival) -> None:
    """Link *arrival* to the person who is signed in and began it; records `person.sign_in_linked`.

    Raises Refused where it belongs to somebody else here, where the way is that of an organization to which the person
    does not belong, and where the person never proved their own address.
    """
    person = ctx.person
    require_self(ctx, person)
    with as_system(ctx, with_own_rows=True) as system:
        known = queries.find_linked(system, arrival)
        if known is not None and (known.user_id != person.id or known.waiting):
            raise Refused(_("This sign-in belongs to somebody else here"))
        if known is not None:
            return
        if way.organization_id is not None and (
            queries.is_staff(system, person) or not queries.is_member(system, person, way.organization_id)
        ):
            raise Refused(_("This is the sign-in of an organization to which you do not belong"))
        if not identity_queries.has_proved_address(system, person.id):
            raise Refused(_("Confirm your own address first: ask for a new password, and use the link that comes"))
        _store(system, way, arrival, person)
        record(system, "person.sign_in_linked", person, way=way.name, email=arrival.email)


def unlink(ctx: Context, row: LinkedSignIn) -> None:
    """Forget one's own sign-in *row* (way loaded); records `person.sign_in_unlinked`. Raises Conflict for the last way
    in."""
    user = ctx.session.get_one(User, row.user_id)
    require_self(ctx, user)
    if not has_other_way_in(ctx, row):
        raise Conflict(_("This is your last way to sign in. Choose a password first, then remove it."))
    way = row.way.name
    ctx.session.delete(row)
    ctx.session.flush()
    identity.end_sessions(ctx, user, keep=ctx.session_id, method=way)
    record(ctx, "person.sign_in_unlinked", user, way=way)


def keep_person(ctx: Context, row: LinkedSignIn) -> None:
    """Decide that the sign-in *row*, which waits, is of the person who has its address: it takes the place of the
    earlier one. Records `person.sign_in_linked`."""
    user = _check_waiting(ctx, row)
    ctx.session.execute(
        delete(LinkedSignIn)
        .where(
            LinkedSignIn.provider_id == ctx.provider_id,
            LinkedSignIn.user_id == user.id,
            LinkedSignIn.issuer == row.issuer,
            LinkedSignIn.id != row.id,
        )
        .execution_options(synchronize_session=False)
    )
    identity.end_sessions(ctx, user)
    row.waiting = False
    ctx.session.flush()
    record(ctx, "person.sign_in_linked", user, way=row.way.name, email=row.email)


def replace_person(ctx: Context, row: LinkedSignIn) -> User:
    """Decide that the sign-in *row*, which waits, is of somebody new: whoever had its address before loses it and all
    access, and the newcomer is added. They get their place when they sign in. Records `person.ended`,
    `person.email_changed`, `person.added` and `person.sign_in_linked`."""
    before = _check_waiting(ctx, row)
    if queries.is_staff(ctx, before):
        raise Conflict(_("%(name)s works in support. End their access on the page of staff first.", name=before.name))
    identity.release_address(ctx, before, row.email)
    if before.ended_at is None:
        identity.end_person(ctx, before)
    user = identity.add_person(ctx, name=row.name or row.email, email=row.email)
    identity.prove_address(ctx, user, row.email)
    row.user_id, row.waiting = user.id, False
    ctx.session.flush()
    record(ctx, "person.sign_in_linked", user, way=row.way.name, email=row.email)
    return user


def end_sessions_there(ctx: Context, way: SignInWay, issuer: str, *, subject: str = "", sid: str = "") -> int:
    """End sessions that came by *way* of *issuer*, because the identity provider ended them (back-channel logout): with
    *sid* those of that session there, of *subject* if it is named too; without it all of the account *subject*. Returns
    how many people were found. The caller acts as the system. Records `person.signed_out_there`.

    Sessions of which the identity provider named no `sid` end with any session there: ending too many is the safe side.
    """
    rows = select(LinkedSignIn).where(LinkedSignIn.provider_id == ctx.provider_id, LinkedSignIn.way_id == way.id)
    rows = rows.where(LinkedSignIn.issuer == issuer)
    if subject:
        rows = rows.where(LinkedSignIn.subject == subject)
    if sid:
        rows = rows.where(LinkedSignIn.sids.contains([sid]) | (LinkedSignIn.subject == subject))
    found: Sequence[LinkedSignIn] = ctx.session.scalars(rows.limit(20)).all()
    for row in found:
        user = ctx.session.get_one(User, row.user_id)
        identity.end_sessions(ctx, user, method=way.name, outside_sid=sid)
        row.sids = [one for one in row.sids if sid and one != sid]
        record(ctx, "person.signed_out_there", user, way=way.name)
    return len(found)


def _check_waiting(ctx: Context, row: LinkedSignIn) -> User:
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if not row.waiting:
        raise Conflict(_("This was decided already"))
    return ctx.session.get_one(User, row.user_id)


def _add_person(ctx: Context, arrival: Arrival) -> User:
    """Somebody new; or whoever the organization knows by this address, which nobody else holds."""
    rule = arrival.rule
    member = (
        member_by_email(ctx, rule.organization_id, arrival.email, former=True)
        if rule is not None and rule.organization_id is not None
        else None
    )
    if member is not None and member.ended_at is None:
        return identity.accept_proved_claim(ctx, member)
    return identity.add_person(ctx, name=arrival.name, email=arrival.email)


def _give_place(ctx: Context, user: User, arrival: Arrival) -> None:
    """A newcomer of an organization becomes a contact with the default role; who was removed from it stays removed."""
    rule = arrival.rule
    if rule is None or rule.account_id is None or rule.organization_id is None or queries.is_staff(ctx, user):
        return
    organization = ctx.session.get_one(Organization, rule.organization_id)
    claimant = member_by_email(ctx, organization.id, arrival.email)
    if claimant is not None and claimant.id != user.id and identity_queries.claimed_address(ctx, claimant) is not None:
        identity.accept_proved_claim(ctx, claimant)
        return
    if contacts.find_contact(ctx, organization, user) is None:
        grant = contacts.Grant(rule.account_id, None, ContactRole(rule.role))
        contacts.add_contact(ctx, organization, user, grants=[grant])


def _store(ctx: Context, way: SignInWay, arrival: Arrival, user: User, *, waiting: bool = False) -> LinkedSignIn:
    row = LinkedSignIn(
        provider_id=ctx.provider_id,
        user_id=user.id,
        way_id=way.id,
        issuer=arrival.issuer,
        subject=arrival.subject,
        email=arrival.email,
        name=arrival.name,
        linked_at=ctx.now,
        waiting=waiting,
        sids=[],
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _note_use(ctx: Context, row: LinkedSignIn, arrival: Arrival) -> None:
    row.last_used_at, row.email, row.name = ctx.now, arrival.email or row.email, arrival.name
    if arrival.sid:
        row.sids = [*(one for one in row.sids if one != arrival.sid), arrival.sid][-_MOST_SIDS:]
    ctx.session.flush()


def _delete_links(ctx: Context, user: User) -> None:
    ctx.session.execute(
        delete(LinkedSignIn)
        .where(LinkedSignIn.provider_id == ctx.provider_id, LinkedSignIn.user_id == user.id)
        .execution_options(synchronize_session=False)
    )
