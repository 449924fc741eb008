"""Provider, staff and clients of the data, with accounts, environments and contacts.

The sizes of clients are skewed as in practice.
"""

import datetime as dt
import json
from dataclasses import dataclass, field
from random import Random

from argon2.low_level import Type, hash_secret

from bench import sample_texts
from bench.rows import NULL, Ids, Table, flag, moment, text
from portal.demo.northwind.case_design import LEVELS, TYPES
from portal.kernel.text import fold, slugify
from portal.surveys.engine.default_questions import DEFAULT_QUESTIONS

PASSWORD = "parley-demo"
HOST = "bench.localhost"
DOMAIN = "bench.example"
LARGEST = 0.10
ANSWERING = ("agent", "lead", "admin")


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of each for a number of cases: 500 organizations, 10,000 contacts and 30 staff per 100,000."""

    cases: int
    organizations: int
    contacts: int
    staff: int

    @classmethod
    def of(cls, cases: int) -> "Scale":
        return cls(cases, max(5, cases // 200), max(25, cases // 10), max(8, cases * 30 // 100_000))


@dataclass(slots=True)
class Person:
    id: str
    name: str
    email: str
    role: str
    tier: int = 1
    contact_id: str = ""
    staff_id: str = ""
    # Accounts they reach; None: all of the provider's.
    accounts: frozenset[str] | None = frozenset()


@dataclass(slots=True)
class Client:
    """One account, with the people who open its cases."""

    id: str
    key: str
    organization: "Company"
    environments: list[tuple[str, str]]
    contacts: list[Person] = field(default_factory=list)
    numbers: int = 0


@dataclass(slots=True)
class Company:
    id: str
    name: str
    slug: str
    default_visibility: str
    weight: float
    accounts: list[Client] = field(default_factory=list)
    contacts: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Everything that cases refer to."""

    provider_id: str
    questions_id: str
    departments: list[tuple[str, list[Person]]]
    types: list[tuple[str, str, bool, int]]
    staff: list[Person]
    companies: list[Company]

    def answering(self, client: Client) -> list[Person]:
        """Staff who may answer cases of *client*."""
        return [p for p in self.staff if p.role in ANSWERING and (p.accounts is None or client.id in p.accounts)]


class WorldBuilder:
    """Builds the provider, its people and their rows."""

    def __init__(self, scale: Scale, rng: Random, start_ms: int) -> None:
        self.scale, self.rng, self.ids, self.now = scale, rng, Ids(rng), start_ms
        self.tables = {
            name: Table(name, columns)
            for name, columns in {
                "providers": "id slug name zone support_phone support_email welcome created_at",
                "hosts": "host provider_id is_primary",
                "departments": "id provider_id key name",
                "severity_levels": "id provider_id key rank name description",
                "request_types": "id provider_id key name description icon position template asks_severity"
                " default_rank department_id",
                "survey_questions": "id provider_id version questions created_at",
                "users": "id provider_id name name_folded created_at",
                "addresses": "id provider_id user_id email email_folded verified_at",
                "passwords": "id provider_id user_id hash changed_at",
                "staff_members": "id provider_id user_id role tier all_accounts created_at",
                "staff_departments": "id provider_id staff_id department_id",
                "staff_accounts": "id provider_id staff_id account_id",
                "organizations": "id provider_id name slug default_visibility admins_see_private"
                " requesters_see_shared created_at",
                "accounts": "id provider_id organization_id key name created_at",
                "environments": "id provider_id organization_id account_id name kind",
                "contacts": "id provider_id organization_id user_id title created_at",
                "contact_access": "id provider_id organization_id contact_id user_id account_id environment_id role",
            }.items()
        }
        self.provider_id = self.new_id()
        salt = rng.randbytes(16)
        # One hash for everybody, at a low cost, with a salt from the seed: the same data every time.
        self.hash = hash_secret(PASSWORD.encode(), salt, 1, 1024, 1, 32, Type.ID).decode()

    def new_id(self) -> str:
        self.now += 1
        return self.ids.at(self.now)

    def add(self, table: str, *values: str) -> str:
        """One row with a new id inside the provider; returns the id."""
        row_id = self.new_id()
        self.tables[table].add(row_id, self.provider_id, *values)
        return row_id

    def build(self) -> World:
        """Build everything except cases."""
        at, rng = moment(self.now), self.rng
        self.tables["providers"].add(
            self.provider_id, "bench", "Benchmark MSP", "Europe/Berlin", "+49 30 1234567", f"support@{DOMAIN}", "", at
        )
        self.tables["hosts"].add(HOST, self.provider_id, "t")
        departments = [
            (self.add("departments", f"team-{n}", f"Team {n}"), []) for n in range(1, 1 + max(3, self.scale.staff // 5))
        ]  # type: list[tuple[str, list[Person]]]
        for level in LEVELS:
            self.add("severity_levels", str(level.rank), str(level.rank), level.name, text(level.description))
        types = []
        for n, kind in enumerate(TYPES):
            department = departments[n % len(departments)][0]
            row_id = self.add(
                "request_types",
                *(kind.key, kind.name, text(kind.description), kind.icon, str(n), text(kind.template)),
                *(flag(kind.asks_severity), str(kind.default_rank), department),
            )
            types.append((row_id, department, kind.asks_severity, kind.default_rank))
        questions = self.add("survey_questions", "1", text(json.dumps(list(DEFAULT_QUESTIONS))), at)
        companies = [self.company(n) for n in range(self.scale.organizations)]
        staff = [self.member(n, departments, companies) for n in range(self.scale.staff)]
        self.hire(companies)
        rng.shuffle(types)
        return World(self.provider_id, questions, departments, types, staff, companies)

    # -- people ---------------------------------------------------------------------------------------------------

    def person(self, name: str, email: str, role: str) -> Person:
        """A user with a verified address and the shared password."""
        user_id, at = self.add("users", name, fold(name), moment(self.now)), moment(self.now)
        self.add("addresses", user_id, email, email, at)
        self.add("passwords", user_id, self.hash, at)
        return Person(user_id, name, email, role)

    def name(self) -> str:
        return f"{self.rng.choice(sample_texts.FIRST)} {self.rng.choice(sample_texts.LAST)}"

    def member(self, n: int, departments: list[tuple[str, list[Person]]], companies: list[Company]) -> Person:
        """Staff: the first is the administrator, then a lead for every ten; every sixth looks after some accounts."""
        role = {0: "admin", 4: "auditor", 5: "platform_admin"}.get(n, "lead" if n % 10 == 1 else "agent")
        person = self.person(self.name(), f"{role.replace('_', '-')}{n}@{DOMAIN}", role)
        person.tier = 1 + n % 3 if role == "agent" else 3
        bounded = role == "agent" and n % 6 == 3
        person.accounts = None
        person.staff_id = self.add(
            "staff_members", person.id, role, str(person.tier), flag(not bounded), moment(self.now)
        )
        if bounded:
            chosen = sorted({account.id for c in companies[n % 7 :: 7] for account in c.accounts})
            person.accounts = frozenset(chosen)
            for account_id in chosen:
                self.add("staff_accounts", person.staff_id, account_id)
        if role in ANSWERING:
            department_id, members = departments[n % len(departments)]
            self.add("staff_departments", person.staff_id, department_id)
            members.append(person)
        return person

    # -- clients --------------------------------------------------------------------------------------------------

    def company(self, n: int) -> Company:
        """An organization; the first one is the largest. Large ones have several accounts."""
        rng, size = self.rng, len(sample_texts.COMPANY)
        name = f"{sample_texts.COMPANY[n % size]} {sample_texts.TRADE[(n // size + n) % len(sample_texts.TRADE)]}"
        if n >= size * len(sample_texts.TRADE):
            name += f" {n // (size * len(sample_texts.TRADE)) + 1}"
        weight = 1 / (n + 4) ** 0.9
        visibility = "shared" if n % 5 < 2 else "private"
        row_id = self.add(
            "organizations",
            *(name, f"{slugify(name)[:50]}-{n}", visibility, flag(n % 3 == 0), flag(n % 5 == 0), moment(self.now)),
        )
        found = Company(row_id, name, f"{slugify(name)[:50]}-{n}", visibility, weight)
        count = 3 if n < max(1, self.scale.organizations // 100) else 2 if n < self.scale.organizations // 20 else 1
        for k in range(count):
            key = f"{sample_texts.COMPANY[n % size][:4].upper()}{n}{'ABC'[k] if count > 1 else ''}"
            account_id = self.add(
                "accounts", row_id, key, name if k == 0 else f"{name} {sample_texts.SITES[k]}", moment(self.now)
            )
            environments = [
                (self.add("environments", row_id, account_id, title, kind), kind)
                for title, kind in (("Production", "production"), ("Test", "test"))[: 1 + (rng.random() < 0.6)]
            ]
            found.accounts.append(Client(account_id, key, found, environments))
        return found

    def hire(self, companies: list[Company]) -> None:
        """Contacts in proportion to what a company opens, at least two each: first an administrator, then a
        coordinator."""
        normalize(companies)
        left = self.scale.contacts
        for n, company in enumerate(companies):
            fair = round(company.weight * self.scale.contacts)
            count = max(2, min(fair, left - 2 * (len(companies) - n - 1)))
            left -= count
            for k in range(count):
                self.contact(company, n, k)

    def contact(self, company: Company, n: int, k: int) -> None:
        """One contact with access to all accounts (administrator, coordinator) or to one of them."""
        role = "organization_admin" if k == 0 else "coordinator" if k % 25 == 1 else "member" if k % 10 < 7 else ""
        person = self.person(self.name(), f"person{k}@client{n}.example", role or "requester")
        person.role = role or "requester"
        title = self.rng.choice(sample_texts.TITLES)
        person.contact_id = self.add("contacts", company.id, person.id, title, moment(self.now))
        wide = person.role in ("organization_admin", "coordinator")
        reached = company.accounts if wide else [company.accounts[k % len(company.accounts)]]
        person.accounts = frozenset(account.id for account in reached)
        for account in reached:
            self.add("contact_access", company.id, person.contact_id, person.id, account.id, NULL, person.role)
            account.contacts.append(person)
        company.contacts.append(person)


def normalize(companies: list[Company]) -> None:
    """Let the first company have LARGEST of all cases, and the others share the rest by their weight."""
    rest = sum(company.weight for company in companies[1:])
    for company in companies[1:]:
        company.weight *= (1 - LARGEST) / rest
    companies[0].weight = LARGEST if len(companies) > 1 else 1.0


def milliseconds(when: dt.datetime) -> int:
    """*when* as milliseconds since 1970."""
    return int(when.timestamp() * 1000)
