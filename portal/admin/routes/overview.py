"""/admin: the setup checklist, each line leading to the screen that mends it."""

from flask import Response

from portal.admin import get_started
from portal.admin.queries import setup_checklist as queries
from portal.admin.routes.blueprint import admin, reads
from portal.admin.setup_checklist import describe_item
from portal.web.current import ctx
from portal.web.htmx import page


@admin.get("")
@reads
def overview() -> Response:
    progress = queries.setup_progress(ctx())
    todos = [describe_item(gap) for gap in queries.missing_items(ctx())]
    steps = get_started.find_steps(ctx())
    return page("admin/overview.html", progress=progress, todos=todos, steps=steps, next=get_started.next_step(steps))
