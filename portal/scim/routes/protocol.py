"""The addresses of `/scim/v2` and the views that answer there.

A view is imported with the first request for it. The library that reads and writes resources took a third of the time
in which a process of Parley starts, and most processes never answer an identity provider.
"""

from collections.abc import Callable
from importlib import import_module

from flask import Response

from portal.scim.routes.blueprint import scim
from portal.web.csrf import takes_signed_message
from portal.web.errors import register_program_errors
from portal.web.guards import public

TOKEN_IS_KEY = "the token of the identity provider is the key"  # noqa: S105 - a reason, no token
# Address to method to (module of this folder, view).
VIEWS = {
    "ServiceProviderConfig": {"GET": ("discovery", "service_provider_config")},
    "ResourceTypes": {"GET": ("discovery", "resource_types")},
    "Schemas": {"GET": ("discovery", "schemas")},
    "Users": {"GET": ("people", "list_users"), "POST": ("people", "add_user")},
    "Users/<person_id>": {
        "GET": ("people", "read_user"),
        "PUT": ("people", "replace_user"),
        "PATCH": ("people", "patch_user"),
        "DELETE": ("people", "remove_user"),
    },
    "Groups": {"GET": ("groups", "list_groups"), "POST": ("groups", "add_group")},
    "Groups/<group_id>": {
        "GET": ("groups", "read_group"),
        "PUT": ("groups", "replace_group"),
        "PATCH": ("groups", "patch_group"),
        "DELETE": ("groups", "remove_group"),
    },
}


def imported_at_first_use(module: str, name: str) -> Callable[..., Response]:
    """The view *name* of *module* of this folder, for everybody whose token it accepts."""

    @public(TOKEN_IS_KEY)
    def view(**values: str) -> Response:
        answer: Response = getattr(import_module(f"portal.scim.routes.{module}"), name)(**values)
        return answer

    return view


for address, views in VIEWS.items():
    for method, (module, name) in views.items():
        view = imported_at_first_use(module, name)
        scim.add_url_rule(
            f"/scim/v2/{address}",
            endpoint=name,
            view_func=view if method == "GET" else takes_signed_message(view),
            methods=[method],
        )


def _refuse(status: int, sentence: str) -> Response:
    answer: Response = import_module("portal.scim.pages.protocol").refuse(status, sentence)
    return answer


register_program_errors("/scim/", _refuse)
