"""Hotlines with their hours, call-backs that people asked for, calls that staff logged, checks, and the calls that
telephone systems report."""

import datetime as dt
import uuid

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
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
from portal.tenants.models import StaffMember

PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]


class Hotline(ProviderOwned):
    """A phone number of the provider. `number` is E.164. It is answered in the hours of its calendar, and day and night
    for severities up to `urgent_rank`."""

    __tablename__ = "hotlines"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "number"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "calendar_id"], ["sla_calendars.provider_id", "sla_calendars.id"]),
        CheckConstraint("urgent_rank BETWEEN 1 AND 4", name="urgent_rank"),
        CheckConstraint("slot_minutes = 15 OR slot_minutes = 30 OR slot_minutes = 60", name="slot_minutes"),
        CheckConstraint("slot_calls BETWEEN 1 AND 50", name="slot_calls"),
    )
    name: Mapped[str]
    number: Mapped[str] = mapped_column(String(20))
    calendar_id: Mapped[uuid.UUID]
    urgent_rank: Mapped[int | None] = mapped_column(SmallInteger)
    # The order on pages; the first one is named where there is room for one.
    position: Mapped[int] = mapped_column(SmallInteger, default=1)
    active: Mapped[bool] = mapped_column(default=True)
    # Whether clients may ask to be called back in its hours, how long a slot is, and how many calls one holds.
    calls_back: Mapped[bool] = mapped_column(default=True)
    slot_minutes: Mapped[int] = mapped_column(SmallInteger, default=30)
    slot_calls: Mapped[int] = mapped_column(SmallInteger, default=1)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


# Numbers of support are public; who reads them learns of no client.
tenancy.set_policy("hotlines", tenancy.by_provider())
# Every page names a number and its hours.
config_cache.register_config_tables("hotlines")


class CallBack(ProviderOwned):
    """The wish of a person to be called about a case in a slot of a hotline: a task of staff until `due_at`."""

    __tablename__ = "call_backs"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "hotline_id"], ["hotlines.provider_id", "hotlines.id"]),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "owner_id"], ["staff_members.provider_id", "staff_members.id"]),
        CheckConstraint("state = 'open' OR state = 'done' OR state = 'cancelled'", name="state"),
        Index("ix_call_backs_open", "provider_id", "due_at", "id", postgresql_where="state = 'open'"),
        Index("ix_call_backs_slots", "hotline_id", "starts_at", postgresql_where="state = 'open'"),
        Index("ix_call_backs_person", "user_id", "starts_at"),
        Index("ix_call_backs_case", "case_id"),
        Index("ix_call_backs_once", "user_id", "once", unique=True, postgresql_where="once IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    hotline_id: Mapped[uuid.UUID]
    # Who wants to be called, and under which number (E.164).
    user_id: Mapped[uuid.UUID]
    number: Mapped[str] = mapped_column(String(20))
    # The slot; its end is when the call is overdue.
    starts_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(key_type(), default="open")
    # The member of staff who calls; None while nobody took it.
    owner_id: Mapped[uuid.UUID | None]
    asked_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reminded_at: Mapped[dt.datetime | None]
    # The form's token: a second press finds the first call-back.
    idempotency_key: Mapped[str | None] = mapped_column("once", String(64))
    version: Mapped[int] = mapped_column(default=1)
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    owner: Mapped[StaffMember | None] = relationship(lazy="raise_on_sql", viewonly=True)


class Call(ProviderOwned):
    """One phone call with a person about a case, as staff logged it."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "call_back_id"], ["call_backs.provider_id", "call_backs.id"]),
        CheckConstraint("direction = 'in' OR direction = 'out'", name="direction"),
        CheckConstraint("result = 'talked' OR result = 'message' OR result = 'missed'", name="result"),
        CheckConstraint("minutes BETWEEN 0 AND 600", name="minutes"),
        Index("ix_calls_stream", "provider_id", "id"),
        Index("ix_calls_case", "case_id", "id"),
        Index("ix_calls_staff", "staff_id", "id"),
        Index("ix_calls_once", "staff_id", "once", unique=True, postgresql_where="once IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # The person on the phone, and their number (E.164); '' if it was withheld.
    user_id: Mapped[uuid.UUID]
    number: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[uuid.UUID]
    direction: Mapped[str] = mapped_column(key_type())
    minutes: Mapped[int] = mapped_column(SmallInteger)
    result: Mapped[str] = mapped_column(key_type())
    call_back_id: Mapped[uuid.UUID | None]
    logged_at: Mapped[dt.datetime]
    # The form's token: a second press finds the first call.
    idempotency_key: Mapped[str | None] = mapped_column("once", String(64))
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    staff: Mapped[StaffMember] = relationship(lazy="raise_on_sql", viewonly=True)


# The person's own wish stays readable where the case was shared with them from another organization.
tenancy.set_policy("call_backs", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
tenancy.set_policy("calls", tenancy.by_staff())


class CallCheck(ProviderOwned):
    """One two-way check of a phone call about a case: each side reads its code out, and the other one types it. The
    codes are derived from `id` and `counter_id` and stored nowhere."""

    __tablename__ = "call_checks"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
        CheckConstraint("state = 'open' OR state = 'passed' OR state = 'failed' OR state = 'skipped'", name="state"),
        Index("ix_call_checks_case", "case_id", "id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    # The closing cycle of the case for which it holds.
    cycle: Mapped[int] = mapped_column(SmallInteger)
    # The contact on the phone, and the member of staff.
    user_id: Mapped[uuid.UUID]
    staff_id: Mapped[uuid.UUID]
    counter_id: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(key_type(), default="open")
    started_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    # When each side typed the code of the other one, and how often it typed a wrong one.
    staff_typed_at: Mapped[dt.datetime | None]
    contact_typed_at: Mapped[dt.datetime | None]
    staff_tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    contact_tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    # Why no check was needed, where a lead said so.
    reason: Mapped[str] = mapped_column(default="")
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    staff: Mapped[StaffMember] = relationship(lazy="raise_on_sql", viewonly=True)


class CheckedRequestType(ProviderOwned):
    """A request type whose cases staff can resolve or close only after a passed call check."""

    __tablename__ = "checked_request_types"
    __table_args__ = (
        UniqueConstraint("provider_id", "request_type_id"),
        ForeignKeyConstraint(["provider_id", "request_type_id"], ["request_types.provider_id", "request_types.id"]),
    )
    request_type_id: Mapped[uuid.UUID]


tenancy.set_policy("call_checks", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
tenancy.set_policy("checked_request_types", tenancy.by_provider())
config_cache.register_config_tables("checked_request_types")


class TelephoneSystem(ProviderOwned):
    """A telephone system of the provider that reports calls with a token."""

    __tablename__ = "telephone_systems"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "name_folded"),
        UniqueConstraint("token_hash"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    name: Mapped[str] = mapped_column(String(80))
    name_folded: Mapped[str]
    # None after the token was revoked.
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    token_made_at: Mapped[dt.datetime | None]
    # Off: it is answered like one that nobody knows.
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class PhoneExtension(ProviderOwned):
    """The number under which a telephone system rings for a member of staff; digits only."""

    __tablename__ = "phone_extensions"
    __table_args__ = (
        UniqueConstraint("staff_id"),
        UniqueConstraint("provider_id", "number"),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
    )
    staff_id: Mapped[uuid.UUID]
    number: Mapped[str] = mapped_column(String(20))
    staff: Mapped[StaffMember] = relationship(lazy="raise_on_sql", viewonly=True)


# Written as literals, so that a generic plan can use the partial indexes.
MISSED_SQL = "state = 'ended' AND answered_at IS NULL AND settled_at IS NULL"
SHOWN_SQL = "shown_until IS NOT NULL"


class IncomingCall(ProviderOwned):
    """A call that a telephone system reported. It is no logged call yet, and belongs to no client: who calls is looked
    up by its number whenever somebody looks, as far as they may see people."""

    __tablename__ = "incoming_calls"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("system_id", "external_id"),
        ForeignKeyConstraint(["provider_id", "system_id"], ["telephone_systems.provider_id", "telephone_systems.id"]),
        ForeignKeyConstraint(["provider_id", "staff_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "settled_by_id"], ["staff_members.provider_id", "staff_members.id"]),
        ForeignKeyConstraint(["provider_id", "call_id"], ["calls.provider_id", "calls.id"]),
        CheckConstraint("state = 'ringing' OR state = 'answered' OR state = 'ended'", name="state"),
        CheckConstraint("seconds BETWEEN 0 AND 86400", name="seconds"),
        Index("ix_incoming_calls_shown", "staff_id", "shown_until", postgresql_where=SHOWN_SQL),
        Index("ix_incoming_calls_missed", "provider_id", "started_at", "id", postgresql_where=MISSED_SQL),
        Index("ix_incoming_calls_heard", "provider_id", "heard_at"),
        Index("ix_incoming_calls_system", "system_id", "heard_at"),
    )
    system_id: Mapped[uuid.UUID]
    # What the telephone system calls it.
    external_id: Mapped[str] = mapped_column(String(100))
    # Who calls: E.164, or what the system sent where that cannot be dialed; '' if it was withheld.
    number: Mapped[str] = mapped_column(String(50))
    # The number or extension that was called, as it was sent, and the member of staff whose extension it is.
    called: Mapped[str] = mapped_column(String(50))
    staff_id: Mapped[uuid.UUID | None]
    # The accounts of the people who had this number when it called: who looks after none of them sees it only if it
    # rang for them.
    account_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid()))
    state: Mapped[str] = mapped_column(key_type())
    started_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    # The length of the conversation, once it ended.
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    # When the last news of it came.
    heard_at: Mapped[dt.datetime]
    # Until when pages of the member of staff show it.
    shown_until: Mapped[dt.datetime | None]
    # It was logged as a call, or somebody said that nothing is left to do.
    settled_at: Mapped[dt.datetime | None]
    settled_by_id: Mapped[uuid.UUID | None]
    call_id: Mapped[uuid.UUID | None]
    staff: Mapped[StaffMember | None] = relationship(
        lazy="raise_on_sql",
        viewonly=True,
        primaryjoin="IncomingCall.staff_id == StaffMember.id",
        foreign_keys="IncomingCall.staff_id",
    )

    @property
    def missed(self) -> bool:
        """Whether it ended before anybody answered."""
        return self.ended_at is not None and self.answered_at is None


tenancy.set_policy("telephone_systems", tenancy.by_staff())
tenancy.set_policy("phone_extensions", tenancy.by_staff())
tenancy.set_policy("incoming_calls", tenancy.by_staff())
# The menu of the desk asks whether there is one.
config_cache.register_config_tables("telephone_systems")
