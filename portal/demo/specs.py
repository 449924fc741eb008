"""A demo provider as data: organizations, staff, contacts, severity levels and request types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """A service account: environments by name → kind, and the keys of the services it has bought."""

    key: str
    name: str
    environments: Mapping[str, str] = field(default_factory=dict)
    services: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OrganizationSpec:
    """A client company. `rules` are its own settings, by column."""

    name: str
    accounts: Sequence[AccountSpec]
    default_visibility: str = "private"
    rules: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StaffSpec:
    """Somebody who works at the provider; no accounts named: looks after all of them."""

    key: str
    name: str
    email: str
    role: str
    tier: int = 1
    accounts: Sequence[str] = ()
    departments: Sequence[str] = ()
    says: str = ""


@dataclass(frozen=True, slots=True)
class ContactSpec:
    """Somebody of a client: account key → role. Without sign-in they exist only as a contact."""

    key: str
    name: str
    email: str
    organization: str
    access: Mapping[str, str]
    title: str = ""
    phone: str = ""
    signs_in: bool = True
    locale: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """One answer to the severity question; the key is its rank."""

    rank: int
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class RequestTypeSpec:
    """A tile on the portal's home page."""

    key: str
    name: str
    description: str
    icon: str
    department: str = ""
    template: str = ""
    requires: str = ""
    asks_severity: bool = True
    default_rank: int = 3


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """A whole provider, without cases."""

    name: str
    hosts: Sequence[str]
    zone: str = "UTC"
    locale: str = "en"
    # The preset of the provider; it then defines language, zone, departments, services, levels and types.
    preset: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    organizations: Sequence[OrganizationSpec] = ()
    staff: Sequence[StaffSpec] = ()
    contacts: Sequence[ContactSpec] = ()
    levels: Sequence[LevelSpec] = ()
    types: Sequence[RequestTypeSpec] = ()
    # What is promised, as portal.sla.import_config reads it.
    promises: Mapping[str, Any] = field(default_factory=dict)
    # Addresses that are read beside the `support_email` of the settings.
    mailboxes: Sequence[str] = ()
