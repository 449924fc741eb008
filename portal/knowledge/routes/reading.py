"""/help: categories, articles, and search in them, as readers see them."""

from typing import Any

from portal.kernel.errors import NotFound
from portal.kernel.picture_lines import picture_keys
from portal.kernel.tokenizer import QUESTION_LETTERS
from portal.knowledge.actions.reads import is_counted, note_missed_search, note_read
from portal.knowledge.engine.audiences import WITHDRAWN
from portal.knowledge.labels import reader_languages
from portal.knowledge.queries import reading, use
from portal.knowledge.queries.pictures import pictures
from portal.knowledge.queries.votes import own_vote
from portal.knowledge.routes.blueprint import asked_language, draw_article, knowledge, readable, show_to_reader
from portal.web.current import ctx
from portal.web.deferred_writes import defer_write
from portal.web.guards import SignInNeeded
from portal.web.urls import number_parameter, text_parameter

# What "this month" of the most read articles is, and how many there are.
MONTH_DAYS, MOST_READ = 30, 5


@knowledge.get("/help")
@readable
def home() -> Any:
    """P-10: search, and the categories with their first articles. Before sign-in only where the provider has an article
    for everybody."""
    context, q = ctx(), text_parameter("q", QUESTION_LETTERS)
    languages = reader_languages(context)
    if context.person is None and not reading.has_articles(context):
        raise SignInNeeded
    found = reading.find_articles(context, q, languages, number=number_parameter("page", 1)) if q else None
    if found is not None and not found.rows and found.number == 1 and is_counted(context):
        defer_write(lambda own: note_missed_search(own, q))
    return show_to_reader(
        "knowledge/home.html",
        q=q,
        has_feed=reading.has_articles_for_everybody(context),
        found=found,
        categories=reading.categories(context) if found is None else [],
        titles=reading.first_titles(context, languages) if found is None else {},
        most_read=use.most_read(context, languages, MONTH_DAYS, MOST_READ) if found is None else [],
    )


@knowledge.get("/help/<category>")
@readable
def category(category: str) -> Any:
    """One category with all its articles."""
    context = ctx()
    row = reading.category(context, category)
    found = reading.articles_in(context, row.id, reader_languages(context), number_parameter("page", 1))
    return show_to_reader("knowledge/category.html", category=row, found=found)


@knowledge.get("/help/articles/<article>")
@readable
def article(article: str) -> Any:
    """One article in the reader's language, or in the one that the address asks for. A withdrawn article says so."""
    context = ctx()
    languages = reader_languages(context, asked_language())
    row = reading.article(context, article)
    if row.state == WITHDRAWN:
        instead = reading.published_row(context, row.replaced_by_id, languages)
        return show_to_reader("knowledge/withdrawn.html", 410, instead=instead)
    texts = reading.texts_of(context, row, languages)
    if not texts:
        raise NotFound
    if is_counted(context):
        defer_write(lambda own: note_read(own, row.id))
    return show_to_reader(
        "knowledge/article.html",
        article=row,
        text=texts[0],
        others=texts[1:],
        sections=draw_article(pictures(context, row) if picture_keys(texts[0].body) else (), texts[0].body),
        neighbors=reading.neighbors(context, row, languages),
        may_vote=context.person is not None,
        said=own_vote(context, row) if context.person is not None else None,
    )
