"""Northwind MSP: the provider that shows the whole product (contract.md, "Demo world")."""

from portal.demo.plan import (
    AccountPlan,
    ContactPlan,
    LevelPlan,
    OrganizationPlan,
    ProviderPlan,
    StaffPlan,
    TypePlan,
)

# The four answers of ux.md P-03; the words come from the severity tables of the seeds.
LEVELS = (
    LevelPlan(1, "Emergency", "Service is down or a key function cannot be used. No way around it."),
    LevelPlan(2, "High", "Part of the service is down with serious effect."),
    LevelPlan(3, "Medium", "Works, but with trouble; a way around may exist."),
    LevelPlan(4, "Low", "No loss of service: a question or a wish."),
)

# The five kinds of request of seed S1 (000 and 001 of the seeds folder), in English.
TYPES = (
    TypePlan(
        "outage",
        "Report an outage",
        "Something is down or does not work as it should.",
        "warning",
        department="service-desk",
        template="What does not work, and since when?\n\nWhat did you see (message, screen)?\n\nWhat did you try?\n",
    ),
    TypePlan(
        "question",
        "Technical question",
        "About a service you use, or a change of configuration within remote hands.",
        "question",
        department="service-desk",
    ),
    TypePlan(
        "support",
        "Support task",
        "A task for our engineers: an account, a change, an installation.",
        "tool",
        department="infrastructure",
    ),
    TypePlan(
        "business",
        "Business question",
        "Order a new service, extend one you have, or ask about an invoice.",
        "briefcase",
        department="business",
        asks_severity=False,
        default_rank=4,
    ),
    TypePlan(
        "visit",
        "Data-centre visit",
        "Announce who comes to your rack, when, and what they bring.",
        "building",
        department="infrastructure",
        requires="colocation",
        asks_severity=False,
        default_rank=4,
        template="Who comes (names as in the ID)?\n\nWhen, and for how long?\n\nWhat do you bring or take away?\n",
    ),
)

STAFF = (
    StaffPlan(
        "ana",
        "Ana Silva",
        "ana@northwind.example",
        "agent",
        1,
        departments=("service-desk",),
        says="agent, tier 1, all accounts",
    ),
    StaffPlan(
        "tom",
        "Tom Berg",
        "tom@northwind.example",
        "agent",
        2,
        accounts=("GLOBEX",),
        departments=("integrations",),
        says="agent, tier 2, only Globex",
    ),
    StaffPlan(
        "lee",
        "Lee Chen",
        "lee@northwind.example",
        "lead",
        3,
        departments=("service-desk", "infrastructure", "integrations"),
        says="lead",
    ),
    StaffPlan("ada", "Ada Novak", "ada@northwind.example", "admin", 1, departments=("business",), says="administrator"),
    StaffPlan(
        "pat",
        "Pat Morgan",
        "pat@northwind.example",
        "platform_admin",
        says="platform administrator: configures, sees no case",
    ),
    StaffPlan("aud", "Aud Larsen", "aud@northwind.example", "auditor", says="auditor: reads"),
)

CONTACTS = (
    ContactPlan(
        "rita",
        "Rita Costa",
        "rita@acme.example",
        "Acme",
        {"ACME": "requester"},
        title="Accounting",
        phone="+48 600 100 200",
        says="requester, ACME",
    ),
    ContactPlan(
        "mel", "Mel Harper", "mel@acme.example", "Acme", {"ACME": "member"}, title="Sales", says="member, ACME"
    ),
    ContactPlan(
        "cora",
        "Cora Whitfield",
        "cora@acme.example",
        "Acme",
        {"ACME": "coordinator", "ACMEPL": "coordinator"},
        title="Office manager",
        phone="+48 600 100 201",
        says="coordinator, ACME and ACMEPL",
    ),
    ContactPlan(
        "olga",
        "Olga Brandt",
        "olga@acme.example",
        "Acme",
        {"ACME": "organization_admin", "ACMEPL": "organization_admin"},
        title="Head of IT",
        says="administrator of Acme",
    ),
    ContactPlan(
        "piotr",
        "Piotr Zieliński",
        "piotr@acme.example",
        "Acme",
        {"ACMEPL": "member"},
        title="Magazyn",
        locale="pl",
        says="member, ACMEPL only; reads Polish",
    ),
    ContactPlan(
        "jan",
        "Jan Nowak",
        "jan@acme.example",
        "Acme",
        {"ACME": "requester"},
        title="Production",
        phone="+48 600 100 202",
        signs_in=False,
    ),
    ContactPlan(
        "gil",
        "Gil Okafor",
        "gil@globex.example",
        "Globex",
        {"GLOBEX": "member"},
        title="Warehouse",
        says="member, GLOBEX",
    ),
    ContactPlan(
        "gina",
        "Gina Rossi",
        "gina@globex.example",
        "Globex",
        {"GLOBEX": "organization_admin"},
        title="CTO",
        says="administrator of Globex",
    ),
)

NORTHWIND = ProviderPlan(
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
        OrganizationPlan(
            "Acme",
            (
                AccountPlan(
                    "ACME", "Acme", {"Production": "production", "Test": "test"}, ("remote-hands", "colocation")
                ),
                AccountPlan("ACMEPL", "Acme Polska", {"Production": "production"}, ("remote-hands",)),
            ),
        ),
        OrganizationPlan(
            "Globex",
            (AccountPlan("GLOBEX", "Globex", {"Production": "production", "Test": "test"}, ("remote-hands",)),),
        ),
    ),
    staff=STAFF,
    contacts=CONTACTS,
    levels=LEVELS,
    types=TYPES,
)
