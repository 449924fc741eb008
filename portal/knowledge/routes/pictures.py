"""The pictures of articles: each at an address of its own, under the scope of its article."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from portal.knowledge.actions.pictures import delete_picture as delete
from portal.knowledge.queries import editing
from portal.knowledge.queries import pictures as queries
from portal.knowledge.routes.blueprint import knowledge, press, readable, reads, writes
from portal.web.current import ctx
from portal.web.stored_files import sandboxed_response


@knowledge.get("/help/articles/<article>/pictures/<picture>")
@readable
def picture(article: str, picture: str) -> Response:
    """A picture that a published text shows."""
    return sandboxed_response(queries.picture(ctx(), article, picture).storage_name, "image/webp")


@knowledge.get("/desk/help/articles/<article>/pictures/<picture>")
@reads
def desk_picture(article: str, picture: str) -> Response:
    """A picture of an article, shown to readers or not."""
    return sandboxed_response(queries.picture(ctx(), article, picture).storage_name, "image/webp")


@knowledge.route("/desk/help/articles/<article>/pictures/<picture>/delete", methods=["GET", "POST"])
@writes
def delete_picture(article: str, picture: str) -> Any:
    """Delete a picture from its article, for good."""
    context = ctx()
    row = editing.article(context, article, lock=request.method == "POST")
    found = queries.picture(context, article, picture)
    return press(
        "knowledge/desk/picture_delete.html",
        lambda: delete(context, row, found),
        lambda: url_for("knowledge.desk_article", article=row.slug),
        _("The picture was deleted."),
        article=row,
        picture=found,
    )
