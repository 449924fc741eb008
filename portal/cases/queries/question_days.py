"""The days after a question that hold for a case: those of its account where it has its own, else the provider's."""

import datetime as dt

from portal.authz.scopes import scope
from portal.cases.engine.question_days import QuestionDays
from portal.cases.models import Case
from portal.cases.queries.conversation import last_question
from portal.cases.states import State
from portal.kernel.context import Context
from portal.tenants.models import Account


def question_days(ctx: Context, case: Case) -> QuestionDays:
    """What holds for *case* now; one statement."""
    rows = scope(ctx.actor, Account).where(Account.id == case.account_id)
    columns = (Account.first_reminder_days, Account.second_reminder_days, Account.proposal_days)
    own = ctx.session.execute(rows.with_only_columns(*columns)).one_or_none() or (None, None, None)
    provider = ctx.provider
    usual = (provider.first_reminder_days, provider.second_reminder_days, provider.proposal_days)
    return QuestionDays(*(theirs if mine is None else mine for mine, theirs in zip(own, usual, strict=True)))


def unanswered_since(ctx: Context, case: Case) -> dt.datetime | None:
    """When the question was asked that the customer left unanswered for so long that support is told to resolve *case*;
    None before. No statement unless the case waits."""
    question = last_question(ctx, case) if case.state == State.WAITING else None
    if question is None:
        return None
    proposed_at = question_days(ctx, case).proposed_at(question.recorded_at)
    return question.recorded_at if proposed_at is not None and proposed_at <= ctx.now else None
