"""Request types: the kinds of case that a provider offers."""

import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Department


class RequestType(ProviderOwned):
    """A kind of case that people can open: its tile, the defaults of its form, who may choose it."""

    __tablename__ = "request_types"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "key"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], ["departments.provider_id", "departments.id"]),
        ForeignKeyConstraint(["provider_id", "requires_service_id"], ["services.provider_id", "services.id"]),
    )
    key: Mapped[str] = mapped_column(key_type())
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    icon: Mapped[str] = mapped_column(String(30), default="question")
    position: Mapped[int] = mapped_column(default=0)
    # The initial text of the description field.
    template: Mapped[str] = mapped_column(default="")
    # The rank of cases of this type if the form does not ask for the severity.
    asks_severity: Mapped[bool] = mapped_column(default=True)
    default_rank: Mapped[int] = mapped_column(SmallInteger, default=3)
    takes_files: Mapped[bool] = mapped_column(default=True)
    # Modes of further fields on the portal's form: 'off' or 'required' by name; other fields are optional
    # (`cases.form_fields`).
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Fields of its own (`cases.engine.request_fields`), ended ones too. Read where the form is made.
    own_fields: Mapped[list[Any]] = mapped_column(default=list, server_default="[]", deferred=True)
    # Roles of contacts, and ids of accounts, to whom the portal offers the type; without any: everybody.
    only_roles: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    only_accounts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    department_id: Mapped[uuid.UUID | None]
    requires_service_id: Mapped[uuid.UUID | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    department: Mapped[Department | None] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("request_types", tenancy.by_provider())
config_cache.register_config_tables("request_types")
