"""/help/feed: new and changed articles that everybody may read, as an Atom feed (RFC 4287).

It holds only what is read before sign-in, whoever asks: feed readers send no session, and an address with a secret in
it would be stored and passed on by them.
"""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.kernel.errors import NotFound
from portal.knowledge.labels import reader_languages
from portal.knowledge.queries import reading
from portal.knowledge.routes.blueprint import asked_language, knowledge
from portal.web.atom_feed import FeedEntry, answer_feed
from portal.web.current import ctx
from portal.web.guards import public
from portal.web.urls import outside_url


@knowledge.get("/help/feed")
@public("it holds only articles that everybody may read")
def feed() -> Any:
    """The feed; 404 where no article is for everybody."""
    context = ctx()
    rows = reading.newest_for_everybody(context, reader_languages(context, asked_language()))
    if not rows:
        raise NotFound
    home, name = outside_url(url_for("knowledge.home")), context.provider.called
    return answer_feed(
        uid=home,
        title=_("%(name)s: help", name=name),
        author=name,
        page=home,
        address=outside_url(url_for("knowledge.feed")),
        now=context.now,
        entries=[
            FeedEntry(
                uid=f"urn:uuid:{row.article_id}",
                title=row.title,
                page=outside_url(url_for("knowledge.article", article=row.slug)),
                updated=row.published_at,
                summary=row.summary,
                language=row.language,
            )
            for row in rows
        ],
    )
