"""The context of the current request: the provider (by host), the person (by session) and the side (by path)."""

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, request, session

from portal.kernel import clock, uow
from portal.kernel.actor import Actor, Id, Side, nobody
from portal.kernel.cache import Cache
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, db
from portal.kernel.errors import NotFound
from portal.kernel.system_context import act_as, as_system
from portal.web import csrf, login
from portal.web.host_keys import host_name
from portal.web.secret_fields import find_secret_fields
from portal.web.unchanged_polls import answer_unchanged
from portal.web.unsent_text import read_unstaged_files
from portal.web.urls import local_path

# Where forms are sent to be kept as drafts.
DRAFTS = ("/drafts", "/desk/drafts")
# Paths that belong to the desk's side; the rest is the portal. "Either" paths are the person's own things.
DESK = ("/desk", "/admin")
EITHER = ("/me", "/notifications", "/uploads", "/sign-out", "/session", "/presence")
# What open pages ask for by themselves: no use of a session.
POLLS = ("/tick", "/desk/tick", "/desk/calls/incoming/card")
CHAT_POLL = re.compile(r"(?:/desk)?/chat(?:/[0-9a-f-]{36})?/news")
# The same for everybody, and there while nobody can sign in: who asks is not looked up.
WITHOUT_PERSON = ("/status", "/status/feed.atom", "/status/email", "/status/email/sent")
BARE = ("/static/", "/healthz", "/readyz", "/metrics", "/theme/")


@dataclass(frozen=True, slots=True)
class Directory:
    """Functions that find provider and person; `factory` fills it from tenants and identity, which this module may not
    import."""

    provider_of_host: Callable[[Context, str], Id | None]
    provider: Callable[[Context, Id], Any]
    person_of_session: Callable[[Context, str], tuple[Any, Id] | None]
    actor: Callable[[Context, Any, Side], Actor]
    has_desk: Callable[[Context, Any], bool]
    has_portal: Callable[[Context, Any], bool]
    # The names of the organizations where a person has a place.
    organization_names: Callable[[Context, Any], Sequence[str]]
    # Whether the person of the context proved who they are a short time ago, in this browser.
    has_recent_proof: Callable[[Context], bool]
    # Stores a form and its files that came with the token of an ended session; returns its id, or None where it is
    # nobody's.
    keep_unsent_form: Callable[[Context, str, str, Mapping[str, list[str]], Sequence[Any], Sequence[str]], Id | None]


# The provider of a host name (None: of nobody), and until when that is believed.
_hosts: Cache[str, tuple[float, Id | None]] = Cache(max_entries=1_000)
HOST_SECONDS = 5.0


def ctx() -> Context:
    """The context of this request."""
    context: Context = g.ctx
    return context


def register_context(app: Flask, directory: Directory) -> None:
    """Build the context before each request that is not a static file or a health check."""
    app.extensions["parley_directory"] = directory
    login.init_login(app, lambda token: directory.person_of_session(ctx(), token) if "ctx" in g else None)

    @app.before_request
    def establish() -> Response | None:
        g.request_id = request.headers.get("X-Request-Id", "")[:40] if app.config["TRUSTED_PROXIES"] else ""
        if not g.request_id.isalnum():
            g.request_id = uuid.uuid4().hex[:16]
        g.started = time.perf_counter()
        if request.path.startswith(BARE):
            return None
        if is_poll() and (unchanged := answer_unchanged()):
            return unchanged
        g.ctx = build_context(directory)
        return None


def build_context(directory: Directory) -> Context:
    """Resolve host, session and side. Raises NotFound for an unknown host."""
    context = Context(
        actor=nobody(),
        now=clock.now(),
        session=db.session,
        request_id=g.request_id,
        ip=request.remote_addr or "",
        channel="portal",
    )
    g.ctx = context
    provider_id = _provider_of(directory, context)
    if provider_id is None:
        raise NotFound
    bind(db.session, Tenancy(provider_id, side=Side.SYSTEM))
    context.actor = nobody(provider_id)
    found = None if request.path in WITHOUT_PERSON else login.signed_in_person()
    # The statement that found the person has read the provider too.
    context.provider = context.provider or directory.provider(context, provider_id)
    if found:
        context.person, context.session_id = found
        context.actor = directory.actor(context, context.person, _side(directory, context))
        context.channel = "desk" if context.actor.is_staff else "portal"
    bind(db.session, Tenancy.of(context.actor))
    return context


def is_poll() -> bool:
    """Whether a page asks by itself, without anything that a person did."""
    return request.path in POLLS or CHAT_POLL.fullmatch(request.path) is not None


def continue_as(person: Any) -> bool:
    """Continue this request as *person*: on the desk's side if they have a place there, else on the portal's.

    Returns False and changes nothing if the person has no place at the provider any more.
    """
    directory: Directory = current_app.extensions["parley_directory"]
    context = ctx()
    with as_system(context):
        desk = directory.has_desk(context, person)
        if not desk and not directory.has_portal(context, person):
            return False
        actor = directory.actor(context, person, Side.STAFF if desk else Side.CONTACT)
    context.person = person
    act_as(context, actor)
    return True


def has_recent_proof() -> bool:
    """Whether the person of this request proved who they are a short time ago."""
    directory: Directory = current_app.extensions["parley_directory"]
    return directory.has_recent_proof(ctx())


def keep_form() -> str:
    """Store the form of this request, whose session has ended or needs a new proof; returns the path where its person
    finds it, or ''.

    Commits by itself. Only a form with a valid token is stored, and only for the person of that session: without
    such a cookie nobody can make the portal store anything. Secrets are left out.
    """
    token = session.get(login.KEY)
    if request.method != "POST" or not csrf.has_valid_token() or not isinstance(token, str):
        return ""
    directory: Directory = current_app.extensions["parley_directory"]
    context = ctx()
    path = request.full_path.rstrip("?")
    if path in DRAFTS:  # the form that was to be kept, and not the address that keeps it
        path = local_path(request.form.get("draft_of"), path)
    secret = find_secret_fields(request.form)
    fields = {name: request.form.getlist(name) for name in request.form if name not in secret}
    uploads = [upload for upload in request.files.getlist("attachments") if upload.filename]
    with as_system(context) as system, uow.unit_of_work(system.session):
        form_id = directory.keep_unsent_form(system, token, path, fields, uploads, read_unstaged_files())
    return f"/unsent/{form_id}" if form_id is not None else ""


def _provider_of(directory: Directory, context: Context) -> Id | None:
    host = host_name()
    if not host:
        return None
    known = _hosts.get(host)
    if known and known[0] > time.monotonic():
        return known[1]
    found = directory.provider_of_host(context, host)
    _hosts.put(host, (time.monotonic() + HOST_SECONDS, found))
    return found


def clear_host_cache() -> None:
    """Empty the cache of host names (a provider was created in this process)."""
    _hosts.clear()


def _side(directory: Directory, context: Context) -> Side:
    if request.path.startswith(DESK):
        return Side.STAFF
    if request.path.startswith(EITHER) and directory.has_desk(context, context.person):
        return Side.STAFF
    return Side.CONTACT
