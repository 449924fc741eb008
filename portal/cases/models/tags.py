"""Tags: words of the provider that staff put on cases. Customers never see them."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.models.case import CASE, PLACE
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned


class Tag(ProviderOwned):
    """A word on the provider's list. A retired one stays on its cases and is put on no other."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "folded"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    name: Mapped[str]
    # The name as tags are compared (`cases.rules.fold_tag`).
    folded: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class CaseTag(ProviderOwned):
    """A tag on a case."""

    __tablename__ = "case_tags"
    __table_args__ = (
        UniqueConstraint("case_id", "tag_id"),
        ForeignKeyConstraint(PLACE, CASE),
        ForeignKeyConstraint(["provider_id", "tag_id"], ["tags.provider_id", "tags.id"]),
        Index("ix_case_tags_tag", "tag_id", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    tag_id: Mapped[uuid.UUID]
    added_by_id: Mapped[uuid.UUID | None]
    added_at: Mapped[dt.datetime]


tenancy.set_policy("tags", tenancy.by_staff())
tenancy.set_policy("case_tags", tenancy.by_staff())
config_cache.register_config_tables("tags")
