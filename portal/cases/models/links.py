"""Links between cases: moved, merged, split, opened after closing, or linked by hand."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.models.case import CASE, PLACE
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class CaseLink(ProviderOwned):
    """A link of *kind* from one case to another. The other case is shown only through the reader's scope."""

    __tablename__ = "case_links"
    __table_args__ = (
        UniqueConstraint("case_id", "other_id", "kind"),
        ForeignKeyConstraint(PLACE, CASE),
        CheckConstraint("kind IN ('moved_to', 'merged_into', 'follow_up', 'related', 'split_to')", name="kind"),
        Index("ix_case_links_other", "other_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    other_id: Mapped[uuid.UUID]
    kind: Mapped[str] = mapped_column(key_type())


tenancy.set_policy("case_links", tenancy.by_organization(granted="case_id"))
