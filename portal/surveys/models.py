"""Survey rules, versions of questions, invitations with their answers, and follow-ups of low answers."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.models import Case
from portal.identity.models import User
from portal.kernel import config_cache, tenancy
from portal.kernel.database import ProviderOwned, key_type
from portal.tenants.models import StaffMember

_PLACE = ["provider_id", "organization_id", "account_id", "case_id"]
_CASE = ["cases.provider_id", "cases.organization_id", "cases.account_id", "cases.id"]

# The version of the draft: at most one a provider. The one question about a call or a chat stands below it.
DRAFT = 0
VERSION_OF_TALK = {"call": -1, "chat": -2}


class SurveyPlan(ProviderOwned):
    """When a provider asks, how often, and who is notified of a low answer. A provider without a row has the
    defaults."""

    __tablename__ = "survey_plans"
    __table_args__ = (
        UniqueConstraint("provider_id"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
        CheckConstraint("trigger IN ('accepted', 'closed', 'resolved', 'never')", name="trigger"),
        CheckConstraint("per IN ('case', 'cycle')", name="per"),
        CheckConstraint("sampling BETWEEN 0 AND 100", name="sampling"),
        CheckConstraint("quiet_days BETWEEN 0 AND 365", name="quiet_days"),
        CheckConstraint("follow_up_days BETWEEN 1 AND 90", name="follow_up_days"),
    )
    trigger: Mapped[str] = mapped_column(key_type(), default="closed")
    per: Mapped[str] = mapped_column(key_type(), default="case")
    # The percentage of cases that ask.
    sampling: Mapped[int] = mapped_column(SmallInteger, default=100)
    # The number of days within which a person is not asked again, over all cases.
    quiet_days: Mapped[int] = mapped_column(SmallInteger, default=0)
    follow_up_days: Mapped[int] = mapped_column(SmallInteger, default=2)
    # Whether the person of a call or a chat is asked about it while its case stays open.
    after_calls: Mapped[bool] = mapped_column(default=False, server_default="false")
    after_chats: Mapped[bool] = mapped_column(default=False, server_default="false")
    # Who is notified of a low answer: 'leads', 'admins', 'owner' (of the case).
    low_to: Mapped[list[Any]]
    version: Mapped[int] = mapped_column(default=1)


class SurveyQuestions(ProviderOwned):
    """One version of a provider's questions, as `engine.questions` describes them. Version DRAFT is the draft."""

    __tablename__ = "survey_questions"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        UniqueConstraint("provider_id", "version"),
        ForeignKeyConstraint(["provider_id"], ["providers.id"]),
    )
    version: Mapped[int]
    questions: Mapped[list[Any]]
    created_at: Mapped[dt.datetime]


# Written as a literal, so that a generic plan can use the partial index.
OF_CASE_SQL = "kind = 'case'"


class Survey(ProviderOwned):
    """One invitation of one person for one closing cycle of a case, or for a call or chat about it, and its answers."""

    __tablename__ = "surveys"
    __table_args__ = (
        UniqueConstraint("provider_id", "id"),
        ForeignKeyConstraint(_PLACE, _CASE),
        ForeignKeyConstraint(["provider_id", "user_id"], ["users.provider_id", "users.id"]),
        ForeignKeyConstraint(["provider_id", "questions_id"], ["survey_questions.provider_id", "survey_questions.id"]),
        CheckConstraint("kind = 'case' OR kind = 'call' OR kind = 'chat'", name="kind"),
        CheckConstraint("(kind = 'case') = (occasion_id IS NULL)", name="occasion"),
        Index("ix_surveys_cycle", "case_id", "cycle", unique=True, postgresql_where=OF_CASE_SQL),
        Index("ix_surveys_occasion", "occasion_id", unique=True, postgresql_where="occasion_id IS NOT NULL"),
        Index("ix_surveys_answered", "provider_id", "answered_at", postgresql_where="answered_at IS NOT NULL"),
        # The order of the list: low ones first, then the newest.
        Index(
            "ix_surveys_stream", "provider_id", "low", "answered_at", "id", postgresql_where="answered_at IS NOT NULL"
        ),
        Index("ix_surveys_account", "account_id", "low", "answered_at", postgresql_where="answered_at IS NOT NULL"),
        # For the time at which a person was asked last.
        Index("ix_surveys_person", "user_id", "asked_at"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    cycle: Mapped[int] = mapped_column(SmallInteger)
    # What it asks about: 'case', 'call' or 'chat'; and of the last two the call or chat.
    kind: Mapped[str] = mapped_column(key_type(), default="case", server_default="case")
    occasion_id: Mapped[uuid.UUID | None]
    # The contact: never the opener for others, never the resolver.
    user_id: Mapped[uuid.UUID]
    questions_id: Mapped[uuid.UUID]
    token_id: Mapped[uuid.UUID]
    asked_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    answers: Mapped[dict[str, Any] | None]
    # The first stars, and whether any answer was low: computed once from the answers, by the rules of their version.
    score: Mapped[int | None] = mapped_column(SmallInteger)
    low: Mapped[bool] = mapped_column(default=False)
    # After a low answer: None until the person chose whether they want a call.
    call_wanted: Mapped[bool | None]
    call_phone: Mapped[str] = mapped_column(default="")
    case: Mapped[Case] = relationship(lazy="raise_on_sql", viewonly=True)
    user: Mapped[User] = relationship(lazy="raise_on_sql", viewonly=True)
    questions: Mapped[SurveyQuestions] = relationship(lazy="raise_on_sql", viewonly=True)
    follow_up: Mapped["SurveyFollowUp | None"] = relationship(lazy="raise_on_sql", viewonly=True, uselist=False)


class SurveyFollowUp(ProviderOwned):
    """A task because of a low answer: it has a due time and an owner, and ends with a note."""

    __tablename__ = "survey_follow_ups"
    __table_args__ = (
        UniqueConstraint("survey_id"),
        ForeignKeyConstraint(_PLACE, _CASE),
        ForeignKeyConstraint(["provider_id", "survey_id"], ["surveys.provider_id", "surveys.id"]),
        ForeignKeyConstraint(["provider_id", "owner_id"], ["staff_members.provider_id", "staff_members.id"]),
        Index("ix_survey_follow_ups_open", "provider_id", "due_at", postgresql_where="done_at IS NULL"),
    )
    organization_id: Mapped[uuid.UUID]
    account_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID]
    survey_id: Mapped[uuid.UUID]
    owner_id: Mapped[uuid.UUID | None]
    opened_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    # The result; staff only, like the whole row.
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    owner: Mapped[StaffMember | None] = relationship(lazy="raise_on_sql", viewonly=True)


tenancy.set_policy("survey_plans", tenancy.by_provider())
# The page of every open case asks whether people are asked about calls and chats.
config_cache.register_config_tables("survey_plans")
tenancy.set_policy("survey_questions", tenancy.by_provider())
tenancy.set_policy("surveys", tenancy.by_organization(also=f"user_id = {tenancy.USER}"))
tenancy.set_policy("survey_follow_ups", tenancy.by_staff())
