"""Staging files ahead of a form: the script uploads them one by one; without it they come with the form."""

import uuid

from flask import Response, jsonify, request
from flask_babel import gettext as _

from portal.attachments import actions, queries
from portal.kernel.errors import Refused
from portal.web import csrf
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, signed_in
from portal.web.htmx import page, see
from portal.web.template_globals import file_size

attachments = FeatureBlueprint("attachments", __name__)


@attachments.get("/uploads")
@signed_in
def form() -> Response:
    """The page of the verb, for people who open its address."""
    return page("attachments/upload.html")


@attachments.post("/uploads")
@signed_in
def upload() -> tuple[Response, int] | Response:
    """Stage the file of the field `file`; answers its id, name and size."""
    if not csrf.has_valid_token():
        return jsonify(message=_("This page was open for a long time. Reload it and try again.")), 422
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return jsonify(message=_("Choose a file")), 422
    try:
        row = actions.stage(ctx(), sent)
    except Refused as refusal:
        return jsonify(message=refusal.message), 422
    return jsonify(id=str(row.id), name=row.filename, size=file_size(row.size)), 201


@attachments.get("/uploads/<uuid:attachment_id>/delete")
@signed_in
def confirm_drop(attachment_id: uuid.UUID) -> Response:
    """The small page of the verb."""
    return page("attachments/discard.html", file=queries.staged_file(ctx(), attachment_id))


@attachments.post("/uploads/<uuid:attachment_id>/delete")
@signed_in
def drop(attachment_id: uuid.UUID) -> Response:
    """Delete a staged file."""
    actions.discard(ctx(), queries.staged_file(ctx(), attachment_id))
    return see("/")
