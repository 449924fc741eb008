"""The case."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portal.cases.models.request_types import RequestType
from portal.cases.states import ENDED, State, is_unresolved
from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.actor import Id
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Account, Department, Environment, Organization, StaffMember

if TYPE_CHECKING:
    from portal.cases.models.people import CaseGrant

# The four columns that every child of a case repeats in its key (wall b).
PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
_ENDED = ", ".join(f"'{state.value}'" for state in State if state in ENDED)
UNRESOLVED_SQL = f"state NOT IN ({_ENDED})"
QUEUE = ("provider_id", "due_at", "severity", "updated_at", "id")
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]


class Case(ProviderOwned):
    """A request of a client to support. Only `cases.actions` change it; each change records an event."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", "id"),
        UniqueConstraint("account_id", "number"),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id", "environment_id"],
            ["environments.provider_id", "environments.organization_id", "environments.account_id", "environments.id"],
        ),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "contact_id", "contact_user_id"],
            ["contacts.provider_id", "contacts.organization_id", "contacts.id", "contacts.user_id"],
            # A contact becomes another person's: `tenants.actions.claims`.
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["provider_id", "reported_by_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], ["departments.provider_id", "departments.id"]),
        ForeignKeyConstraint(["provider_id", "owner_id"], ["staff_members.provider_id", "staff_members.id"]),
        CheckConstraint("visibility IN ('private', 'shared')", name="visibility"),
        CheckConstraint(
            "state IN ('new', 'open', 'in_progress', 'waiting', 'on_hold', 'resolved', 'closed')", name="state"
        ),
        CheckConstraint("severity BETWEEN 1 AND 4 AND severity_asked BETWEEN 1 AND 4", name="severity"),
        CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
        Index("ix_cases_provider_updated", "provider_id", "updated_at", "id"),
        Index("ix_cases_provider_active", "provider_id", "updated_at", "id", postgresql_where="state <> 'closed'"),
        # One index for each queue of the desk, in the order of its list: a page reads only the rows that it shows.
        Index("ix_cases_provider_queue", *QUEUE, postgresql_where="state <> 'closed'"),
        Index(
            "ix_cases_provider_state",
            *("provider_id", "state", "due_at", "severity", "updated_at", "id"),
            postgresql_where=UNRESOLVED_SQL,
        ),
        Index(
            "ix_cases_provider_ended",
            *("provider_id", "state", "updated_at", "id"),
            postgresql_where=f"state IN ({_ENDED})",
        ),
        Index("ix_cases_new", *QUEUE, postgresql_where="state = 'new'"),
        Index("ix_cases_unassigned", *QUEUE, postgresql_where=f"owner_id IS NULL AND {UNRESOLVED_SQL}"),
        Index(
            "ix_cases_customer_replied",
            *QUEUE,
            postgresql_where=f"last_word = 'customer' AND first_answer_at IS NOT NULL AND {UNRESOLVED_SQL}",
        ),
        Index("ix_cases_escalated", *QUEUE, postgresql_where=f"tier > 1 AND {UNRESOLVED_SQL}"),
        Index("ix_cases_approval", *QUEUE, postgresql_where=f"approval = 'asked' AND {UNRESOLVED_SQL}"),
        Index("ix_cases_account_updated", "account_id", "updated_at", "id"),
        Index("ix_cases_account_state", "account_id", "state", "updated_at", "id"),
        Index("ix_cases_reporter", "reported_by_id", "updated_at", "id"),
        Index("ix_cases_contact", "contact_user_id", "updated_at", "id"),
        Index("ix_cases_waiting_reporter", "reported_by_id", postgresql_where="state = 'waiting'"),
        Index("ix_cases_waiting_contact", "contact_user_id", postgresql_where="state = 'waiting'"),
        Index("ix_cases_owner", "owner_id", "updated_at", postgresql_where=UNRESOLVED_SQL),
        Index("ix_cases_once", "reported_by_id", "once", unique=True, postgresql_where="once IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    environment_id: Mapped[uuid.UUID | None]
    # Allotted last in the transaction that opens the case; the key is the account's key and this.
    number: Mapped[int | None]
    request_type_id: Mapped[uuid.UUID]
    department_id: Mapped[uuid.UUID | None]
    owner_id: Mapped[uuid.UUID | None]
    tier: Mapped[int] = mapped_column(SmallInteger, default=1)
    reported_by_id: Mapped[uuid.UUID]
    # The side of the reporter. Staff who report never accept a solution (DESIGN 3).
    reported_side: Mapped[str] = mapped_column(key_type())
    contact_id: Mapped[uuid.UUID]
    contact_user_id: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(key_type(), default="new")
    visibility: Mapped[str] = mapped_column(key_type())
    # The severity that the customer chose, the effective one, and why they differ.
    severity_asked: Mapped[int] = mapped_column(SmallInteger)
    severity: Mapped[int] = mapped_column(SmallInteger)
    severity_reason: Mapped[str] = mapped_column(default="")
    # The label of the answer on an impact scale; '' if the question showed the levels.
    severity_answer: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    description: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(key_type())
    # False: the case was opened for the contact without an email to them.
    notify_contact: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[dt.datetime]
    # The time of the last public change. Notes do not change it.
    updated_at: Mapped[dt.datetime]
    first_answer_at: Mapped[dt.datetime | None]
    resolved_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[str] = mapped_column(key_type(), default="")
    auto_close_at: Mapped[dt.datetime | None]
    # When the contact's side accepted the solution while other affected people had not answered yet.
    accepted_at: Mapped[dt.datetime | None]
    hold_reason: Mapped[str] = mapped_column(default="")
    hold_until: Mapped[dt.datetime | None]
    # Markers beside the state: the side of the last public message, the number of reopenings.
    last_word: Mapped[str] = mapped_column(key_type(), default="customer")
    reopened_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    rejected_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    # Of a request for a yes that customers see: 'asked', 'approved' or 'refused'; '' for none. The feature of approvals
    # writes it.
    approval: Mapped[str] = mapped_column(key_type(), default="", server_default="")
    cycle: Mapped[int] = mapped_column(SmallInteger, default=1)
    message_count: Mapped[int] = mapped_column(default=0)
    # The position of the public message that staff pinned as the workaround; None: none is.
    workaround_position: Mapped[int | None]
    # Increases with every change that another writer should see before sending.
    version: Mapped[int] = mapped_column(default=1)
    # How many people were proposed for the case and wait for a decision, so that a page without any reads none.
    open_proposals: Mapped[int] = mapped_column(SmallInteger, default=0)
    merged_into_id: Mapped[uuid.UUID | None]
    moved_to_id: Mapped[uuid.UUID | None]
    # When the nearest promise falls due, for the order of queues; None: nothing is due. A trigger on `sla_standings`
    # writes it.
    due_at: Mapped[dt.datetime | None]
    # The opening form's token: a second submit finds the first case.
    idempotency_key: Mapped[str | None] = mapped_column("once", String(64))
    # What was folded of the mail that opened it, as `Message.quoted`.
    quoted: Mapped[str | None] = mapped_column(deferred=True)
    has_quoted: Mapped[bool] = column_property(quoted.is_not(None))
    # What the own fields were answered, with the words of the form at that time (`cases.engine.request_answers`).
    # None: it asked nothing, or nobody answered. Pages about one case load it with the case.
    answers: Mapped[list[Any] | None] = mapped_column(deferred=True)

    organization: Mapped[Organization] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Case.organization_id == Organization.id",
        foreign_keys="Case.organization_id",
    )
    account: Mapped[Account] = relationship(lazy="raise_on_sql", viewonly=True)
    environment: Mapped[Environment | None] = relationship(lazy="raise_on_sql", viewonly=True)
    request_type: Mapped[RequestType] = relationship(lazy="raise_on_sql", viewonly=True)
    department: Mapped[Department | None] = relationship(lazy="raise_on_sql", viewonly=True)
    owner: Mapped[StaffMember | None] = relationship(lazy="raise_on_sql", viewonly=True)
    reported_by: Mapped[User] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Case.reported_by_id == User.id",
        foreign_keys="Case.reported_by_id",
    )
    contact_user: Mapped[User] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="Case.contact_user_id == User.id",
        foreign_keys="Case.contact_user_id",
    )

    grants: Mapped[list["CaseGrant"]] = relationship(
        viewonly=True,
        primaryjoin="Case.id == CaseGrant.case_id",
        foreign_keys="CaseGrant.case_id",
        order_by="CaseGrant.id",
    )

    @property
    def key(self) -> str:
        """The key that people use: ACME-1042. Needs `account` loaded."""
        return f"{self.account.key}-{self.number}"

    @property
    def on_behalf(self) -> bool:
        """Whether somebody opened the case for somebody else."""
        return self.reported_by_id != self.contact_user_id

    @property
    def is_private(self) -> bool:
        return self.visibility == "private"

    @property
    def unresolved(self) -> bool:
        return is_unresolved(self.state)


tenancy.set_policy("cases", tenancy.by_organization(granted="id"))


@dataclass(frozen=True, slots=True)
class CaseLocation:
    """The tenant columns of a case, as every row that belongs to it has them (`PLACE`)."""

    provider_id: Id
    organization_id: Id
    account_id: Id
    case_id: Id

    @classmethod
    def of(cls, case: Case) -> "CaseLocation":
        """The location of *case*."""
        return cls(case.provider_id, case.organization_id, case.account_id, case.id)

    def columns(self) -> dict[str, Id]:
        """The columns by name, for rows that belong to the case."""
        return {
            "provider_id": self.provider_id,
            "organization_id": self.organization_id,
            "account_id": self.account_id,
            "case_id": self.case_id,
        }
