"""People of one case: copies, shares, exclusions, visibility and subscriptions."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete, or_, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.cases.actions.claims import exclude_claimants
from portal.cases.actions.transitions import touch
from portal.cases.models import Case, CaseExclusion, CaseGrant, CaseLocation, CaseSubscription
from portal.cases.queries.people import PARTICIPANTS, count_participants, find_colleague, find_reader
from portal.cases.queries.shown_people import ShownPerson, shown_people
from portal.identity import actions as identity
from portal.identity.models import User
from portal.identity.queries import primary_email
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.models import Organization, StaffAccount, StaffMember
from portal.tenants.queries.contacts import member_by_email


def add_grant(
    ctx: Context, case: Case, kind: str, *, user_id: uuid.UUID | None = None, organization_id: uuid.UUID | None = None
) -> CaseGrant:
    """Store a grant, for callers that checked it; it records nothing."""
    row = CaseGrant(
        **CaseLocation.of(case).columns(),
        kind=kind,
        user_id=user_id,
        to_organization_id=organization_id,
        added_by_id=ctx.actor.user_id,
        added_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.expire(case, ["grants"])
    return row


def add_people(ctx: Context, case: Case, emails: Iterable[str]) -> None:
    """Put *emails* in copy: they read the whole public conversation and may reply.

    Records `case.person_added` for each new person. Raises Refused (field cc) for an outside address if the
    organization forbids those, and for an excluded person.
    """
    require(ctx.actor, Permission.CASE_PEOPLE, case)
    if put_in_copy(ctx, case, emails):
        touch(ctx, case)


def put_in_copy(ctx: Context, case: Case, emails: Iterable[str]) -> int:
    """Put *emails* in copy without a permission check; returns how many were added.

    For callers that have checked the permission to open or reply. Skips reporter, contact and people who have a grant.
    Raises Refused as `add_people`, and for more than PARTICIPANTS people.
    """
    wanted = list(emails)
    if not wanted:
        return 0
    organization = ctx.session.get(Organization, case.organization_id)
    present = {case.reported_by_id, case.contact_user_id} if case.reported_side == "contact" else {case.contact_user_id}
    present |= {grant.user_id for grant in case.grants if grant.user_id and grant.kind != "reader"}
    added = 0
    room = PARTICIPANTS - count_participants(case)
    for email in wanted:
        member = member_by_email(ctx, case.organization_id, email)
        if member is None and organization is not None and not organization.outside_copy:
            raise Refused(
                _(
                    "%(email)s is outside %(organization)s. Your company allows only its own addresses in copy",
                    email=email,
                    organization=organization.name,
                ),
                "cc",
            )
        user = member or identity.add_person(ctx, name=email, email=email)
        if user.id in present:
            continue
        check_not_excluded(ctx, case, user)
        if added >= room:
            raise Refused(
                ngettext(
                    "A case has at most %(num)d person in copy. Remove somebody first, or share the case",
                    "A case has at most %(num)d people in copy. Remove somebody first, or share the case",
                    PARTICIPANTS,
                ),
                "cc",
            )
        # The history names the address that was typed, whoever it belongs to.
        admit(ctx, case, user, "participant", shown=ShownPerson(email, outside=member is None))
        present.add(user.id)
        added += 1
    return added


def admit(
    ctx: Context, case: Case, user: User, kind: str, *, shown: ShownPerson | None = None, asked: bool = False
) -> None:
    """Give *user* a grant of *kind*. An existing grant changes its kind. The history names them as *shown*; without it,
    as the actor and the members of the organization see them. Records `case.person_added` (facts: user, name, kind;
    outside, if they are no member of the organization; asked, where a question to them says more than this event).
    """
    existing = next((grant for grant in case.grants if grant.user_id == user.id), None)
    if existing is not None:
        existing.kind = kind
        ctx.session.flush()
    else:
        add_grant(ctx, case, kind, user_id=user.id)
    shown = shown or _shown_in_history(ctx, case, user)
    facts: dict[str, Any] = {"outside": True} if shown.outside else {}
    facts |= {"asked": True} if asked else {}
    record(ctx, "case.person_added", user, case=case, user=str(user.id), name=shown.name, kind=kind, **facts)


def _shown_in_history(ctx: Context, case: Case, user: User) -> ShownPerson:
    """*user* in the history of *case*, which every reader of the case sees: the address of an outsider."""
    person = shown_people(ctx, case.organization_id, [user.id]).get(user.id)
    if person is None:
        return ShownPerson(user.name, outside=False)
    return ShownPerson(primary_email(ctx, user.id), outside=True) if person.outside else person


def check_not_excluded(ctx: Context, case: Case, user: User, field: str = "cc") -> None:
    """Raise Refused (on *field*) if the case excludes *user*. The exclusion must be lifted first."""
    found = select(CaseExclusion.id).where(CaseExclusion.case_id == case.id, CaseExclusion.user_id == user.id)
    if ctx.session.scalar(found) is not None:
        raise Refused(_("That person must not see this case"), field)


def _colleague(ctx: Context, case: Case, person: Id | str) -> User:
    """The member of the case's organization that *person* names; raises Refused (field person) in the same words for
    anybody else, known or not."""
    user = find_colleague(ctx, case, person)
    if user is None:
        raise Refused(_("Choose one of your colleagues"), "person")
    return user


def _reader(ctx: Context, case: Case, person: Id | str) -> User:
    """The person of either side that *person* names; raises Refused (field person) in the same words for anybody whom
    the actor does not see, known or not."""
    user = find_reader(ctx, case, person)
    if user is None:
        raise Refused(_("Choose a person"), "person")
    return user


def share_with(ctx: Context, case: Case, person: Id | str) -> None:
    """Share *case* with the colleague whom *person* names by id or address; records `case.person_added` (kind
    reader)."""
    require(ctx.actor, Permission.CASE_SHARE, case)
    user = _colleague(ctx, case, person)
    check_not_excluded(ctx, case, user)
    if not any(grant.user_id == user.id for grant in case.grants):
        admit(ctx, case, user, "reader")
        touch(ctx, case)


def share_with_organization(ctx: Context, case: Case, organization: Organization) -> None:
    """Share *case* with a further organization of the provider (staff only); records `case.shared` with its name."""
    require(ctx.actor, Permission.CASE_SHARE_ABROAD, case)
    if organization.id == case.organization_id:
        raise Refused(_("Choose another organization"), "organization")
    if not any(grant.to_organization_id == organization.id for grant in case.grants):
        add_grant(ctx, case, "organization", organization_id=organization.id)
        touch(ctx, case)
        record(ctx, "case.shared", case, case=case, organization=organization.name)


def remove_person(ctx: Context, case: Case, grant_id: uuid.UUID) -> None:
    """Remove a grant. Everybody may remove their own. Records `case.person_removed` (facts: user, name, grant); raises
    Refused for an unknown id.
    """
    grant = next((g for g in case.grants if g.id == grant_id), None)
    if grant is None:
        raise Refused(_("That person is not on this case any more"))
    if grant.user_id != ctx.actor.user_id:
        require(ctx.actor, Permission.CASE_SHARE_ABROAD if grant.to_organization_id else Permission.CASE_PEOPLE, case)
    user = ctx.session.get(User, grant.user_id) if grant.user_id else None
    # The grant goes last: whoever removes their own may not write to the case afterwards.
    touch(ctx, case)
    record(
        ctx,
        "case.person_removed",
        user or case,
        case=case,
        user=str(user.id) if user else "",
        name=_shown_in_history(ctx, case, user).name if user else "",
        grant=str(grant.id),
    )
    ctx.session.execute(
        delete(CaseGrant).where(CaseGrant.id == grant.id).execution_options(synchronize_session="fetch")
    )
    ctx.session.expire(case, ["grants"])


def set_visibility(ctx: Context, case: Case, visibility: str) -> None:
    """Share *case* inside the organization, or make it private; records `case.shared` or `case.made_private`."""
    require(ctx.actor, Permission.CASE_SHARE, case)
    if visibility not in ("private", "shared"):
        raise Refused(_("Choose who can see this case"), "visibility")
    if case.visibility != visibility:
        case.visibility = visibility
        touch(ctx, case)
        record(ctx, "case.shared" if visibility == "shared" else "case.made_private", case, case=case)


def exclude(ctx: Context, case: Case, person: Id | str) -> None:
    """Exclude whom *person* names by id or address from *case*, and remove their grant and subscription; records
    `case.excluded`.

    Contacts may exclude colleagues, staff whomever they see or who is on the case. Nobody can exclude themselves, the
    contact, or the last person of support who could answer.
    """
    require(ctx.actor, Permission.CASE_EXCLUDE, case)
    user = _colleague(ctx, case, person) if ctx.actor.is_contact else _reader(ctx, case, person)
    if user.id in (ctx.actor.user_id, case.contact_user_id):
        raise Refused(_("You cannot exclude yourself or the person the case is about"), "person")
    known = select(CaseExclusion.id).where(CaseExclusion.case_id == case.id, CaseExclusion.user_id == user.id)
    if ctx.session.scalar(known) is not None:
        return
    _check_support_remains(ctx, case, user)
    exclusion = CaseExclusion(
        **CaseLocation.of(case).columns(), user_id=user.id, added_by_id=ctx.actor.user_id, added_at=ctx.now
    )
    ctx.session.add(exclusion)
    for model in (CaseGrant, CaseSubscription):
        ctx.session.execute(delete(model).where(model.case_id == case.id, model.user_id == user.id))
    ctx.session.flush()
    exclude_claimants(ctx, exclusion)
    ctx.session.expire(case, ["grants"])
    touch(ctx, case, public=False)
    record(ctx, "case.excluded", user, case=case, user=str(user.id))


def _check_support_remains(ctx: Context, case: Case, user: User) -> None:
    """Raise Refused if *user* is the last person of support who could answer *case*."""
    excluded = select(CaseExclusion.user_id).where(CaseExclusion.case_id == case.id)
    looks_after = select(StaffAccount.staff_id).where(StaffAccount.account_id == case.account_id)
    able = select(StaffMember.user_id).where(
        StaffMember.provider_id == ctx.provider_id,
        StaffMember.active,
        StaffMember.role.in_([role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]),
        or_(StaffMember.all_accounts, StaffMember.id.in_(looks_after)),
        StaffMember.user_id.not_in(excluded),
    )
    with as_system(ctx) as inner:
        found = inner.session.scalars(able.limit(2)).all()
    if list(found) == [user.id]:
        raise Refused(_("Then nobody in support could see this case. Choose somebody else."), "person")


def carry_exclusions(ctx: Context, case: Case, new: Case) -> None:
    """Exclude from *new*, in which *case* goes on, whom *case* excludes; only its contact and its opener stay."""
    with as_system(ctx) as inner:
        rows = select(CaseExclusion.user_id).where(CaseExclusion.case_id == case.id)
        present = {new.contact_user_id, new.reported_by_id}
        for user_id in inner.session.scalars(rows).all():
            if user_id not in present:
                inner.session.add(
                    CaseExclusion(**CaseLocation.of(new).columns(), user_id=user_id, added_by_id=None, added_at=ctx.now)
                )
        inner.session.flush()


def lift_exclusion(ctx: Context, case: Case, user_id: uuid.UUID) -> None:
    """Lift an exclusion, so that the rules apply to the person again; records `case.readmitted`."""
    require(ctx.actor, Permission.CASE_EXCLUDE, case)
    gone = ctx.session.execute(
        delete(CaseExclusion)
        .where(CaseExclusion.case_id == case.id, CaseExclusion.user_id == user_id)
        .returning(CaseExclusion.id)
    ).first()
    if gone is not None:
        touch(ctx, case, public=False)
        record(ctx, "case.readmitted", case, case=case, user=str(user_id))


def subscribe(ctx: Context, case: Case, mode: str) -> None:
    """Set the actor's subscription to 'mute', 'follow' or '' (default); records `case.muted`, `.followed` or
    `.unfollowed`.
    """
    require(ctx.actor, Permission.CASE_FOLLOW, case)
    if mode not in ("", "mute", "follow"):
        raise Refused(_("Choose which notifications you want"))
    row = ctx.session.scalars(
        select(CaseSubscription).where(
            CaseSubscription.case_id == case.id, CaseSubscription.user_id == ctx.actor.user_id
        )
    ).one_or_none()
    if (row.mode if row else "") == mode:
        return
    if not mode:
        ctx.session.delete(row)
    elif row is not None:
        row.mode = mode
    else:
        ctx.session.add(
            CaseSubscription(
                **CaseLocation.of(case).columns(),
                user_id=ctx.actor.user_id,
                mode=mode,
            )
        )
    ctx.session.flush()
    record(ctx, {"mute": "case.muted", "follow": "case.followed", "": "case.unfollowed"}[mode], case, case=case)
