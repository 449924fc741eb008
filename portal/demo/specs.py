"""A demo provider as data: organizations, staff, contacts, severity levels and request types."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
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
class ArticleSpec:
    """A help article: its category and its texts by language (title, summary, body). `publishes` is whoever wrote and
    published it; without *published* it stays a draft."""

    category: Mapping[str, str]
    texts: Mapping[str, tuple[str, str, str]]
    audience: str = "everybody"
    organizations: Sequence[str] = ()
    roles: Sequence[str] = ()
    publishes: str = ""
    days_ago: int = 30
    published: bool = True
    # What draws the files that the texts name, by their names.
    pictures: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnnouncementSpec:
    """An announcement: published `ago`, for everybody or for environments (account key, name); `begins` is told from
    now. Each update comes some time after the last one, and the last one ends it where it `ended`."""

    kind: str
    title: str
    body: str
    by: str
    ago: dt.timedelta
    begins: dt.timedelta | None = None
    lasts: dt.timedelta | None = None
    environments: Sequence[tuple[str, str]] = ()
    rhythm: int = 0
    updates: Sequence[tuple[dt.timedelta, str]] = ()
    ended: bool = False
    # What the public status page says of it: title, text, and its last update.
    public: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic of the community, asked `ago`. Each answer comes some time after the one before: (after, who, text), with
    "official" or "accepted" where it is one."""

    title: str
    body: str
    by: str
    ago: dt.timedelta
    answers: Sequence[tuple[dt.timedelta, str, str, str]] = ()


@dataclass(frozen=True, slots=True)
class SpaceSpec:
    """A space of the community that the administrator `by` made; for everybody where no organization is named."""

    name: str
    description: str
    by: str
    topics: Sequence[TopicSpec]
    organizations: Sequence[str] = ()
    aliased: bool = False
    due_hours: int = 0


@dataclass(frozen=True, slots=True)
class HotlineSpec:
    """A number of support: answered in the hours of the *calendar* of that name, and day and night up to a severity."""

    name: str
    number: str
    calendar: str
    urgent_rank: int | None = None


@dataclass(frozen=True, slots=True)
class ChatSpec:
    """The chat of a provider: open in the support hours with this name, its cases of this type; who takes chats."""

    hours: str
    kind: str
    greeting: str
    agents: Sequence[str]


@dataclass(frozen=True, slots=True)
class CallBackSpec:
    """Somebody wants to be called about something new, in the free slot with this number from now on; or, *passed*,
    about the case of this subject, in a slot that is over. Who of the staff took it, or nobody."""

    by: str
    account: str
    type: str
    subject: str
    words: str
    slot: int = 0
    passed: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class LoggedCallSpec:
    """A call that somebody of the staff logged so long *ago* about the case with this subject."""

    by: str
    about: str
    ago: dt.timedelta
    minutes: int
    note: str
    direction: str = "in"


@dataclass(frozen=True, slots=True)
class PhoneSpec:
    """The phone of a provider beside its hotlines: the telephone system and the extensions of staff, calls that nobody
    answered (number, extension, how long ago), call-backs, logged calls, and a checked one (who, the case's subject).
    """

    system: str
    extensions: Mapping[str, str]
    missed: Sequence[tuple[str, str, dt.timedelta]]
    call_backs: Sequence[CallBackSpec]
    calls: Sequence[LoggedCallSpec]
    checked: tuple[str, str]


@dataclass(frozen=True, slots=True)
class CannedReplySpec:
    """A canned reply that `by` wrote, with its texts by language ('' is the provider's), and what sending it sets."""

    title: str
    texts: Mapping[str, str]
    by: str
    shared: bool = True
    department: str = ""
    status: str = ""
    reason: str = ""
    days: int | None = None
    check: str = ""
    severity: int | None = None
    severity_reason: str = ""
    takes: bool = False


@dataclass(frozen=True, slots=True)
class ApprovedCaseSpec:
    """A case that needs a yes: who opened it, where and how long ago; and of the answer who gave it, whether it was a
    yes, why, and how long after the opening."""

    subject: str
    description: str
    by: str
    environment: str
    ago: dt.timedelta
    answer: tuple[str, bool, str, dt.timedelta] | None = None


@dataclass(frozen=True, slots=True)
class ApprovalSpec:
    """A rule that asks for a yes about cases of one type, of people who stand with their deputy in `approvers`."""

    name: str
    account: str
    type: str
    environment_kind: str
    approvers: Sequence[tuple[str, ...]]
    due_hours: int
    cases: Sequence[ApprovedCaseSpec]


@dataclass(frozen=True, slots=True)
class CaseRuleSpec:
    """A rule of the desk: when it looks at a case, at which words of the subject, and what it does (keys of people and
    departments)."""

    name: str
    trigger: str
    hours: int = 0
    status: str = ""
    subject_words: str = ""
    department: str = ""
    follower: str = ""
    note: str = ""


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
    articles: Sequence[ArticleSpec] = ()
    # Addresses that are read beside the `support_email` of the settings.
    mailboxes: Sequence[str] = ()
    # Played with the cases (`demo.announcements`).
    announcements: Sequence[AnnouncementSpec] = ()
    # Played with the cases too (`demo.community`).
    spaces: Sequence[SpaceSpec] = ()
    hotlines: Sequence[HotlineSpec] = ()
    # Played with the cases (`demo.phone`).
    phone: PhoneSpec | None = None
    # Written with the cases too.
    replies: Sequence[CannedReplySpec] = ()
    # Played with the cases (`demo.approvals`).
    approval: ApprovalSpec | None = None
    # Set with the cases (`demo.people`): who reports to whom, and the rules of organizations whose managers see cases.
    lines: Mapping[str, str] = field(default_factory=dict)
    managers_see: Mapping[str, str] = field(default_factory=dict)
    # Added before the last cases are played (`demo.case_rules`).
    case_rules: Sequence[CaseRuleSpec] = ()
    # Switched on with the cases (`demo.chats`).
    chat: ChatSpec | None = None
