"""A row of a file of people, its fate, and the objects of the client side as they are or will be."""

from dataclasses import dataclass, field
from enum import StrEnum

from portal.kernel.actor import Id

# An account key, and in it an environment ('' for the account as a whole).
Place = tuple[str, str]


class Fate(StrEnum):
    """What becomes of a row."""

    MADE = "made"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    # The import was stopped before it came to the row.
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken: the column, and the sentence."""

    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of the file, its cells cleaned; '' where nothing was said. *email* is in its normal form."""

    number: int
    organization: str = ""
    account_key: str = ""
    account_name: str = ""
    environment: str = ""
    kind: str = ""
    whole_account: bool = True
    name: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""
    role: str = ""
    language: str = ""
    zone: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class RowFate:
    """What becomes of *row*: which objects it makes, and which values of its person it changes."""

    row: ImportRow
    fate: Fate = Fate.UNCHANGED
    # Of organization, account, environment, person.
    made: list[str] = field(default_factory=list)
    # Of name, phone, title, role, access, language, zone.
    changed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class PlannedOrganization:
    """An organization that is there, or will be."""

    name: str
    id: Id | None = None
    active: bool = True
    keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PlannedAccount:
    """An account that is there, or will be; *home* is the folded name of its organization."""

    key: str
    name: str
    home: str
    id: Id | None = None
    environments: dict[str, "PlannedEnvironment"] = field(default_factory=dict)


@dataclass(slots=True)
class PlannedEnvironment:
    """An environment that is there, or will be."""

    name: str
    kind: str
    id: Id | None = None
    active: bool = True


@dataclass(slots=True)
class PlannedPerson:
    """Somebody with an address here, or who will have one."""

    email: str
    values: dict[str, str]
    id: Id | None = None
    ended: bool = False
    is_staff: bool = False
    # What rows of this file said: (value, number of the row) by column.
    said: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class PlannedContact:
    """The place of a person in an organization, as it is or will be."""

    home: str
    person: PlannedPerson
    title: str = ""
    grants: dict[Place, str] = field(default_factory=dict)
    id: Id | None = None
    active: bool = True
    touched: bool = False
    new: bool = False
    said: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class ImportPlan:
    """The fate of each row, and the objects as they will be."""

    fates: list[RowFate]
    organizations: dict[str, PlannedOrganization]
    accounts: dict[str, PlannedAccount]
    contacts: dict[tuple[str, str], PlannedContact]
    people: dict[str, PlannedPerson]
    aliases: frozenset[str] = frozenset()

    def count(self, fate: Fate) -> int:
        """How many rows have *fate*."""
        return sum(1 for row in self.fates if row.fate is fate)

    def new_contacts(self) -> list[PlannedContact]:
        """The places of people that are new."""
        return [contact for contact in self.contacts.values() if contact.new]
