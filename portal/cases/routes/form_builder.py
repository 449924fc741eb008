"""/admin/request-types/<id>/fields: the own fields of a request type, with the form as people will see it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import flash, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import request_fields as actions
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_answers import FieldOffers
from portal.cases.engine.request_fields import RequestField
from portal.cases.forms.form_builder import KINDS, RequestFieldForm, languages, request_field_form
from portal.cases.forms.request_fields import with_own_fields
from portal.cases.models import RequestType
from portal.cases.pages.request_fields import OwnFields, condition_sentence
from portal.cases.pages.request_fields import languages as spoken_languages
from portal.cases.queries.request_fields import fields_of
from portal.cases.queries.request_types import request_type_by_id
from portal.cases.routes.blueprints import form_builder
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import Form, PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.language import LANGUAGES
from portal.web.urls import text_parameter

reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)


@form_builder.get("/<uuid:type_id>/fields")
@reads
def fields(type_id: uuid.UUID) -> Any:
    """The fields in their order, and the form as people see it in each language of the portal."""
    row = request_type_by_id(ctx(), type_id)
    every = engine.load_fields(row.own_fields)
    asked = engine.asked_fields(every)
    language = wanted if (wanted := text_parameter("language", 5)) in LANGUAGES else str(get_locale() or "en")
    with force_locale(language):
        shown = preview(asked)
        conditions = {one.key: condition_sentence(one, {f.key: f for f in asked}, spoken()) for one in asked}
    return page(
        "cases/form_builder/index.html",
        row=row,
        fields=asked,
        ended=[one for one in every if one.ended],
        most=engine.MOST_FIELDS,
        own_fields=shown,
        conditions=conditions,
        language=language,
        **values(),
    )


@form_builder.route("/<uuid:type_id>/fields/new", methods=["GET", "POST"])
@configures
def new_field(type_id: uuid.UUID) -> Any:
    """Add a field at the end of the form."""
    row = request_type_by_id(ctx(), type_id, lock=request.method == "POST")
    return write_field(row, None, lambda field: actions.add_field(ctx(), row, field))


@form_builder.route("/<uuid:type_id>/fields/<field>", methods=["GET", "POST"])
@configures
def field(type_id: uuid.UUID, field: str) -> Any:
    """One field of the form."""
    row = request_type_by_id(ctx(), type_id, lock=request.method == "POST")
    found = find_field(row, field)
    return write_field(row, found, lambda changed: actions.change_field(ctx(), row, found.key, changed))


@form_builder.route("/<uuid:type_id>/fields/<field>/move", methods=["GET", "POST"])
@configures
def move_field(type_id: uuid.UUID, field: str) -> Any:
    """Swap a field with the one before or after it."""
    row = request_type_by_id(ctx(), type_id, lock=request.method == "POST")
    found, up = find_field(row, field), request.form.get("direction") != "down"
    return press("move.html", row, found, lambda: actions.move_field(ctx(), row, found.key, up=up))


@form_builder.route("/<uuid:type_id>/fields/<field>/end", methods=["GET", "POST"])
@configures
def end_field(type_id: uuid.UUID, field: str) -> Any:
    """Stop asking a field, or ask an ended one again."""
    row = request_type_by_id(ctx(), type_id, lock=request.method == "POST")
    found = find_field(row, field)
    return press("end.html", row, found, lambda: actions.end_field(ctx(), row, found.key, ended=not found.ended))


def write_field(row: RequestType, found: RequestField | None, act: Callable[[RequestField], object]) -> Any:
    """Show the form of one field with a preview, or store it; `refresh` only draws it again."""
    own = str(ctx().provider.locale)
    asked = fields_of(row)
    at = next((n for n, one in enumerate(asked) if found is not None and one.key == found.key), len(asked))
    form = request_field_form(own, str(row.version), asked[:at], found)
    refresh = bool(request.form.get("refresh"))
    status = 200
    if request.method == "POST" and not refresh:
        status = submit_form(form, lambda: act(form.field(found, own)), current=row.version)
        if not status:
            flash(_("Saved. The form asks it from now on; existing cases stay as they are."), "success")
            return see(url_for("form_builder.fields", type_id=row.id))
    return page(
        "cases/form_builder/field.html",
        status,
        row=row,
        form=form,
        field=found,
        own_fields=preview(typed_field(form, found, own, asked[:at])),
        **values(),
    )


def typed_field(
    form: RequestFieldForm, found: RequestField | None, own: str, earlier: Sequence[RequestField]
) -> Sequence[RequestField]:
    """The field as it is written so far, after the one whose answer shows it; none while it cannot be drawn."""
    written = form.field_so_far(found, own)
    if written is None:
        return ()
    when = written.shown_when
    source = [one for one in earlier if when is not None and one.key == when.field]
    return [*source, written if written.key else replace(written, key="new")]


def preview(asked: Sequence[RequestField]) -> Any:
    """*asked* as the form of the portal draws them. No client's people and environments are offered."""
    offers = FieldOffers({"person": _("A person of the client")}, {"environment": _("An environment of the client")})
    made = with_own_fields(Form, asked, spoken())
    own = OwnFields(ctx(), tuple(asked), made(formdata=None))
    own.fill_defaults()
    return own.shown(None, offers=offers)


def spoken() -> tuple[str, str]:
    """The language of this page, and the provider's own."""
    return spoken_languages(ctx())


def find_field(row: RequestType, key: str) -> RequestField:
    """The field *key* of the form, ended or not; NotFound otherwise."""
    for one in engine.load_fields(row.own_fields):
        if one.key == key:
            return one
    raise NotFound


def press(template: str, row: RequestType, found: RequestField, act: Callable[[], object]) -> Any:
    """Show the page with one button, or do what it says."""
    form = PressForm()
    status = submit_form(form, act) if request.method == "POST" else 200
    if status:
        return page(f"cases/form_builder/{template}", status, row=row, field=found, form=form, **values())
    flash(_("Saved."), "success")
    return see(url_for("form_builder.fields", type_id=row.id))


def values() -> dict[str, Any]:
    """What every page of the builder shows."""
    return {
        "words": lambda texts: engine.pick_text(texts, *spoken()),
        "kinds": KINDS,
        "with_choices": engine.WITH_CHOICES,
        "languages": languages(str(ctx().provider.locale)),
    }
