"""What the end of a case leads to: an invitation to say how it went."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.cases.models import Case
from portal.kernel import ids, tokens
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event, record
from portal.surveys.defaults import DEFAULT_QUESTIONS
from portal.surveys.models import Survey, SurveyQuestions
from portal.surveys.queries import LASTS, PURPOSE


def ask(ctx: Context, event: Event) -> None:
    """Reaction to case.accepted, case.closed and case.auto_closed: asks the contact, once a closing cycle.

    Where the provider asks once a case, only the first cycle ever asks. Records `survey.asked`.
    """
    case = ctx.session.get(Case, event.case_id)
    if case is None or (ctx.provider.survey_per == "case" and _asked_before(ctx, case)):
        return
    survey_id = ids.new_id()
    row = insert(Survey).values(
        id=survey_id,
        provider_id=case.provider_id,
        organization_id=case.organization_id,
        account_id=case.account_id,
        case_id=case.id,
        cycle=case.cycle,
        user_id=case.contact_user_id,
        questions_id=_questions(ctx),
        token_id=tokens.issue(ctx, PURPOSE, survey_id, LASTS),
        asked_at=event.recorded_at,
    )
    stored = ctx.session.scalar(row.on_conflict_do_nothing().returning(Survey.id))
    if stored is None:
        tokens.revoke(ctx, PURPOSE, survey_id)
        return
    record(ctx, "survey.asked", ctx.session.get(Survey, stored), case=case, cycle=case.cycle)


def _asked_before(ctx: Context, case: Case) -> bool:
    return ctx.session.scalar(select(Survey.id).where(Survey.case_id == case.id).limit(1)) is not None


def _questions(ctx: Context) -> Id:
    """The provider's newest questions; the default ones become its first version."""
    newest = select(SurveyQuestions.id).where(SurveyQuestions.provider_id == ctx.provider_id)
    newest = newest.order_by(SurveyQuestions.version.desc()).limit(1)
    found = ctx.session.scalar(newest)
    if found is None:
        first = insert(SurveyQuestions).values(
            id=ids.new_id(),
            provider_id=ctx.provider_id,
            version=1,
            questions=list(DEFAULT_QUESTIONS),
            created_at=ctx.now,
        )
        ctx.session.execute(first.on_conflict_do_nothing())
        found = ctx.session.scalar(newest)
    assert found is not None
    return found
