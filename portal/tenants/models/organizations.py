"""Organizations: the client companies of a provider."""

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type

ORGANIZATION = ["organizations.provider_id", "organizations.id"]


class Organization(ProviderOwned):
    """A client company: the sharing boundary, with its own rules for what members see."""

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "slug"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("default_visibility IN ('private', 'shared')", name="default_visibility"),
        CheckConstraint("managers_see IN ('', 'direct', 'line')", name="managers_see"),
        CheckConstraint("registration IN ('', 'invited', 'contacts', 'approval', 'automatic')", name="registration"),
        Index("ix_organizations_folded", "provider_id", text("folded(name)"), "id"),
    )
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(60))
    default_visibility: Mapped[str] = mapped_column(key_type(), default="private")
    admins_see_private: Mapped[bool] = mapped_column(default=False)
    requesters_see_shared: Mapped[bool] = mapped_column(default=False)
    # Whose cases managers see, private ones too: '' (nobody's), of the people who report to them ('direct'), or also of
    # everybody below these ('line').
    managers_see: Mapped[str] = mapped_column(key_type(), default="", server_default="")
    # Whether addresses of strangers may be put in copy.
    outside_copy: Mapped[bool] = mapped_column(default=True)
    # Since when its people need a second factor to sign in (None: they do not), and for how many days from then setting
    # one up can be put off.
    factor_required_at: Mapped[dt.datetime | None]
    factor_grace_days: Mapped[int] = mapped_column(default=14, server_default=text("14"))
    # Who may register as one of its people: one of identity.registration_rules.MODES but "anyone"; '' for the setting
    # of the provider.
    registration: Mapped[str] = mapped_column(key_type(), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def organization_id(self) -> uuid.UUID:
        """Its own place, so that permissions and events treat it like what is inside it."""
        return self.id


tenancy.set_policy(
    "organizations",
    tenancy.by_organization("id", also=f"id IN {tenancy.granted_column('organization_id')}"),
)


config_cache.register_config_tables("organizations")
