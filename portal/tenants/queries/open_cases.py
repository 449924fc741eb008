"""The open cases of a contact who moves or leaves. Cases are a later feature, which answers
(`Feature.contact_cases`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.models import Contact, Organization


@dataclass(frozen=True, slots=True)
class ContactCase:
    """One open case of a contact, as far as the actor may see it."""

    id: Id
    key: str
    subject: str
    state: str
    # The state in the words of the reader's side.
    status: str
    # Whether another person can become its contact here: the person who leaves is, or nobody else reads it.
    offered: bool
    # Who is the contact, if that is somebody else.
    contact_name: str
    # Whether nobody of the customer is notified of it once the person has no access any more.
    unread: bool
    # Whether nobody of the customer can read and answer it then.
    stranded: bool = False


@dataclass(frozen=True, slots=True)
class Successor:
    """Somebody who could become the contact of open cases of a colleague."""

    contact_id: Id
    name: str
    # A state of `identity.queries.SignIn`.
    sign_in: str
    # The keys of the cases among those that are offered whose contact they cannot become.
    unable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The open cases of a contact: those that the actor may see, as far as they are listed, and how many others there
    are."""

    rows: Sequence[ContactCase] = ()
    # How many the actor may not see.
    hidden: int = 0
    # How many of those that are not listed nobody of the customer reads then; with `has_more_unread` at least so many.
    hidden_unread: int = 0
    # Who could become the contact of at least one case that is offered.
    successors: Sequence["Successor"] = ()
    # How many the actor may see beyond those that are listed.
    unlisted: int = 0
    has_more_unread: bool = False

    @property
    def shown(self) -> list[tuple[Id, str, str]]:
        """What a question was drawn with, to compare with what is so when it is answered."""
        return [(row.id, row.state, row.contact_name) for row in self.rows]

    @property
    def must_be_taken(self) -> list[ContactCase]:
        """The cases that somebody has to take over before the person leaves: nobody else can read and answer them, and
        somebody could."""
        return [
            row
            for row in self.rows
            if row.offered and row.stranded and any(row.key not in one.unable for one in self.successors)
        ]

    @property
    def offered(self) -> list[str]:
        """The ids of the cases that another person can take over."""
        return [str(row.id) for row in self.rows if row.offered]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Whom the actor chose as the new contact of which open cases; None: everything stays."""

    to_contact_id: Id | None = None
    case_ids: Sequence[Id] = ()

    @classmethod
    def parse(cls, to_contact: str | None, case_ids: Sequence[Id]) -> "HandOver":
        """What a form says: the id of a contact, or nobody; raises Refused (hand_to) for what is no id."""
        found = ids.parse_id(to_contact)
        if to_contact and found is None:
            raise Refused(_("Choose one of the people shown"), "hand_to")
        return cls(found, case_ids)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Which open cases were handed over, and the name of their new contact ('' if none were)."""

    case_ids: Sequence[Id] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who left an organization and is still the contact of open cases."""

    contact_id: Id
    name: str
    # How many, also those that the actor may know of but not see.
    cases: int


@dataclass(frozen=True, slots=True)
class ContactCases:
    """What the feature of cases does for the screens of people: the functions of this module, as it answers them."""

    find: Callable[[Context, Contact, bool], OpenCases]
    hand_over: Callable[[Context, Contact, HandOver, bool], HandedOver]
    find_leavers: Callable[[Context, Organization], Sequence[Leaver]]


_cases: ContactCases | None = None


def set_contact_cases(cases: ContactCases | None) -> None:
    """Let *cases* answer about the open cases of contacts."""
    global _cases
    _cases = cases


def find_open_cases(ctx: Context, contact: Contact, *, ends: bool = False) -> OpenCases:
    """The open cases that *contact* reported, is the contact of or is affected by; *ends*: with who reads them once
    their access is over. Of somebody whose access is over: the cases whose contact they still are."""
    return _cases.find(ctx, contact, ends) if _cases is not None else OpenCases()


def find_cases_at_stake(ctx: Context, contact: Contact, verb: str) -> OpenCases:
    """The open cases that the question of *verb* (end, return, invite, withdraw) asks about: only the end of an access
    does."""
    return find_open_cases(ctx, contact, ends=True) if verb == "end" else OpenCases()


def hand_over_cases(ctx: Context, contact: Contact, chosen: HandOver, *, ends: bool = False) -> HandedOver:
    """Make another person the contact of the chosen open cases of *contact*. Raises Refused (fields hand_to, cases);
    *ends*: also where a case would be left that nobody else can read and answer, and that somebody could take over."""
    if _cases is None or (chosen.to_contact_id is None and not ends):
        return HandedOver()
    return _cases.hand_over(ctx, contact, chosen, ends)


def find_leavers(ctx: Context, organization: Organization) -> Sequence[Leaver]:
    """Those who left *organization* and are still the contact of open cases, as far as the actor may know of these."""
    return _cases.find_leavers(ctx, organization) if _cases is not None else []
