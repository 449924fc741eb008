"""Reads of a provider's survey rules."""

from portal.authz.scopes import scope
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.models import SurveyPlan


def plan_row(ctx: Context, *, lock: bool = False) -> SurveyPlan | None:
    """The stored rules, or None while the defaults hold."""
    statement = scope(ctx.actor, SurveyPlan)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return ctx.session.scalars(statement).one_or_none()


def terms(ctx: Context) -> SurveyTerms:
    """The current rules."""
    return terms_of(plan_row(ctx))


def terms_of(row: SurveyPlan | None) -> SurveyTerms:
    """*row* as plain values; the defaults for None."""
    if row is None:
        return SurveyTerms()
    low_to = tuple(row.low_to)
    return SurveyTerms(
        row.trigger,
        row.per,
        row.sampling,
        row.quiet_days,
        row.follow_up_days,
        low_to,
        row.after_calls,
        row.after_chats,
    )


def talks_asked_about(ctx: Context) -> frozenset[str]:
    """What people are asked about while a case stays open: 'call', 'chat'; no statement while no setting changed."""
    return cached_config(ctx, for_everybody, _read_talks)


def _read_talks(ctx: Context) -> frozenset[str]:
    return terms(ctx).talks
