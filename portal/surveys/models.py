"""Questions (versioned), invitations and answers."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.kernel import tenancy
from portal.kernel.database import ProviderOwned

_PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
_CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]


class SurveyQuestions(ProviderOwned):
    """One version of a provider's questions: [{"name": "q1", "kind": "stars", "text": …, "required": true}, …]."""

    __tablename__ = "survey_questions"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "version"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    version: Mapped[int]
    questions: Mapped[list[Any]]
    created_at: Mapped[dt.datetime]


class Survey(ProviderOwned):
    """One invitation of one person for one closing cycle of a case, and the answers once given."""

    __tablename__ = "surveys"
    __table_args__ = (
        UniqueConstraint("case_id", "cycle"),
        ForeignKeyConstraint(_PLACE, _CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "questions_id"], ["survey_questions.provider_id", "survey_questions.id"]),
        Index("ix_surveys_answered", "provider_id", "answered_at", postgresql_where="answered_at IS NOT NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    cycle: Mapped[int] = mapped_column(SmallInteger)
    # The contact: never the opener for others, never the resolver.
    user_id: Mapped[uuid.UUID]
    questions_id: Mapped[uuid.UUID]
    token_id: Mapped[uuid.UUID]
    asked_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    answers: Mapped[dict[str, Any] | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    questions: Mapped[SurveyQuestions] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.protect("survey_questions", tenancy.by_provider())
tenancy.protect("surveys", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
