"""Which cases an actor may see. Every list, load, count and search starts here.

`cases.audience.admitting_rules` holds the same rules in Python, for one case and many people. A property test compares
both.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, any_, func, literal, or_, select

from portal.attachments.models import Attachment
from portal.authz import scopes
from portal.authz.access import register_relation
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole
from portal.cases.models import (
    AnswerValue,
    Case,
    CaseExclusion,
    CaseGrant,
    CaseLink,
    CaseSubscription,
    CaseTag,
    DefaultAccount,
    DelayedReply,
    Message,
    RequestType,
    SavedView,
    SavedViewPin,
    SeverityAnswer,
    SeverityLevel,
    Tag,
)
from portal.kernel.actor import Access, Actor, Id
from portal.kernel.events import Event
from portal.tenants.policies import of_provider, reaches_account

# The events that contacts may see. All others are for staff only.
PUBLIC_EVENTS = (
    "case.submitted",
    "case.taken",
    "case.started",
    "case.asked",
    "case.held",
    "case.woken",
    "case.replied",
    "case.answered",
    "case.resolved",
    "case.accepted",
    "case.rejected",
    "case.reopened",
    "case.closed",
    "case.auto_closed",
    "case.severity_changed",
    "case.joined",
    "case.confirmed",
    "case.workaround_pinned",
    "case.workaround_unpinned",
    "case.edited",
    "case.shared",
    "case.made_private",
    "case.person_added",
    "case.person_removed",
    "case.moved",
    "case.merged",
    "case.split",
    "case.split_off",
    # Of a later feature: the question for a yes, and what became of it.
    "approval.asked",
    "approval.continued",
    "approval.answered",
    "approval.approved",
    "approval.refused",
    "approval.expired",
    "approval.withdrawn",
    "approval.approver_added",
)


def reads_shared(actor: Actor, row: Access) -> bool:
    """Whether an access row admits its holder to cases that others shared. Requesters: if the organization
    allows it.
    """
    if row.role == ContactRole.REQUESTER:
        return actor.memberships[row.organization_id].requesters_see_shared
    return Permission.CASE_READ_SHARED in ROLES[ContactRole(row.role)]


def reads_private(actor: Actor, row: Access) -> bool:
    """Whether an access row admits its holder to private cases of others. The organization must have allowed it."""
    allowed = Permission.CASE_READ_PRIVATE in ROLES[ContactRole(row.role)]
    return allowed and actor.memberships[row.organization_id].admins_see_private


# With more accounts than this, one condition for all costs less than one for each.
MANY_ACCOUNTS = 6


def _in_access_rows(rows: Iterable[Access], *also: ColumnElement[bool], separate: bool) -> list[ColumnElement[bool]]:
    """Conditions for cases inside *rows* (an account, or one environment of it) that also meet *also*.

    *separate*: one condition for each account, so that an index returns them in order. Otherwise one condition for all.
    """
    whole = {row.account_id for row in rows if row.environment_id is None}
    single = {(row.account_id, row.environment_id) for row in rows if row.environment_id is not None}
    single = {(account, env) for account, env in single if account not in whole}
    found = [and_(Case.account_id == account, Case.environment_id == env, *also) for account, env in sorted(single)]
    if separate and len(whole) + len(single) <= MANY_ACCOUNTS:
        return [*found, *(and_(Case.account_id == account, *also) for account in sorted(whole))]
    return [*found, *([and_(Case.account_id.in_(sorted(whole)), *also)] if whole else [])]


def not_excluded(actor: Actor) -> ColumnElement[bool]:
    """Cases that do not exclude the actor. The excluded ids are few and are read once in a statement."""
    return Case.id.not_in(select(CaseExclusion.case_id).where(CaseExclusion.user_id == actor.user_id))


def visible_cases(actor: Actor) -> "Select[Any]":
    """The cases that *actor* sees.

    Staff: cases of their accounts. Contacts: own cases, cases they were let into, shared cases, and private cases where
    an administrator or a manager may read them. An exclusion removes a case from all of these.
    """
    rows = select(Case).where(Case.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_staff:
        if Permission.CASE_READ not in ROLES[StaffRole(actor.role)]:
            return scopes.select_nothing(rows)
        return rows.where(reaches_account(actor, Case.account_id), not_excluded(actor))
    if not actor.is_contact:
        return scopes.select_nothing(rows)
    return rows.where(or_(*access_conditions(actor, separate=False)), not_excluded(actor))


def access_conditions(actor: Actor, *, separate: bool = True) -> list[ColumnElement[bool]]:
    """The rules that admit a contact to a case, one condition each. A rule that another one contains is left out.

    *separate*: every condition can be answered by one index in its order. A list of the newest cases uses them one by
    one; combined by OR they would need a scan of every case.
    """
    shared = shared_cases(actor, separate=separate)
    return [
        *own_cases(actor, separate=separate),
        granted_cases(actor),
        *shared,
        *administered_cases(actor, separate=separate),
        *managed_cases(actor, separate=separate),
    ]


def _fully_read_accounts(actor: Actor) -> set[Id]:
    """Accounts of which the actor reads every case."""
    return {row.account_id for row in actor.access if row.environment_id is None and reads_private(actor, row)}


def own_cases(actor: Actor, *, separate: bool = True) -> list[ColumnElement[bool]]:
    """Cases that the person reported or is the contact of, in organizations that they still belong to: a person who
    moves to another account of their company still reads the cases they opened."""
    if not actor.memberships:
        return []
    here: ColumnElement[bool] = Case.organization_id.in_(sorted(actor.memberships))
    if known := _fully_read_accounts(actor):
        others = {account for place in actor.memberships.values() for account in place.accounts} - known
        if not others:
            # Reading every case of the person only to find that another rule has it took thousands of pages of 8 kB.
            return []
        here = and_(here, Case.account_id.in_(sorted(others)))
    mine = (Case.reported_by_id == actor.user_id, Case.contact_user_id == actor.user_id)
    # "IS TRUE" prevents the use of the account index: the person's index returns the cases in order, without a sort.
    return [and_(one, here.is_(True)) for one in mine] if separate else [and_(or_(*mine), here)]


def has_id_in(ids: "Select[Any]") -> ColumnElement[bool]:
    """Cases with one of a few *ids*: they are read first and looked up by key. IN would test every case."""
    return Case.id == any_(func.array(ids.scalar_subquery()))


def granted_cases(actor: Actor) -> ColumnElement[bool]:
    """Cases that the person was let into by name, or that staff shared with an organization whose shared cases they
    read.
    """
    abroad = {row.organization_id for row in actor.access if reads_shared(actor, row)}
    rows = select(CaseGrant.case_id)
    mine = CaseGrant.user_id == actor.user_id
    return has_id_in(rows.where(or_(mine, CaseGrant.to_organization_id.in_(sorted(abroad))) if abroad else mine))


def cases_granted_by_name(actor: Actor) -> ColumnElement[bool]:
    """Cases that the person is in copy of, affected by, or was shown by name."""
    return has_id_in(select(CaseGrant.case_id).where(CaseGrant.user_id == actor.user_id))


def cases_shared_with_organizations(actor: Actor) -> ColumnElement[bool]:
    """Cases that staff shared with an organization whose shared cases the person reads."""
    abroad = {row.organization_id for row in actor.access if reads_shared(actor, row)}
    return has_id_in(select(CaseGrant.case_id).where(CaseGrant.to_organization_id.in_(sorted(abroad))))


def followed_cases(actor: Actor) -> ColumnElement[bool]:
    """Cases that the person follows. Following does not admit anybody to a case."""
    return has_id_in(
        select(CaseSubscription.case_id).where(
            CaseSubscription.user_id == actor.user_id, CaseSubscription.mode == "follow"
        )
    )


def shared_cases(actor: Actor, *, separate: bool = True) -> list[ColumnElement[bool]]:
    """Shared cases inside the access rows."""
    known = _fully_read_accounts(actor)
    readers = [row for row in actor.access if row.account_id not in known and reads_shared(actor, row)]
    return _in_access_rows(readers, Case.visibility == "shared", separate=separate)


def administered_cases(actor: Actor, *, separate: bool = True) -> list[ColumnElement[bool]]:
    """All cases, private ones too, of organizations that allow their administrators to read them."""
    return _in_access_rows([row for row in actor.access if reads_private(actor, row)], separate=separate)


def managed_cases(actor: Actor, *, separate: bool = True) -> list[ColumnElement[bool]]:
    """Cases, private ones too, that people below the actor in the reporting line reported or are the contact of, inside
    the access rows. Their organization must let managers read them."""
    known = _fully_read_accounts(actor)
    found: list[ColumnElement[bool]] = []
    for place in actor.memberships.values():
        if place.reports:
            rows = [row for row in actor.access if row.organization_id == place.organization_id]
            rows = [row for row in rows if row.account_id not in known]
            found += _in_access_rows(rows, _is_about(place.reports), separate=separate)
    return found


def _is_about(people: Collection[Id]) -> ColumnElement[bool]:
    """Cases that one of *people* reported or is the contact of."""
    named = literal(sorted(people), ARRAY(Uuid()))
    return or_(Case.contact_user_id == any_(named), Case.reported_by_id == any_(named))


def manages(actor: Actor, case: Any) -> bool:
    """Whether `managed_cases` admits *actor* to *case*, which may be facts of one that is not opened yet."""
    place = actor.memberships.get(case.organization_id)
    if place is None or place.reports.isdisjoint((case.contact_user_id, case.reported_by_id)):
        return False
    return any(row.covers(case.account_id, case.environment_id) for row in actor.access)


def _through_case(model: Any) -> Any:
    def visible(actor: Actor) -> "Select[Any]":
        cases = visible_cases(actor).with_only_columns(Case.id)
        return select(model).where(model.provider_id == actor.provider_id, model.case_id.in_(cases))

    return visible


def visible_messages(actor: Actor) -> "Select[Any]":
    """The messages of visible cases. Contacts never see notes."""
    rows = _through_case(Message)(actor)
    return rows.where(Message.kind != "note") if actor.is_contact else rows


def visible_attachments(actor: Actor) -> "Select[Any]":
    """The files of visible cases, those of notes for staff only, and the actor's own staged files."""
    cases = visible_cases(actor).with_only_columns(Case.id)
    rows = select(Attachment).where(Attachment.provider_id == actor.provider_id)
    attached: ColumnElement[bool] = Attachment.case_id.in_(cases)
    if actor.is_contact:
        attached = and_(attached, Attachment.internal.is_(False))
    staged = and_(Attachment.case_id.is_(None), Attachment.uploaded_by_id == actor.user_id)
    return rows if actor.is_system else rows.where(or_(attached, staged))


def visible_events(actor: Actor) -> "Select[Any]":
    """The events of visible cases. Contacts see public events only."""
    rows = select(Event).where(Event.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    through = Event.case_id.in_(visible_cases(actor).with_only_columns(Case.id))
    if actor.is_contact:
        return rows.where(through, Event.name.in_(PUBLIC_EVENTS))
    return rows.where(through) if actor.is_staff else scopes.select_nothing(rows)


def own_subscriptions(actor: Actor) -> "Select[Any]":
    rows = _through_case(CaseSubscription)(actor)
    return rows if actor.is_system else rows.where(CaseSubscription.user_id == actor.user_id)


def visible_exclusions(actor: Actor) -> "Select[Any]":
    """The exclusions of visible cases."""
    return _through_case(CaseExclusion)(actor)


def case_roles(actor: Actor, case: Case) -> set[CaseRole]:
    """The roles of *actor* on *case*. A reporter counts only if they reported as a customer: staff never accept a
    solution.
    """
    found: set[CaseRole] = set()
    covered = case.organization_id in actor.memberships
    if covered and case.contact_user_id == actor.user_id:
        found.add(CaseRole.CONTACT)
    if covered and case.reported_by_id == actor.user_id and case.reported_side == "contact":
        found.add(CaseRole.REPORTER)
    if manages(actor, case):
        found.add(CaseRole.MANAGER)
    for grant in case.grants:
        if grant.user_id == actor.user_id:
            found.add(CaseRole(grant.kind))
    return found


register_relation(Case, case_roles)


def own_default_account(actor: Actor) -> "Select[Any]":
    """The actor's own choice; the system sees everybody's."""
    rows = select(DefaultAccount).where(DefaultAccount.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(DefaultAccount.user_id == actor.user_id)


def visible_saved_views(actor: Actor) -> "Select[Any]":
    """Contacts: their own saved filters. Staff: their own views, those shared with everybody of the desk, and those of
    their departments."""
    rows = select(SavedView).where(SavedView.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    own = SavedView.owner_id == actor.user_id
    if actor.is_contact:
        return rows.where(SavedView.side == "portal", own)
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    of_departments = SavedView.department_id.in_(actor.department_ids)
    shared = or_(SavedView.audience == "everyone", and_(SavedView.audience == "department", of_departments))
    return rows.where(SavedView.side == "desk", or_(own, shared))


def own_saved_view_pins(actor: Actor) -> "Select[Any]":
    """What the actor put into their own rail; the system sees everybody's."""
    rows = select(SavedViewPin).where(SavedViewPin.provider_id == actor.provider_id)
    return rows if actor.is_system else rows.where(SavedViewPin.user_id == actor.user_id)


def visible_tags(actor: Actor) -> "Select[Any]":
    """The provider's tags, for staff."""
    rows = select(Tag).where(Tag.provider_id == actor.provider_id)
    return scopes.select_nothing(rows) if actor.is_contact else rows


def visible_case_tags(actor: Actor) -> "Select[Any]":
    """The tags of visible cases, for staff."""
    rows = _through_case(CaseTag)(actor)
    return scopes.select_nothing(rows) if actor.is_contact else rows


def own_delayed_replies(actor: Actor) -> "Select[Any]":
    """The replies of one's own that wait to be sent, on the desk; the system sees everybody's."""
    rows = select(DelayedReply).where(DelayedReply.provider_id == actor.provider_id)
    if actor.is_contact:
        return scopes.select_nothing(rows)
    return rows if actor.is_system else rows.where(DelayedReply.user_id == actor.user_id)


scopes.register_scope(AnswerValue, _through_case(AnswerValue))
scopes.register_scope(Case, visible_cases)
scopes.register_scope(Message, visible_messages)
scopes.register_scope(Attachment, visible_attachments)
scopes.register_scope(Event, visible_events)
scopes.register_scope(CaseGrant, _through_case(CaseGrant))
scopes.register_scope(CaseExclusion, visible_exclusions)
scopes.register_scope(CaseSubscription, own_subscriptions)
scopes.register_scope(DefaultAccount, own_default_account)
scopes.register_scope(DelayedReply, own_delayed_replies)
scopes.register_scope(CaseLink, _through_case(CaseLink))
scopes.register_scope(Tag, visible_tags)
scopes.register_scope(CaseTag, visible_case_tags)
scopes.register_scope(RequestType, of_provider(RequestType))
scopes.register_scope(SavedView, visible_saved_views)
scopes.register_scope(SavedViewPin, own_saved_view_pins)
scopes.register_scope(SeverityAnswer, of_provider(SeverityAnswer))
scopes.register_scope(SeverityLevel, of_provider(SeverityLevel))
