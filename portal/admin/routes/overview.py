"""/admin: the setup checklist, each line leading to the screen that mends it."""

from flask import Response

from portal.admin.queries import setup_checklist as queries
from portal.admin.routes.blueprint import admin, reads
from portal.admin.setup_checklist import describe_item, setup_steps
from portal.web.current import ctx
from portal.web.htmx import page


@admin.get("")
@reads
def overview() -> Response:
    progress = queries.setup_progress(ctx())
    todos = [describe_item(gap) for gap in queries.missing_items(ctx())]
    return page("admin/overview.html", progress=progress, todos=todos, steps=setup_steps(progress))
