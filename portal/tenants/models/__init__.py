"""The tenancy tables, by who they describe."""

from portal.tenants.models.client import (
    Account,
    AccountAlias,
    AccountCounter,
    AccountService,
    Contact,
    ContactAccess,
    Environment,
    Organization,
)
from portal.tenants.models.provider import Department, Host, Provider, Service
from portal.tenants.models.staff import StaffAccount, StaffDepartment, StaffMember

__all__ = [
    "Account",
    "AccountAlias",
    "AccountCounter",
    "AccountService",
    "Contact",
    "ContactAccess",
    "Department",
    "Environment",
    "Host",
    "Organization",
    "Provider",
    "Service",
    "StaffAccount",
    "StaffDepartment",
    "StaffMember",
]
