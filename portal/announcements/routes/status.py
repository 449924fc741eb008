"""/status: what is said to everybody, without sign-in, and the same as a feed.

It must be there while signing in does not work: it asks for no session, no person and no Redis, and its answer is the
same for everybody who reads the same language, so that a proxy may keep it for a minute.
"""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from portal.announcements import labels, queries
from portal.announcements.routes.blueprint import announcements
from portal.announcements.rules import is_current, is_planned
from portal.web.atom_feed import FeedEntry, answer_feed
from portal.web.current import ctx
from portal.web.guards import public
from portal.web.htmx import page
from portal.web.urls import outside_url

KEPT = "public, max-age=60"


def _keep(answer: Response) -> Response:
    answer.headers["Cache-Control"] = KEPT
    answer.vary.add("Accept-Language")
    return answer


@announcements.get("/status")
@public("says what the provider wants everybody to know, also those who cannot sign in")
def status_page() -> Any:
    """What goes on, what is planned, and what ended within 90 days."""
    context = ctx()
    posts = queries.status_posts(context)
    return _keep(
        page(
            "announcements/status.html",
            current=[one for one in posts if is_current(one[0], context.now)],
            planned=[one for one in posts if is_planned(one[0], context.now)],
            ended=[one for one in posts if one[0].state == "ended"],
            labels=labels,
        )
    )


@announcements.get("/status/feed.atom")
@public("the status page as a feed")
def status_feed() -> Any:
    """The same as an Atom feed."""
    context, page_address = ctx(), outside_url("/status")
    entries = [
        FeedEntry(
            uid=f"urn:uuid:{post.id}",
            title=labels.titled(post),
            page=page_address,
            content="\n\n".join([*(f"{labels.status_time(one.written_at)}\n{one.body}" for one in updates), post.body]),
            published=post.published_at or post.changed_at,
            updated=post.changed_at,
        )
        for post, updates in queries.status_posts(context)
    ]
    title = _("%(portal)s: status", portal=context.provider.called)
    return _keep(
        answer_feed(
            uid=f"urn:uuid:{context.provider_id}",
            title=title,
            author=title,
            page=page_address,
            address=outside_url("/status/feed.atom"),
            now=context.now,
            entries=entries,
        )
    )
