"""Roles and their permissions. The page and the docs are generated from this table (DESIGN 2.7)."""

from collections.abc import Mapping
from enum import StrEnum

from portal.authz.permissions import Permission as P


class StaffRole(StrEnum):
    """The role of a staff member: one at the provider."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"
    PLATFORM_ADMIN = "platform_admin"
    AUDITOR = "auditor"


class ContactRole(StrEnum):
    """The role of an access row, so one person may have different roles in different accounts."""

    REQUESTER = "requester"
    MEMBER = "member"
    COORDINATOR = "coordinator"
    ORGANIZATION_ADMIN = "organization_admin"


class CaseRole(StrEnum):
    """The relation of a person to one case, independent of access rows."""

    REPORTER = "reporter"
    CONTACT = "contact"
    AFFECTED = "affected"
    PARTICIPANT = "participant"
    READER = "reader"
    # Somebody in the line of managers above the reporter or the contact, where the organization lets managers read.
    MANAGER = "manager"


_DESK = {
    P.DESK_USE,
    P.CASE_READ,
    P.CASE_OPEN,
    P.CASE_OPEN_FOR_OTHERS,
    P.CASE_ANSWER,
    P.CASE_NOTE,
    P.CASE_STATUS,
    P.CASE_TAKE,
    P.CASE_EDIT,
    P.CASE_CLOSE,
    P.CASE_REOPEN,
    P.CASE_SEVERITY,
    P.CASE_ESCALATE,
    P.CASE_PEOPLE,
    P.CASE_SHARE,
    P.CASE_SHARE_ABROAD,
    P.CASE_EXCLUDE,
    P.CASE_MERGE,
    P.CASE_MOVE,
    P.CASE_FOLLOW,
    P.ARTICLE_READ,
    P.ARTICLE_WRITE,
    P.COMMUNITY_READ,
    P.COMMUNITY_ANSWER,
}
_REQUESTER = {P.PORTAL_USE, P.CASE_READ, P.CASE_OPEN, P.COMMUNITY_WRITE}
_MEMBER = _REQUESTER | {P.CASE_READ_SHARED, P.CASE_FOLLOW}
_COORDINATOR = _MEMBER | {P.CASE_OPEN_FOR_OTHERS}
_IN_COPY = {P.PORTAL_USE, P.CASE_READ, P.CASE_REPLY, P.CASE_FOLLOW}
_OWNERS = _IN_COPY | {
    P.CASE_ACCEPT,
    P.CASE_CLOSE,
    P.CASE_REOPEN,
    P.CASE_SHARE,
    P.CASE_PEOPLE,
    P.CASE_EXCLUDE,
    P.SURVEY_ANSWER,
}

ROLES: Mapping[StrEnum, frozenset[P]] = {
    StaffRole.AGENT: frozenset(_DESK),
    StaffRole.LEAD: frozenset(
        _DESK
        | {
            P.CASE_SKIP_CHECK,
            P.ANNOUNCEMENT_WRITE,
            P.PROVIDER_READ,
            P.SURVEY_FOLLOW_UP,
            P.ARTICLE_PUBLISH,
            P.CANNED_REPLY_SHARE,
            P.TIME_REVIEW,
            P.VIEW_SHARE,
            P.COMMUNITY_MODERATE,
        }
    ),
    StaffRole.ADMIN: frozenset(
        _DESK
        | {P.PROVIDER_READ, P.PROVIDER_CONFIGURE, P.PROVIDER_CONNECT}
        | {P.CASE_SKIP_CHECK, P.ANNOUNCEMENT_WRITE, P.MAIL_SEE, P.SECURITY_SEE, P.SURVEY_FOLLOW_UP, P.ARTICLE_PUBLISH}
        | {P.CANNED_REPLY_SHARE, P.COMMUNITY_MODERATE, P.TIME_REVIEW, P.VIEW_SHARE}
    ),
    # Not ARTICLE_READ: a draft may be made from a case. Not PROVIDER_CONNECT: mails of cases pass through a mailbox,
    # and an identity provider says who somebody is.
    StaffRole.PLATFORM_ADMIN: frozenset({P.PROVIDER_READ, P.PROVIDER_CONFIGURE, P.SECURITY_SEE, P.CANNED_REPLY_SHARE}),
    StaffRole.AUDITOR: frozenset(
        {P.DESK_USE, P.CASE_READ, P.ARTICLE_READ, P.COMMUNITY_READ, P.PROVIDER_READ, P.SECURITY_SEE}
    ),
    ContactRole.REQUESTER: frozenset(_REQUESTER),
    ContactRole.MEMBER: frozenset(_MEMBER),
    ContactRole.COORDINATOR: frozenset(_COORDINATOR),
    ContactRole.ORGANIZATION_ADMIN: frozenset(
        (_OWNERS - {P.SURVEY_ANSWER})
        | _COORDINATOR
        | {P.CASE_READ_PRIVATE, P.ORGANIZATION_PEOPLE, P.ORGANIZATION_ENVIRONMENTS, P.ORGANIZATION_RULES}
    ),
    CaseRole.REPORTER: frozenset((_OWNERS - {P.SURVEY_ANSWER}) | {P.CASE_EDIT_OWN_WORDS}),
    CaseRole.CONTACT: frozenset(_OWNERS),
    # They decide about a solution for themselves.
    CaseRole.AFFECTED: frozenset(_IN_COPY | {P.CASE_ACCEPT}),
    CaseRole.PARTICIPANT: frozenset(_IN_COPY),
    CaseRole.READER: frozenset(_IN_COPY),
    # They read. To take part, somebody of the case puts them in copy.
    CaseRole.MANAGER: frozenset({P.PORTAL_USE, P.CASE_READ, P.CASE_FOLLOW}),
}


def roles_with(permission: P) -> list[StrEnum]:
    """The roles that have *permission*, as named in a refusal."""
    return [role for role, held in ROLES.items() if permission in held]
