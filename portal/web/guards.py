"""Every view says who may call it, above its body; the app refuses to start with one that does not (tested)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, request

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import roles_with
from portal.kernel.errors import Forbidden, NotFound
from portal.web import csrf, current

View = TypeVar("View", bound=Callable[..., Any])
GUARD = "parley_guard"


class SignInNeeded(Exception):
    """Nobody is signed in; the error handler leads to the sign-in page and back."""


class ProofNeeded(Exception):
    """The person has not proved who they are for a while; the error handler leads to the page that asks, and back."""


class FeatureBlueprint(Blueprint):
    """A blueprint whose views are checked for guards when it is registered."""

    def register(self, app: Any, options: dict[str, Any]) -> None:
        super().register(app, options)
        for endpoint, view in app.view_functions.items():
            if endpoint.startswith(f"{self.name}.") and not hasattr(view, GUARD):
                raise RuntimeError(f"{endpoint} has neither a guard nor a stated reason to be public")


def _guarded(view: Callable[..., Any], guard: str, check: Callable[[], None]) -> Any:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        check()
        return view(*args, **kwargs)

    setattr(guarded, GUARD, guard)
    return guarded


def requires(permission: Permission) -> Callable[[View], View]:
    """Only for actors who hold *permission* somewhere; the action asks again for the very object.

    On the portal a participant of one case holds no role, so PORTAL_USE is enough there: the scope decides.
    """

    def check() -> None:
        ctx = current.ctx()
        if ctx.person is None:
            raise SignInNeeded
        if not can(ctx.actor, permission):
            raise Forbidden(who_may=[str(role) for role in roles_with(permission)])

    return lambda view: _guarded(view, f"requires {permission.value}", check)


def on_portal(view: View) -> View:
    """For contacts, and for people who were let into single cases. What they see is the scopes' business."""

    def check() -> None:
        ctx = current.ctx()
        if ctx.person is None:
            raise SignInNeeded
        if not ctx.actor.is_contact:
            raise NotFound

    return _guarded(view, "on the portal", check)


def signed_in(view: View) -> View:
    """For anybody with a session: the person's own things."""

    def check() -> None:
        if current.ctx().person is None:
            raise SignInNeeded

    return _guarded(view, "signed in", check)


def proved_recently(view: View) -> View:
    """A sensitive change: its form is only taken from somebody who proved who they are a short time ago. Stands below
    the guard. A form without a valid token passes: it changes nothing, and its page says so."""

    @wraps(view)
    def proved(*args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and csrf.has_valid_token() and not current.has_recent_proof():
            raise ProofNeeded
        return view(*args, **kwargs)

    return cast(View, proved)


def public(reason: str) -> Callable[[View], View]:
    """For everybody, because of *reason*."""
    return lambda view: _guarded(view, f"public: {reason}", lambda: None)
