"""Microsoft Graph, five calls of it: the changes of an inbox, its newest messages, one message whole, the mark that it
was read, and sending."""

import base64
import time
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, jsonify, request

from tests.support.identity_provider.oauth import state
from tests.support.identity_provider.state import Mail

blueprint = Blueprint("graph", __name__, url_prefix="/v1.0/users/<address>")


def fail(status: int, code: str, message: str = "") -> tuple[Response, int]:
    """An error as Graph words it."""
    return jsonify({"error": {"code": code, "message": message}}), status


@blueprint.url_value_preprocessor
def find_box(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.address = (values or {}).pop("address")


@blueprint.before_request
def check_token() -> Any:
    value = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = state().given.get(value)
    owner, scope = state().owner_of(value), token.scope.replace("/.default", "/Mail.") if token else ""
    if not owner or "/Mail." not in scope:
        return fail(401, "InvalidAuthenticationToken", "Access token has expired.")
    if owner not in ("*", g.address):
        return fail(403, "ErrorAccessDenied", "Access is denied.")
    return None


def box() -> list[Mail]:
    """The inbox that the request is about."""
    return state().boxes.setdefault(g.address, [])


@blueprint.get("/mailFolders/inbox/messages/delta")
def list_changes() -> Any:
    place = request.args.get("$deltatoken") or request.args.get("$skiptoken")
    if place and state().settings["forget_changes"]:
        state().settings["forget_changes"] = False
        return fail(410, "SyncStateNotFound", "Ask again from the beginning.")
    start, size = int(place or 0), int(state().settings["page_size"])
    page, following = box()[start : start + size], start + size
    rows = [{"id": one.id, "receivedDateTime": one.received, "isRead": one.is_read} for one in page]
    link = f"{state().base}/v1.0/users/{quote(g.address, safe='@')}/mailFolders/inbox/messages/delta?$"
    name, kind = ("@odata.nextLink", "skip") if following < len(box()) else ("@odata.deltaLink", "delta")
    return jsonify({"value": rows[::-1], name: f"{link}{kind}token={min(following, len(box()))}"})


@blueprint.get("/mailFolders/inbox/messages")
def list_newest() -> Any:
    newest = [one for one in reversed(box()) if not one.is_deleted][:50]
    return jsonify({"value": [{"id": one.id, "subject": one.subject} for one in newest]})


@blueprint.get("/messages/<path:id>/$value", endpoint="content")
def fetch(id: str) -> Any:
    found = find_mail(id)
    return Response(found.raw, mimetype="text/plain") if found else fail(404, "ErrorItemNotFound")


@blueprint.patch("/messages/<path:id>")
def mark(id: str) -> Any:
    found = find_mail(id)
    if not found:
        return fail(404, "ErrorItemNotFound")
    found.is_read = bool(request.get_json(force=True)["isRead"])
    return jsonify({"id": found.id})


def find_mail(id: str) -> Mail | None:
    """A message that is there."""
    return next((one for one in box() if one.id == id and not one.is_deleted), None)


@blueprint.post("/sendMail")
def send() -> Any:
    state().send_mail(base64.b64decode(request.get_data()))
    while state().settings["hold_sending"]:  # it has taken the mail, and does not say so
        time.sleep(0.05)
    return "", 202
