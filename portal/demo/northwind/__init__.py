"""Northwind MSP: the provider that shows the whole product (contract.md, "Demo world")."""

import tomllib
from pathlib import Path

from portal.demo.northwind.acme import ACME, ACMEPL
from portal.demo.northwind.announcements import ANNOUNCEMENTS
from portal.demo.northwind.approvals import APPROVAL
from portal.demo.northwind.articles import ARTICLES
from portal.demo.northwind.canned_replies import REPLIES
from portal.demo.northwind.case_design import LEVELS, TYPES
from portal.demo.northwind.case_rules import CASE_RULES
from portal.demo.northwind.community import SPACES
from portal.demo.northwind.globex import GLOBEX
from portal.demo.northwind.people import CONTACTS, STAFF
from portal.demo.northwind.phone import PHONE
from portal.demo.specs import AccountSpec, ChatSpec, HotlineSpec, OrganizationSpec, ProviderSpec

NORTHWIND = ProviderSpec(
    name="Northwind MSP",
    hosts=("northwind.localhost", "127.0.0.1", "localhost"),
    zone="Europe/Warsaw",
    settings={
        "support_phone": "+48 22 100 20 30",
        "support_email": "support@northwind.example",
        "welcome": "How can we help?",
    },
    departments={
        "service-desk": "Service Desk",
        "infrastructure": "Infrastructure",
        "integrations": "Integrations",
        "business": "Business",
    },
    services={"remote-hands": "Remote hands", "colocation": "Colocation"},
    organizations=(
        OrganizationSpec(
            "Acme",
            (
                AccountSpec(
                    "ACME", "Acme", {"Production": "production", "Test": "test"}, ("remote-hands", "colocation")
                ),
                AccountSpec("ACMEPL", "Acme Polska", {"Production": "production"}, ("remote-hands",)),
            ),
        ),
        OrganizationSpec(
            "Globex",
            (AccountSpec("GLOBEX", "Globex", {"Production": "production", "Test": "test"}, ("remote-hands",)),),
        ),
    ),
    staff=STAFF,
    contacts=CONTACTS,
    levels=LEVELS,
    types=TYPES,
    articles=ARTICLES,
    announcements=ANNOUNCEMENTS,
    spaces=SPACES,
    hotlines=(
        HotlineSpec("Hotline", "+48 22 100 20 30", "Warsaw business hours", urgent_rank=1),
        HotlineSpec("Infrastructure", "+48 22 100 20 40", "Around the clock"),
    ),
    phone=PHONE,
    replies=REPLIES,
    approval=APPROVAL,
    case_rules=CASE_RULES,
    lines={"gil": "gina"},
    managers_see={"Globex": "direct"},
    chat=ChatSpec("Around the clock", "question", "Hello! Ask us anything that needs quick attention.", ("ana", "lee")),
    promises=tomllib.loads((Path(__file__).parent / "sla.toml").read_text()),
)

CASES = (*ACME, *ACMEPL, *GLOBEX)
