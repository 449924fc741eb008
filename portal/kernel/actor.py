"""Actors. An actor is one person on one side (portal or desk), or the system; the two sides are never mixed."""

import uuid
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

Id = uuid.UUID


class Side(StrEnum):
    """The side that an actor belongs to; the row-level policies read it as `parley.side`."""

    CONTACT = "contact"
    STAFF = "staff"
    SYSTEM = "system"
    NOBODY = ""


@dataclass(frozen=True, slots=True)
class Access:
    """One access row of a contact: a role in an account, or in one environment of it."""

    organization_id: Id
    account_id: Id
    environment_id: Id | None
    role: str

    def covers(self, account_id: Id | None, environment_id: Id | None) -> bool:
        """Whether an object of this account and environment is inside the row; without an account, every row covers
        it."""
        return account_id in (None, self.account_id) and self.environment_id in (None, environment_id)


@dataclass(frozen=True, slots=True)
class Membership:
    """A contact's place in one organization, with the accounts and the sharing rules of that organization."""

    contact_id: Id
    organization_id: Id
    slug: str
    name: str
    # Every account of the organization, also those that the contact has no access to.
    accounts: frozenset[Id]
    admins_see_private: bool = False
    requesters_see_shared: bool = False
    # The users whose cases the contact sees as their manager; empty unless the organization switched that on.
    reports: frozenset[Id] = frozenset()


class CacheKey:
    """A long key whose hash is computed once."""

    __slots__ = ("_hash", "_whole")

    def __init__(self, whole: Hashable) -> None:
        self._whole, self._hash = whole, hash(whole)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CacheKey) and (self is other or self._whole == other._whole)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting on one side. Built by `identity` at the start of a request or job, never changed."""

    side: Side
    provider_id: Id | None = None
    user_id: Id | None = None
    name: str = ""
    # staff
    staff_id: Id | None = None
    role: str = ""
    tier: int = 0
    all_accounts: bool = False
    account_ids: frozenset[Id] = frozenset()
    department_ids: frozenset[Id] = frozenset()
    # contact
    memberships: Mapping[Id, Membership] = field(default_factory=dict)
    access: tuple[Access, ...] = ()
    # The value of `cache_key`, made at its first use: a page uses it some twenty times.
    _cache_key: "CacheKey | None" = field(default=None, init=False, repr=False, compare=False)

    @property
    def cache_key(self) -> "CacheKey":
        """Everything that a scope may read of this actor. Two actors with equal keys see the same rows."""
        if self._cache_key is None:
            whole = (
                *(self.side, self.provider_id, self.user_id, self.staff_id, self.role, self.tier),
                *(self.all_accounts, self.account_ids, self.department_ids),
                *(tuple(self.memberships.values()), self.access),
            )
            object.__setattr__(self, "_cache_key", CacheKey(whole))
        assert self._cache_key is not None
        return self._cache_key

    def as_in_key(self) -> "Actor":
        """This actor, reduced to the fields of `cache_key`. Builders of cached values get this actor."""
        return replace(self, name="")

    @property
    def is_staff(self) -> bool:
        return self.side is Side.STAFF

    @property
    def is_contact(self) -> bool:
        return self.side is Side.CONTACT

    @property
    def is_system(self) -> bool:
        return self.side is Side.SYSTEM


def nobody(provider_id: Id | None = None) -> Actor:
    """The actor of a visitor without a session."""
    return Actor(Side.NOBODY, provider_id)


def system(provider_id: Id | None) -> Actor:
    """The actor of timers, consumers and commands."""
    return Actor(Side.SYSTEM, provider_id)
