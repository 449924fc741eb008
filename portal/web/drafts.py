"""Drafts of forms: what a person is writing is kept on the server and drawn into the same form later, on any device.

A form keeps a draft where its class has a `draft_address`. The feature `drafts` stores the rows; the features whose
forms keep drafts name the views that take them (`Feature.drafts`). Here stands what connects both with forms.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urljoin

from flask import current_app, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.forms import Form
from portal.web.read_only_view import read_only
from portal.web.secret_fields import find_secret_fields

F = TypeVar("F", bound=Form)
LONGEST_PATH = 300
# The fields that the components of drafts add to a form.
OWN_FIELDS = frozenset({"draft_of", "draft_version", "draft_page"})
# Beside what belongs to the drawing of a form, these are chosen anew each time.
_NOT_KEPT = OWN_FIELDS | {"csrf_token", "once", "shown_at", "refresh", "anyway", "anyway_for", "staged_remove", "delay"}
# What the page says above a form: its text is the draft, or there is one whose text it does not show.
DRAWN, APART = "drawn", "apart"


class KeptDraft(Protocol):
    """A stored draft: *fields* has the values by the name of the field, *version* counts its saves from 1."""

    id: Any
    path: Any
    fields: Any
    version: Any
    updated_at: Any


@dataclass(frozen=True, slots=True)
class DraftKind:
    """The drafts of one form, for the view that the form is sent to.

    *name* says what is written, for the fields of a draft ("Reply", "Internal note"). *find_subjects* returns for the
    arguments of several addresses of that view what each is about, '' where there is nothing to say, and None where
    the actor may not load it.
    """

    name: Callable[[Mapping[str, Sequence[str]]], str]
    find_subjects: Callable[[Context, Sequence[Mapping[str, Any]]], Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class DraftTarget:
    """The view that a form is sent to: its kind of drafts, the arguments of the address, and the address itself."""

    kind: DraftKind
    arguments: Mapping[str, Any]
    path: str


@dataclass(frozen=True, slots=True)
class DraftStore:
    """How drafts are read and ended; the feature `drafts` gives the functions."""

    find: Callable[[Context, str], KeptDraft | None]
    # Deletes the draft under a path up to a version.
    end: Callable[[Context, str, int], None]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What the page of a form says about its draft. *version* is the one that the form's text goes back to, '' for
    none; *notice* is DRAWN, APART or ''."""

    path: str
    save_href: str
    version: str
    notice: str = ""
    saved_at: dt.datetime | None = None
    discard_href: str = ""


_kinds: dict[str, DraftKind] = {}
_store: DraftStore | None = None


def register_drafts(kinds: Mapping[str, DraftKind], store: DraftStore | None) -> None:
    """Use *kinds*, by the endpoint that a form is sent to, and *store*."""
    global _store
    _kinds.clear()
    _kinds.update(kinds)
    _store = store


def find_target(path: str) -> DraftTarget | None:
    """Where a form at *path* is sent, None where nothing there keeps drafts."""
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST_PATH:
        return None
    addresses = current_app.url_map.bind("")
    try:
        endpoint, arguments = addresses.match(path, method="POST")
    except (HTTPException, RequestRedirect):
        return None
    kind = _kinds.get(endpoint)
    if kind is None:
        return None
    return DraftTarget(kind, arguments, addresses.build(endpoint, arguments, method="POST"))


def open_form(form_class: type[F], path: str, *, prefilled: bool = False, **given: Any) -> F:
    """A form of *form_class* as a GET shows it, which is sent to *path*: with the text of the actor's draft, if there
    is one. *given* is for the class.

    *prefilled*: the address asks for a form with other words, so the draft stays apart; the page says that there is
    one. The same for a draft that this form does not take (`Form.takes_draft`).
    """
    kept = _store.find(ctx(), urljoin(path, form_class.draft_address or "")) if _store and not read_only() else None
    drawn = kept is not None and not prefilled and form_class.takes_draft(kept.fields)
    if kept is None or not drawn:
        form = form_class(formdata=None, **given)
        form.draft_apart = kept
        return form
    pairs = [(name, value) for name, values in kept.fields.items() for value in values]
    form = form_class(formdata=ImmutableMultiDict(p for p in pairs if p[0] not in form_class.drawn_anew), **given)
    form.draft = kept
    return form


def end_draft(form: Any) -> None:
    """Delete the draft of *form*, which is being sent, as part of the same work. A draft that another device saved
    later than this form was drawn stays."""
    address, version = getattr(form, "draft_address", None), parse_version(request.form.get("draft_version"))
    if _store is not None and address is not None and version is not None:
        _store.end(ctx(), urljoin(request.path, address), version)


def kept_fields(staged: Sequence[Any]) -> dict[str, list[str]]:
    """The fields of the form that this request sent, which a draft keeps, with the ids of *staged* files."""
    secret = find_secret_fields(request.form)
    names = [name for name in request.form if name not in secret and name not in _NOT_KEPT]
    removed = set(request.form.getlist("staged_remove"))
    fields = {name: [v for v in request.form.getlist(name) if name != "staged" or v not in removed] for name in names}
    return {**fields, "staged": [str(file) for file in staged]} if staged else fields


def parse_version(sent: str | None) -> int | None:
    """The version of a draft that a form carries, None for none."""
    known = sent is not None and sent.isascii() and sent.isdecimal() and len(sent) < 10
    return int(sent) if sent is not None and known else None


def draft_line(form: Any, path: str) -> DraftLine:
    """What the page says about the draft of *form*, which is sent to *path*."""
    kept_under = urljoin(path, form.draft_address or "")
    base = list_path(staff=kept_under.startswith("/desk/"))
    found = form.draft or form.draft_apart
    if found is None:
        return DraftLine(kept_under, base, request.form.get("draft_version", "")[:9])
    version = str(found.version) if form.draft else ""
    notice = DRAWN if form.draft else APART
    return DraftLine(kept_under, base, version, notice, found.updated_at, f"{base}/{found.id}/discard")


def list_path(*, staff: bool) -> str:
    """The address of the list of drafts of a side."""
    return "/desk/drafts" if staff else "/drafts"
