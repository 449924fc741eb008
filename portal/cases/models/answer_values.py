"""The answers of cases to own fields, a row for each value, so that lists are filtered by them through an index."""

import uuid

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.cases.models.case import CASE, PLACE
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned, key_type


class AnswerValue(ProviderOwned):
    """A value of an answer. A trigger on `cases` writes the rows from `Case.answers`, so that both always agree.

    `value` is the key of a choice, a day, a moment in UTC, a number, or the first 200 letters of a text, folded as the
    database folds names. Long texts and files have none: they are found by their words.
    """

    __tablename__ = "case_answer_values"
    __table_args__ = (
        UniqueConstraint("case_id", "field", "value"),
        ForeignKeyConstraint(PLACE, CASE),
        Index("ix_case_answer_values_value", "request_type_id", "field", "value", "case_id"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    request_type_id: Mapped[uuid.UUID]
    field: Mapped[str] = mapped_column(key_type())
    # Ordered by code points: days, moments and beginnings are compared.
    value: Mapped[str] = mapped_column(Text(collation="C"))


tenancy.set_policy("case_answer_values", tenancy.by_organization(granted="case_id"))
