"""/drafts and /desk/drafts: what somebody began to write, and where forms send what is to be kept."""

import uuid
from typing import Any

from flask import flash, jsonify, request
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files
from portal.authz.permissions import Permission
from portal.drafts import actions, queries
from portal.drafts.forms import DiscardForm, SaveForm
from portal.drafts.models import FormDraft
from portal.drafts.pages import base, list_page, load_draft, require_target, show
from portal.web.csrf import has_valid_token
from portal.web.current import ctx
from portal.web.drafts import kept_fields, parse_version
from portal.web.form_flow import problem_of, submit_form
from portal.web.guards import FeatureBlueprint, on_portal, requires
from portal.web.htmx import see
from portal.web.replay import draw_form_again
from portal.web.times import time_words
from portal.web.urls import local_path

drafts = FeatureBlueprint("drafts", __name__)
on_desk = requires(Permission.DESK_USE)


@drafts.get("/drafts")
@on_portal
def index() -> Any:
    """The drafts of the portal, the last written first."""
    return list_page()


@drafts.get("/desk/drafts")
@on_desk
def desk_index() -> Any:
    """The drafts of the desk."""
    return list_page()


@drafts.post("/drafts")
@on_portal
def save() -> Any:
    """Keep what is written in a form of the portal. Pages that save by themselves ask for JSON."""
    return _save()


@drafts.post("/desk/drafts")
@on_desk
def desk_save() -> Any:
    """Keep what is written in a form of the desk."""
    return _save()


@drafts.route("/drafts/<uuid:form_draft_id>/discard", methods=["GET", "POST"])
@on_portal
def discard(form_draft_id: uuid.UUID) -> Any:
    """Discard a draft of the portal."""
    return _discard(form_draft_id)


@drafts.route("/desk/drafts/<uuid:form_draft_id>/discard", methods=["GET", "POST"])
@on_desk
def desk_discard(form_draft_id: uuid.UUID) -> Any:
    """Discard a draft of the desk."""
    return _discard(form_draft_id)


def _save() -> Any:
    context, form, quiet = ctx(), SaveForm(), request.accept_mimetypes.best == "application/json"
    target = require_target(context, form.draft_of.data or "")
    if not quiet and not has_valid_token():
        answer = draw_form_again(target.path, kept_fields([]))
        answer.status_code = max(answer.status_code, 422)
        return answer
    fields = kept_fields([] if quiet else collect_files(context, form))
    saved: list[FormDraft] = []
    version = parse_version(form.draft_version.data)

    def act() -> None:
        saved.append(actions.save_draft(context, target.path, fields, version=version, by_itself=quiet))

    status = submit_form(form, act)
    if not status:
        line = _("Draft saved %(time)s", time=time_words(context.now))
        if quiet:
            return jsonify(version=saved[0].version, line=line, discard=f"{base()}/{saved[0].id}/discard")
        flash(line)
        return see(local_path(form.draft_page.data, target.path))
    message = problem_of(form)
    newer = queries.find_draft(context, target.path) if form.conflict else None
    if quiet:
        return jsonify(message=message, href=target.path, version=newer.version if newer else ""), status
    values = {"form": form, "name": target.kind.name(fields), "path": target.path}
    return show("drafts/not_saved.html", status, message=message, fields=fields, newer=newer, **values)


def _discard(draft_id: uuid.UUID) -> Any:
    context = ctx()
    listed = load_draft(context, draft_id)
    form = DiscardForm()
    status = submit_form(form, lambda: actions.discard_draft(context, listed.draft)) if form.is_submitted() else 200
    if status:
        return show("drafts/discard.html", status, form=form, listed=listed)
    flash(_("The draft was discarded."))
    return see(base())
