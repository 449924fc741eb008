"""The database: one declarative base, one session, and the session values that row-level security reads."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import TransactionStatus
from sqlalchemy import DateTime, Engine, MetaData, String, Table, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry, scoped_session

from portal.kernel import ids
from portal.kernel.actor import Actor, Id, Side

# scoped_session is invariant, and Flask-SQLAlchemy's holds a session class of its own.
AnySession = Session | scoped_session[Any]

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """Base of every model; times are `timestamptz` in UTC, free text is `text`, facts are `jsonb`."""

    # A registry of our own, because Flask-SQLAlchemy refuses a base that carries a type_annotation_map.
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            dt.datetime: DateTime(timezone=True),
            str: Text(),
            dict[str, Any]: JSONB(),
            list[Any]: JSONB(),
        },
    )


class Identified(Base):
    """A row with a UUIDv7 of its own."""

    __abstract__ = True
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.new_id, sort_order=-20)


class ProviderOwned(Identified):
    """A row inside one provider; the first column of every key that crosses tables."""

    __abstract__ = True
    provider_id: Mapped[uuid.UUID] = mapped_column(sort_order=-10)


def table_of(model: type[Base]) -> Table:
    """The table of *model*: statements about rows that no session holds are made for it, not for the entity."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def key_type() -> String:
    """Short machine words (states, kinds, roles)."""
    return String(40)


@dataclass(frozen=True, slots=True)
class Tenancy:
    """The four values that the row-level policies read. With empty values a session sees nothing."""

    provider_id: Id | None = None
    user_id: Id | None = None
    organization_ids: frozenset[Id] = frozenset()
    side: Side = Side.NOBODY

    @classmethod
    def of(cls, actor: Actor) -> "Tenancy":
        """The values for *actor*: the most that the database may show. Scopes narrow it further."""
        return cls(actor.provider_id, actor.user_id, frozenset(actor.memberships), actor.side)

    def parameters(self) -> dict[str, str]:
        return {
            "provider": str(self.provider_id or ""),
            "user": str(self.user_id or ""),
            "organizations": "{" + ",".join(sorted(str(i) for i in self.organization_ids)) + "}",
            "side": str(self.side),
        }


# set_config(…, true) lasts for one transaction, so a pooled connection never carries a tenant to the next request.
_SET = (
    "SELECT set_config('parley.provider', %(provider)s, true), set_config('parley.user', %(user)s, true),"
    " set_config('parley.organizations', %(organizations)s, true), set_config('parley.side', %(side)s, true)"
)


def bind(session: AnySession, tenancy: Tenancy) -> None:
    """Bind *session* to *tenancy*: in the current transaction, if there is one, and in each later one."""
    if session.info.get("tenancy") == tenancy:
        return
    session.info["tenancy"] = tenancy
    real = session() if isinstance(session, scoped_session) else session
    if real.in_transaction():
        session.connection().exec_driver_sql(_SET, tenancy.parameters())


def bind_again(session: AnySession, tenancy: Tenancy) -> None:
    """Like `bind`, also after a failed statement, when nothing can be sent before a rollback.

    PostgreSQL itself resets what was set in the failed savepoint or transaction; the session only has to store its
    tenancy.
    """
    real = session() if isinstance(session, scoped_session) else session
    if real.in_transaction() and (not real.is_active or _has_failed(real)):
        session.info["tenancy"] = tenancy
    else:
        bind(session, tenancy)


def _has_failed(session: Session) -> bool:
    driver: Any = session.connection().connection.driver_connection
    return bool(driver.info.transaction_status == TransactionStatus.INERROR)


def tenancy_of(session: AnySession) -> Tenancy:
    """The tenancy of *session*; the empty one if it was never bound."""
    bound: Tenancy = session.info.get("tenancy", Tenancy())
    return bound


@event.listens_for(Session, "after_begin")
def _set_tenancy_values(session: Session, transaction: Any, connection: Any) -> None:
    if transaction.nested:  # a savepoint goes on with the values of the transaction around it
        return
    connection.exec_driver_sql(_SET, tenancy_of(session).parameters())


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})


def forget_inherited_connections(engine: Engine) -> None:
    """After a fork: drop the parent's pooled connections without closing them, because the parent still uses them."""
    engine.dispose(close=False)
