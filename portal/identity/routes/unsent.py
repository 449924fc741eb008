"""/unsent/<id>: a form that came after the session had ended, drawn again with everything that was typed."""

import uuid
from typing import Any

from portal.identity import queries
from portal.identity.routes.blueprint import identity
from portal.web.current import ctx
from portal.web.guards import signed_in
from portal.web.replay import draw_form_again


@identity.get("/unsent/<uuid:form_id>")
@signed_in
def unsent_form(form_id: uuid.UUID) -> Any:
    """The page of the form with its text and staged files; its button sends it."""
    row = queries.unsent_form(ctx(), form_id)
    return draw_form_again(row.path, row.fields, row.lost_files)
