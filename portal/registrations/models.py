"""People who registered and proved their address, and wait until somebody gives them a place."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Organization

ORGANIZATION = ["organizations.provider_id", "organizations.id"]


class Registration(ProviderOwned):
    """Somebody who registered. At most one for each person; a decision stays readable for them."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("provider_id", "user_id"),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "organization_id"], ORGANIZATION),
        CheckConstraint("state IN ('waiting', 'accepted', 'declined')", name="state"),
        Index("ix_registrations_waiting", "provider_id", "state", "asked_at"),
        Index("ix_registrations_organization", "organization_id"),
    )
    # The organization to which the domain of the address belongs; None: only the provider decides.
    organization_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID]
    # The company, in the words of the person.
    company: Mapped[str] = mapped_column(String(120), default="", server_default="")
    state: Mapped[str] = mapped_column(key_type(), default="waiting")
    asked_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str] = mapped_column(default="", server_default="")
    # What the person reads about a refusal.
    answer: Mapped[str] = mapped_column(default="", server_default="")
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    organization: Mapped[Organization | None] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("registrations", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
