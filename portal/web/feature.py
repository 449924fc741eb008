"""The object that describes a feature: its pages, and what it shows on pages of other features.

Each feature folder has a `feature.py` with one `FEATURE`; `wiring.FEATURES` lists them in the order of the features.
The kinds of hooks are described where they are used: panels, slots, columns and view observers in `cases.panels`,
views in `cases.queries.lists`, tabs in `web.tabs`, history lines in `cases.history`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.gauges import ProviderGauge
from portal.web.drafts import DraftKind, DraftStore
from portal.web.guards import FeatureBlueprint
from portal.web.tabs import Tab


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry of the navigation of desk or administration.

    *group* is a group of `navigation.DESK_GROUPS` or `navigation.ADMIN_GROUPS`; *position* orders the entries of a
    group. Without *permission* the entry is for everybody who has the menu. *section* is the beginning of the
    addresses that belong to the entry, where it is not *href*. *is_shown* says whether its page can have anything to
    show; the entry is drawn on that page in any case.
    """

    group: str
    position: int
    key: str
    label: Any  # a lazy translation
    href: str
    icon: str
    permission: Permission | None = None
    section: str = ""
    is_shown: Callable[[Context], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature's surface. The numbers of panels order them over all features, low numbers first."""

    name: str
    blueprints: Sequence[FeatureBlueprint] = ()
    navigation: Sequence[NavigationItem] = ()
    panels: Mapping[int, Callable[..., Any]] = field(default_factory=dict)
    slots: Mapping[str, Sequence[Callable[..., Any]]] = field(default_factory=dict)
    columns: Sequence[Callable[..., Any]] = ()
    views: Sequence[Any] = ()
    view_observers: Sequence[Callable[..., Any]] = ()
    # By name: counts in the frame of every page (`cases.queries.live`).
    counts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    tabs: Mapping[str, Sequence[Tab]] = field(default_factory=dict)
    # What leaves a person's own queue (`cases.queries.lists`), and marks of rows in queues (`cases.panels`).
    set_aside: Callable[..., Any] | None = None
    row_marks: Sequence[Callable[..., Any]] = ()
    # By action of the toolbar of a queue: the page of a feature that asks about the chosen cases.
    bulk_pages: Mapping[str, str] = field(default_factory=dict)
    # By endpoint: whether a tab under /me has anything for the person; one that is not named here always has.
    own_pages: Mapping[str, Callable[..., bool]] = field(default_factory=dict)
    # By event name: the line of a case's history.
    history_lines: Mapping[str, Any] = field(default_factory=dict)
    # By event name: the line of the timeline of a case (`cases.labels`).
    timeline_lines: Mapping[str, Any] = field(default_factory=dict)
    # Tabs of the client's list of cases (`cases.queries.lists.CaseTab`).
    case_tabs: Sequence[Any] = ()
    # By verb: what must be true before it begins.
    preconditions: Mapping[str, Sequence[Callable[..., Any]]] = field(default_factory=dict)
    # What happens together with a reply of support (`cases.preconditions.ReplyStep`).
    reply_steps: Sequence[Callable[..., Any]] = ()
    # What somebody chose to put into the composer (`cases.panels.InsertSource`).
    composer_insert: Callable[..., Any] | None = None
    # Whether answers to mails of the provider arrive, because a mailbox of the provider is read.
    reads_mail: Callable[..., bool] | None = None
    # Whether mails of before a moment may still lie unread on the server of a mailbox.
    is_reading_behind: Callable[..., bool] | None = None
    # The server through which mails about a case go out, where it is another one than SMTP_URL.
    mail_transport: Callable[..., Any] | None = None
    # The case and the person of a mail that was sent, by its Message-ID; set by the feature that sends the mails.
    find_sent_mail: Callable[..., Any] | None = None
    # The people who are notified of an event of a case; set by the feature that sends the mails.
    receivers: Callable[..., Any] | None = None
    # Where a person lands after signing in, in place of their home page; '' for the home page.
    first_page: Callable[..., str] | None = None
    # The ways to sign in besides the password (identity.rules.SignInWays).
    sign_in_ways: Any = None
    # Whether people may register, and which of them (identity.registration_rules.RegistrationRules).
    registration_rules: Any = None
    # The open cases of a contact who moves or leaves; the feature of cases knows them (tenants.queries.open_cases).
    contact_cases: Any = None
    # By the endpoint that a form is sent to: its drafts (`web.drafts`).
    drafts: Mapping[str, DraftKind] = field(default_factory=dict)
    # How drafts are stored; set by the feature that stores them.
    draft_store: DraftStore | None = None
    # By kind: what deletes rows whose time is over (kernel.retention); `config` has the days of each.
    retention: Mapping[str, Any] = field(default_factory=dict)
    # By the name of a Prometheus gauge (kernel.gauges).
    gauges: Mapping[str, ProviderGauge] = field(default_factory=dict)
    # Dotted function name to seconds between two runs.
    periodic_jobs: Mapping[str, int] = field(default_factory=dict)


def join_sequences(features: Iterable[Feature], name: str) -> list[Any]:
    """The entries of the field *name* of all *features*, in their order."""
    return [entry for feature in features for entry in getattr(feature, name)]


def join_mappings(features: Iterable[Feature], name: str) -> dict[str, Any]:
    """The field *name* of all *features* as one mapping. Raises ValueError where two features give the same key."""
    joined: dict[str, Any] = {}
    for feature in features:
        for key, value in getattr(feature, name).items():
            if key in joined:
                raise ValueError(f"two features give {name}[{key!r}]; the second is {feature.name}")
            joined[key] = value
    return joined


def join_lists(features: Iterable[Feature], name: str) -> dict[str, list[Any]]:
    """The field *name* of all *features*, lists under the same key one after the other."""
    joined: dict[str, list[Any]] = {}
    for feature in features:
        for key, values in getattr(feature, name).items():
            joined.setdefault(key, []).extend(values)
    return joined


def order_panels(features: Iterable[Feature]) -> list[Callable[..., Any]]:
    """The panels of all *features* by their numbers."""
    numbered = [(number, panel) for feature in features for number, panel in feature.panels.items()]
    return [panel for _number, panel in sorted(numbered, key=lambda pair: pair[0])]
