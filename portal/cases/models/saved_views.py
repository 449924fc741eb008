"""Lists of cases that somebody saved under a name, and those that a reader put into the rail of the desk."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.identity.models import User
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import Department


class SavedView(ProviderOwned):
    """A list of cases under a name: a queue of the desk (side `desk`) or a tab of the portal (side `portal`), and the
    parameters of its address.

    It holds no cases: each reader sees of it what they see anyway. `audience` says who finds it: its owner (`me`), the
    desk's people of a department (`department`), or everybody of the desk (`everyone`). Those of the portal are all
    their owner's.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        ForeignKeyConstraint(["provider_id", "owner_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "department_id"], ["departments.provider_id", "departments.id"]),
        CheckConstraint("side IN ('desk', 'portal')", name="side"),
        CheckConstraint("audience IN ('me', 'department', 'everyone')", name="audience"),
        CheckConstraint("audience = 'me' OR side = 'desk'", name="shared_on_desk"),
        CheckConstraint("(audience = 'department') = (department_id IS NOT NULL)", name="department"),
        Index("ix_saved_views_owner", "provider_id", "owner_id"),
    )
    owner_id: Mapped[uuid.UUID]
    side: Mapped[str] = mapped_column(key_type())
    name: Mapped[str]
    # The queue or the tab.
    base: Mapped[str] = mapped_column(key_type())
    # The parameters of the list by name, as they stand in its address; accounts by id.
    parameters: Mapped[dict[str, Any]]
    audience: Mapped[str] = mapped_column(key_type(), default="me")
    department_id: Mapped[uuid.UUID | None]
    changed_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    owner: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    department: Mapped[Department | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def is_shared(self) -> bool:
        return self.audience != "me"


class SavedViewPin(ProviderOwned):
    """A view that a reader put into their rail."""

    __tablename__ = "saved_view_pins"
    __table_args__ = (
        UniqueConstraint("user_id", "view_id"),
        ForeignKeyConstraint(
            ["provider_id", "view_id"], ["saved_views.provider_id", "saved_views.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        Index("ix_saved_view_pins_view", "view_id"),
    )
    view_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]


tenancy.set_policy(
    "saved_views",
    f"{tenancy.by_owner('owner_id')} OR ({tenancy.by_provider()} AND {tenancy.SIDE} = 'staff' AND audience <> 'me')",
)
tenancy.set_policy(
    "saved_view_pins", f"{tenancy.by_staff()} AND (user_id = {tenancy.USER} OR {tenancy.SIDE} = 'system')"
)
