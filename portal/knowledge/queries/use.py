"""How articles are used: most read, read and a case opened all the same, and searches that found nothing."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.knowledge.models import HelpMiss, HelpRead, HelpReadCount
from portal.knowledge.queries.reading import Languages, select_readable

# The period of the lists, and how long after reading a case counts as opened all the same.
PERIOD = dt.timedelta(days=90)
AFTERWARDS = dt.timedelta(days=7)
MOST = 50


def most_read(ctx: Context, languages: Languages, days: int, most: int) -> Sequence[Row[Any]]:
    """The published articles that the actor may read, those with the most readers of the last *days* first; each row
    has `readers`. A reader counts once a day."""
    since = ctx.now.astimezone(dt.UTC).date() - dt.timedelta(days=days)
    counted = (
        scope(ctx.actor, HelpReadCount)
        .where(HelpReadCount.read_on > since)
        .with_only_columns(HelpReadCount.article_id, func.sum(HelpReadCount.readers).label("readers"))
        .group_by(HelpReadCount.article_id)
        .subquery()
    )
    found = select_readable(ctx.actor, languages).subquery()
    rows = select(found, counted.c.readers).join(counted, counted.c.article_id == found.c.article_id)
    rows = rows.order_by(counted.c.readers.desc(), found.c.title, found.c.article_id)
    return ctx.session.execute(rows.limit(most)).all()


def opened_all_the_same(ctx: Context, languages: Languages) -> Sequence[Row[Any]]:
    """Articles of which somebody opened a case within `AFTERWARDS` of reading, in the last `PERIOD`: rows with
    `readers` and `opened`, two numbers of people. Cases that the actor may not see do not count."""
    since = ctx.now - PERIOD
    reads = scope(ctx.actor, HelpRead).where(HelpRead.read_at > since).subquery()
    opened = (
        scope(ctx.actor, Case)
        .where(Case.opened_at > since)
        .with_only_columns(Case.reported_by_id, Case.contact_user_id, Case.opened_at)
        .subquery()
    )
    after = and_(
        or_(opened.c.reported_by_id == reads.c.user_id, opened.c.contact_user_id == reads.c.user_id),
        opened.c.opened_at > reads.c.read_at,
        opened.c.opened_at <= reads.c.read_at + AFTERWARDS,
    )
    has_opened = select(opened.c.opened_at).where(after).correlate(reads).exists()
    counted = (
        select(
            reads.c.article_id,
            func.count(reads.c.user_id.distinct()).label("readers"),
            func.count(reads.c.user_id.distinct()).filter(has_opened).label("opened"),
        )
        .group_by(reads.c.article_id)
        .subquery()
    )
    found = select_readable(ctx.actor, languages).subquery()
    rows = select(found, counted.c.readers, counted.c.opened).join(counted, counted.c.article_id == found.c.article_id)
    rows = rows.where(counted.c.opened > 0)
    rows = rows.order_by(counted.c.opened.desc(), counted.c.readers, found.c.article_id)
    return ctx.session.execute(rows.limit(MOST)).all()


def missed_searches(ctx: Context) -> Sequence[Row[Any]]:
    """Words that no article had when they were asked in the last `PERIOD`: (words, people, last), the most asked
    first."""
    rows: Any = (
        scope(ctx.actor, HelpMiss)
        .where(HelpMiss.searched_at > ctx.now - PERIOD)
        .with_only_columns(
            HelpMiss.words,
            func.count(HelpMiss.user_id.distinct()).label("people"),
            func.max(HelpMiss.searched_at).label("last"),
        )
        .group_by(HelpMiss.words)
    )
    rows = rows.order_by(func.count(HelpMiss.user_id.distinct()).desc(), func.max(HelpMiss.searched_at).desc())
    return ctx.session.execute(rows.limit(MOST)).all()
