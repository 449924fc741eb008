"""The tenancy tables, by who they describe."""

from portal.tenants.models.accounts import Account, AccountAlias, AccountCounter, AccountService
from portal.tenants.models.contacts import AccessSource, Contact, ContactAccess
from portal.tenants.models.departments import Department
from portal.tenants.models.environments import Environment
from portal.tenants.models.import_drafts import ImportDraft
from portal.tenants.models.organizations import Organization
from portal.tenants.models.providers import Host, Provider
from portal.tenants.models.services import Service
from portal.tenants.models.staff import StaffAccount, StaffDepartment, StaffMember

__all__ = [
    "AccessSource",
    "Account",
    "AccountAlias",
    "AccountCounter",
    "AccountService",
    "Contact",
    "ContactAccess",
    "Department",
    "Environment",
    "Host",
    "ImportDraft",
    "Organization",
    "Provider",
    "Service",
    "StaffAccount",
    "StaffDepartment",
    "StaffMember",
]
