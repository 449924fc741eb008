"""/admin/roles: the permission matrix."""

from flask import Response

from portal.admin import permission_matrix
from portal.admin.routes.blueprint import admin, reads
from portal.web.htmx import page


@admin.get("/roles")
@reads
def roles() -> Response:
    return page("admin/roles.html", groups=permission_matrix.permission_matrix())
