"""The pictures of an article: added with a saved text, shown to readers by publishing one that names them."""

import uuid
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select, update

from portal.attachments.actions import claim, discard, draw_file
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.kernel.picture_lines import free_key, picture_key, picture_keys
from portal.kernel.storage import storage
from portal.knowledge.engine import audiences
from portal.knowledge.models import HelpArticle, HelpPicture, HelpText

# As wide as the column of an article, and twice as high as a screen.
WIDTH, HEIGHT = 720, 1_600
MOST_PICTURES = 60


def add_pictures(ctx: Context, article: HelpArticle, files: Iterable[uuid.UUID]) -> Sequence[str]:
    """Make the actor's staged *files* pictures of *article*, drawn anew without their metadata; returns their keys.

    Records `article.picture_added` for each. Raises Refused for a file that is no picture that can be read, and for
    more than MOST_PICTURES; then none is added. The files are no longer staged afterwards.
    """
    require(ctx.actor, Permission.ARTICLE_WRITE)
    staged = sorted(claim(ctx, files), key=lambda row: row.id)
    taken = set(ctx.session.scalars(select(HelpPicture.key).where(HelpPicture.article_id == article.id)))
    if len(taken) + len(staged) > MOST_PICTURES:
        raise Refused(_("An article has at most %(limit)d pictures", limit=MOST_PICTURES), "attachments")
    drawn = [(row, draw_file(row, WIDTH, HEIGHT)) for row in staged]
    keys: list[str] = []
    for row, picture in drawn:
        if picture is None:
            raise Refused(_("%(name)s is no picture that can be shown here", name=row.filename), "attachments")
    for row, picture in drawn:
        assert picture is not None
        key = free_key(picture_key(row.filename), taken)
        taken.add(key)
        added = HelpPicture(
            id=new_id(),
            provider_id=ctx.provider_id,
            article_id=article.id,
            key=key,
            width=picture.width,
            height=picture.height,
            added_at=ctx.now,
        )
        storage().write(added.storage_name, [picture.content])
        ctx.session.add(added)
        discard(ctx, row)
        record(ctx, "article.picture_added", article, slug=article.slug, picture=key)
        keys.append(key)
    ctx.session.flush()
    return keys


def show_named_pictures(ctx: Context, article: HelpArticle) -> None:
    """Let readers see exactly those pictures that a published text of *article* names. Publishing records its own
    event."""
    bodies = ctx.session.scalars(select(HelpText.body).where(HelpText.article_id == article.id))
    named = picture_keys(*bodies)
    ctx.session.execute(
        update(HelpPicture)
        .where(HelpPicture.article_id == article.id)
        .values(shown=HelpPicture.key.in_(sorted(named)))
        .execution_options(synchronize_session=False)
    )


def delete_picture(ctx: Context, article: HelpArticle, picture: HelpPicture) -> None:
    """Delete a picture for good, from every version that names it; records `article.picture_deleted`. Forbidden for one
    that readers see without the permission to publish."""
    require(ctx.actor, Permission.ARTICLE_WRITE)
    if picture.shown and article.state == audiences.PUBLISHED:
        require(ctx.actor, Permission.ARTICLE_PUBLISH)
    storage().delete(picture.storage_name)
    record(ctx, "article.picture_deleted", article, slug=article.slug, picture=picture.key)
    ctx.session.delete(picture)
    ctx.session.flush()


def delete_all_pictures(ctx: Context, article: HelpArticle) -> None:
    """Delete the bytes of all pictures of *article*, whose rows end with it. Deleting the article records its own
    event."""
    for picture in ctx.session.scalars(select(HelpPicture).where(HelpPicture.article_id == article.id)):
        storage().delete(picture.storage_name)
