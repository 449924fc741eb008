"""The outbox: what must still happen because of an event, as rows written with the event itself.

`deliveries` is the ledger (one row per event and consumer). `due_work` is the small table without tenant content
that a sweep may read before it knows any provider. RQ only wakes workers, so its loss loses no work.
"""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    SmallInteger,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import tenancy
from portal.kernel.actor import Id
from portal.kernel.database import AnySession, Base, ProviderOwned, key_type, table_of

if TYPE_CHECKING:
    from portal.kernel.events import Event

DELIVERY = "delivery"


class DueWork(Base):
    """Something that becomes due: (provider, kind, id), when, and the number of failed tries.

    Claimed with FOR UPDATE SKIP LOCKED and deleted in the transaction that does it.
    """

    __tablename__ = "due_work"
    __table_args__ = (Index("ix_due_work_due", "due_at", "provider_id"),)
    provider_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(key_type(), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    due_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class Delivery(ProviderOwned):
    """The delivery of one event to one consumer: pending, done or dead, with its last error."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "consumer"),
        ForeignKeyConstraint(["provider_id", "event_id"], ["events.provider_id", "events.id"]),
        Index("ix_deliveries_unfinished", "provider_id", "state", postgresql_where="state <> 'done'"),
    )
    event_id: Mapped[uuid.UUID]
    consumer: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(key_type(), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    last_error: Mapped[str | None]
    event: Mapped["Event"] = relationship(lazy="raise_on_sql", viewonly=True)


def is_in_state(state: str) -> ColumnElement[bool]:
    """Whether a delivery is in *state*, written into the statement: plans are made once for all parameters
    (`connections.SERVER_SETTINGS`), and only a written state lets one use the index of what is not done."""
    return Delivery.state == bindparam(None, state, literal_execute=True)


tenancy.exempt_table("due_work", "a sweep reads it before it knows a provider; it holds ids and times only")
tenancy.set_policy("deliveries", tenancy.by_provider())


def _upsert_due_work() -> Insert:
    row = insert(table_of(DueWork))
    key = [DueWork.provider_id, DueWork.kind, DueWork.id]
    return row.on_conflict_do_update(index_elements=key, set_={"due_at": row.excluded.due_at, "attempts": 0})


# Plans something, or moves what is planned.
UPSERT_DUE_WORK = _upsert_due_work()


def schedule(session: AnySession, provider_id: Id, kind: str, id: Id, due_at: dt.datetime) -> None:
    """Let the worker do (*kind*, *id*) at *due_at*; a second call moves the time and forgets failed tries."""
    row = {"provider_id": provider_id, "kind": kind, "id": id, "due_at": due_at, "attempts": 0}
    session.execute(UPSERT_DUE_WORK, row)


def bring_forward(session: AnySession, provider_id: Id, kind: str, ids: "Select[Any]", due_at: dt.datetime) -> None:
    """Let the worker do what is planned of *kind* with one of *ids* at *due_at* already. What it does at this moment
    stays as it is."""
    planned = select(DueWork.id).where(
        DueWork.provider_id == provider_id, DueWork.kind == kind, DueWork.due_at > due_at, DueWork.id.in_(ids)
    )
    session.execute(
        update(DueWork)
        .where(
            DueWork.provider_id == provider_id,
            DueWork.kind == kind,
            DueWork.id.in_(planned.with_for_update(skip_locked=True)),
        )
        .values(due_at=due_at)
        .execution_options(synchronize_session=False)
    )


def unschedule(session: AnySession, provider_id: Id, kind: str, id: Id) -> None:
    """(*kind*, *id*) is no longer wanted; not an error if nobody planned it."""
    session.execute(delete(DueWork).where(DueWork.provider_id == provider_id, DueWork.kind == kind, DueWork.id == id))
