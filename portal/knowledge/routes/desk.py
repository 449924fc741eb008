"""/desk/help: all articles with their states, and one article as staff see it, with its versions."""

from typing import Any

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.errors import NotFound
from portal.knowledge.engine.audiences import STATES
from portal.knowledge.engine.differences import compare_lines
from portal.knowledge.labels import language_choices, reader_languages
from portal.knowledge.models import HelpArticle
from portal.knowledge.queries import editing, reading, use
from portal.knowledge.queries.pictures import pictures
from portal.knowledge.queries.votes import vote_figures
from portal.knowledge.routes.blueprint import asked_language, draw_article, knowledge, reads, show
from portal.web.current import ctx
from portal.web.language import LANGUAGES
from portal.web.times import to_reader_zone
from portal.web.urls import list_page, search_words, text_parameter


@knowledge.get("/desk/help")
@reads
def articles() -> Any:
    """Every article, the last changed first, with filters."""
    context = ctx()
    categories = reading.categories(context)
    chosen = next((row for row in categories if row.slug == text_parameter("category", 60)), None)
    state = asked if (asked := text_parameter("state", 10)) in STATES else ""
    q, show_only = search_words(), text_parameter("show", 10)
    due_on = to_reader_zone(context.now).date() if show_only == "due" else None
    found = editing.articles(
        context,
        languages=reader_languages(context),
        q=q,
        state=state,
        due_on=due_on,
        missed=show_only == "missed",
        category_id=chosen.id if chosen else None,
        number=list_page(),
    )
    return show(
        "knowledge/desk/articles.html",
        found=found,
        q=q,
        state=state,
        show_only=show_only if show_only in ("due", "missed") else "",
        states=STATES,
        categories=categories,
        chosen=chosen,
        is_filtered=bool(q or state or chosen or show_only in ("due", "missed")),
    )


@knowledge.get("/desk/help/use")
@reads
def article_use() -> Any:
    """How articles are used: read and a case opened all the same, searches that found nothing, most read."""
    context = ctx()
    languages = reader_languages(context)
    return show(
        "knowledge/desk/use.html",
        opened=use.opened_all_the_same(context, languages),
        missed=use.missed_searches(context),
        sees_searches=context.actor.all_accounts,
        most_read=use.most_read(context, languages, use.PERIOD.days, use.MOST),
    )


@knowledge.get("/desk/help/articles/<article>")
@reads
def desk_article(article: str) -> Any:
    """One article: its newest words in a language, and what can be done with it."""
    context = ctx()
    row = editing.article(context, article)
    newest = {version.language: version for version in editing.newest_versions(context, row)}
    order = [code for code in reader_languages(context, asked_language()) if code in newest]
    shown = newest[order[0] if order else min(newest)]
    own_pictures = pictures(context, row)
    instead = reading.published_row(context, row.replaced_by_id, reader_languages(context))
    return show(
        "knowledge/desk/article.html",
        article=row,
        shown=shown,
        newest=newest,
        published=editing.published_numbers(context, row),
        versions=editing.versions(context, row, shown.language),
        languages=language_choices(context),
        organizations=editing.named_organizations(context, row),
        sections=draw_article(own_pictures, shown.body),
        pictures=own_pictures,
        instead=instead,
        votes=vote_figures(context, row),
        may_change=may_change(row),
    )


@knowledge.get("/desk/help/articles/<article>/texts/<language>/<int:number>")
@reads
def version(article: str, language: str, number: int) -> Any:
    """One version, and what it changed."""
    context = ctx()
    row = editing.article(context, article)
    if language not in LANGUAGES or number > 1_000_000:
        raise NotFound
    this = editing.version(context, row, language, number)
    before = editing.version(context, row, language, number - 1) if number > 1 else None
    return show(
        "knowledge/desk/version.html",
        article=row,
        this=this,
        before=before,
        lines=compare_lines(before.body, this.body) if before else [],
        sections=draw_article(pictures(context, row), this.body),
    )


def may_change(article: HelpArticle) -> bool:
    """Whether the actor may change the place and audience of *article*."""
    needed = Permission.ARTICLE_WRITE if article.state == "draft" else Permission.ARTICLE_PUBLISH
    return can(ctx().actor, needed)
