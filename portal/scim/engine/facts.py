"""People and groups of an organization as SCIM tells of them, without the library that reads and writes resources: only
the rest of `engine`, `pages/protocol.py` and the routes of `/scim/v2` need that."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

MOST_MEMBERS = 5_000
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person of the organization, as far as SCIM tells."""

    id: uuid.UUID
    email: str
    name: str
    title: str
    phone: str
    active: bool
    external_id: str
    created: dt.datetime
    changed: dt.datetime
    manager_id: uuid.UUID | None = None
    manager_name: str = ""


@dataclass(frozen=True, slots=True)
class WantedPerson:
    """What the identity provider wants a person to be."""

    email: str
    name: str
    title: str
    phone: str
    active: bool
    external_id: str


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A person in a group."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group of the organization; *members* is None where they were not asked for."""

    id: uuid.UUID
    name: str
    external_id: str
    created: dt.datetime
    changed: dt.datetime
    members: Sequence[MemberFacts] | None = None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """One change of a group: None keeps what is there. *members* replaces all of them; the others add and remove."""

    name: str | None = None
    external_id: str | None = None
    members: frozenset[uuid.UUID] | None = None
    added: frozenset[uuid.UUID] = frozenset()
    removed: frozenset[uuid.UUID] = frozenset()
