"""Rules that ask for a yes, requests for one, and the answers."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

_PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
_CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]
# Written as a literal, so that a generic plan can use the partial indexes.
OPEN_SQL = "state = 'asked'"


class ApprovalRule(ProviderOwned):
    """Which cases need a yes, from whom, and what the promises do meanwhile."""

    __tablename__ = "approval_rules"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id"], ["organizations.provider_id", "organizations.id"]),
        ForeignKeyConstraint(
            ["provider_id", "organization_id", "account_id"],
            ["accounts.provider_id", "accounts.organization_id", "accounts.id"],
        ),
        ForeignKeyConstraint(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
        CheckConstraint("account_id IS NULL OR organization_id IS NOT NULL", name="place"),
        CheckConstraint(
            "environment_kind = '' OR environment_kind = 'production' OR environment_kind = 'test'"
            " OR environment_kind = 'development'",
            name="environment_kind",
        ),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
        CheckConstraint("due_hours BETWEEN 1 AND 2000", name="due_hours"),
        CheckConstraint("remind_hours BETWEEN 0 AND 1000", name="remind_hours"),
    )
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    # The order in which the steps of several rules follow one another.
    position: Mapped[int] = mapped_column(SmallInteger, default=1)
    organization_id: Mapped[uuid.UUID | None]
    account_id: Mapped[uuid.UUID | None]
    request_type_id: Mapped[uuid.UUID | None]
    environment_kind: Mapped[str] = mapped_column(key_type(), default="")
    # This rank and worse ones.
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    # A field of the request type whose number is over an amount.
    field_key: Mapped[str] = mapped_column(key_type(), default="")
    over: Mapped[Any | None] = mapped_column(Numeric(18, 4))
    # [{mode, needed, roles: […], people: [{id, deputy}]}, …]
    steps: Mapped[list[Any]]
    due_hours: Mapped[int | None] = mapped_column(SmallInteger)
    remind_hours: Mapped[int] = mapped_column(SmallInteger, default=24)
    # Whether promises of updates and solutions rest while it is asked.
    pauses: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class ApprovalRequest(ProviderOwned):
    """One request for a yes about one case: what was asked about, of whom, and what became of it."""

    __tablename__ = "approval_requests"
    __table_args__ = (
        UniqueConstraint("provider_id", "organization_id", "account_id", "case_id", "id"),
        UniqueConstraint("case_id", "number"),
        ForeignKeyConstraint(_PLACE, _CASE),
        ForeignKeyConstraint(["provider_id", "asked_by_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "ended_by_id"], ["users.provider_id", "users.id"]),
        CheckConstraint(
            "state = 'asked' OR state = 'approved' OR state = 'refused' OR state = 'expired' OR state = 'withdrawn'",
            name="state",
        ),
        CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name="ended"),
        # One at a time: several rules make the steps of one request.
        Index("ix_approval_requests_open", "case_id", unique=True, postgresql_where=OPEN_SQL),
        Index("ix_approval_requests_waiting", "provider_id", "asked_at", "id", postgresql_where=OPEN_SQL),
        Index("ix_approval_requests_ended", "organization_id", "ended_at", postgresql_where="state <> 'asked'"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # Counts the requests of the case.
    number: Mapped[int] = mapped_column(SmallInteger)
    # Of colleagues of the desk only: customers see nothing of it.
    internal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(key_type(), default="asked")
    # What staff asks by hand; '' where rules ask.
    question: Mapped[str] = mapped_column(default="")
    # The rules that asked, as they were: [{id, name}, …].
    rules: Mapped[list[Any]]
    # [{mode, needed, seats: [{id, name, deputy, deputy_name}]}, …]
    steps: Mapped[list[Any]]
    step: Mapped[int] = mapped_column(SmallInteger, default=0)
    # Who may answer now, as of the last change. What they may load is decided by the scope of cases.
    waiting_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid()))
    # Nobody is left who may answer.
    stuck: Mapped[bool] = mapped_column(default=False)
    # The facts that were asked about (`engine.facts`), and those that somebody had approved before.
    facts: Mapped[dict[str, Any]]
    approved_facts: Mapped[dict[str, Any] | None]
    pauses: Mapped[bool]
    remind_hours: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[dt.datetime | None]
    asked_at: Mapped[dt.datetime]
    asked_by_id: Mapped[uuid.UUID | None]
    told_at: Mapped[dt.datetime]
    reminders: Mapped[int] = mapped_column(SmallInteger, default=0)
    ended_at: Mapped[dt.datetime | None]
    ended_by_id: Mapped[uuid.UUID | None]
    # Why it was withdrawn: a key of `rules.ApprovalEnd`, and what somebody wrote.
    end_reason: Mapped[str] = mapped_column(key_type(), default="")
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    asked_by: Mapped[User | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="ApprovalRequest.asked_by_id == User.id",
        foreign_keys="ApprovalRequest.asked_by_id",
    )
    ended_by: Mapped[User | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="ApprovalRequest.ended_by_id == User.id",
        foreign_keys="ApprovalRequest.ended_by_id",
    )
    answers: Mapped[list["ApprovalAnswer"]] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="ApprovalRequest.id == ApprovalAnswer.request_id",
        foreign_keys="ApprovalAnswer.request_id",
        order_by="ApprovalAnswer.id",
    )


class ApprovalAnswer(ProviderOwned):
    """A yes or a no of one person to one step of a request."""

    __tablename__ = "approval_answers"
    __table_args__ = (
        UniqueConstraint("request_id", "step", "seat_id"),
        UniqueConstraint("request_id", "step", "user_id"),
        ForeignKeyConstraint(_PLACE, _CASE),
        ForeignKeyConstraint(
            [*_PLACE, "request_id"],
            [f"approval_requests.{name}" for name in (*_PLACE, "id")],
            name="fk_approval_answers_request",
        ),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "seat_id"], ["users.provider_id", "users.id"]),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    request_id: Mapped[uuid.UUID]
    # As its request is: wall c reads no other table.
    internal: Mapped[bool] = mapped_column(default=False)
    step: Mapped[int] = mapped_column(SmallInteger)
    user_id: Mapped[uuid.UUID]
    # The approver in whose place they answered: themself, or whose deputy they are.
    seat_id: Mapped[uuid.UUID]
    name: Mapped[str]
    approves: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(String(40))
    answered_at: Mapped[dt.datetime]


_OF_CASE = f"{tenancy.by_organization(granted='case_id')} AND ({tenancy.STAFF_OR_SYSTEM} OR NOT internal)"
# A rule for every client names people of several: it is read by the system for them (`queries.rules`).
tenancy.set_policy("approval_rules", tenancy.by_organization())
# Every form that opens a case asks whether it needs a yes.
config_cache.register_config_tables("approval_rules")
tenancy.set_policy("approval_requests", _OF_CASE)
tenancy.set_policy("approval_answers", _OF_CASE)
