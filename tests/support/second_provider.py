"""Southgate MSP: a second provider on the same installation, made to collide with Northwind wherever it could.

It has the same organization name and slug, account key, email address and names, so that a leak is detected.
"""

from portal.demo.northwind import LEVELS, TYPES
from portal.demo.specs import AccountSpec, ContactSpec, OrganizationSpec, ProviderSpec, StaffSpec

SOUTHGATE = ProviderSpec(
    name="Southgate MSP",
    hosts=("southgate.localhost",),
    zone="America/New_York",
    settings={"support_phone": "+1 212 555 0100", "support_email": "help@southgate.example"},
    departments={"service-desk": "Service Desk", "infrastructure": "Infrastructure", "business": "Business"},
    services={"colocation": "Colocation"},
    organizations=(
        OrganizationSpec("Acme", (AccountSpec("ACME", "Acme", {"Production": "production"}, ("colocation",)),)),
    ),
    staff=(
        StaffSpec(
            "sam", "Sam Hill", "sam@southgate.example", "agent", 1, accounts=("ACME",), departments=("service-desk",)
        ),
        StaffSpec("sue", "Sue Park", "sue@southgate.example", "admin", 1),
    ),
    contacts=(
        ContactSpec("rob", "Rita Costa", "rita@acme.example", "Acme", {"ACME": "member"}),
        ContactSpec("zoe", "Olga Brandt", "olga@acme.example", "Acme", {"ACME": "organization_admin"}),
    ),
    levels=LEVELS,
    types=TYPES,
)
