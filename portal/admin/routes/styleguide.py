"""/admin/styleguide: every component in all its states."""

from flask import Response

from portal.admin.routes.blueprint import admin, reads
from portal.web.htmx import page


@admin.get("/styleguide")
@reads
def styleguide() -> Response:
    """Every component in all its states, for developers of screens."""
    return page("admin/styleguide.html")
