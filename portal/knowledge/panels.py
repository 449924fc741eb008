"""Articles that may help: while a customer types the subject of a case, and beside a case for whoever answers it."""

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.kernel.context import Context
from portal.knowledge.labels import audience_label, reader_languages
from portal.knowledge.queries.reading import suggest_articles
from portal.knowledge.queries.votes import helpful_share

# Fewer letters of a subject suggest nothing.
FEWEST_LETTERS = 4


def alike_panel(ctx: Context, subject: str) -> Panel | None:
    """For the reader of the form: articles that they may read about the *subject* of a new case."""
    if len(subject) < FEWEST_LETTERS:
        return None
    rows = suggest_articles(ctx, subject, reader_languages(ctx))
    return Panel("alike", "knowledge/_alike.html", {"rows": rows}) if rows else None


def case_panel(ctx: Context, case: Case) -> Panel | None:
    """For staff: articles about the subject of an open *case*, with who can read each; for one with a solution the way
    to make an article of it."""
    if not ctx.actor.is_staff:
        return None
    if not case.unresolved:
        may_write = can(ctx.actor, Permission.ARTICLE_WRITE)
        return Panel("aside", "knowledge/desk/_beside_case.html", {"rows": [], "key": case.key}) if may_write else None
    rows = suggest_articles(ctx, case.subject, reader_languages(ctx))
    if not rows:
        return None
    return Panel("aside", "knowledge/desk/_beside_case.html", {"rows": rows, "audience_label": audience_label})


def helpful_panel(ctx: Context, days: int) -> Panel | None:
    """For staff beside the results of surveys: how often readers said that an article helped in the last *days*."""
    if not can(ctx.actor, Permission.ARTICLE_READ):
        return None
    share = helpful_share(ctx, days)
    return Panel("survey_results", "knowledge/desk/_helpful_share.html", {"share": share}) if share else None
