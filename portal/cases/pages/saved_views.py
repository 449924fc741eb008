"""Saved lists of cases as pages need them: what an address saves, and which view a page shows."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from flask import request

from portal.cases.models import SavedView
from portal.cases.pages.list_filters import chosen_account, read_filters
from portal.cases.pages.queue_trail import list_parameters
from portal.cases.queries.lists import Filters, views
from portal.cases.queries.live import CountedView
from portal.cases.queries.saved_views import PinnedView, find_saved_view
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.tokenizer import QUESTION_LETTERS
from portal.tenants.queries.accounts import account_choices
from portal.web.urls import id_parameter, text_parameter

# What a saved list keeps of an address: everything but the page.
_NOT_SAVED = ("page", "saved")


def parameters_to_save(context: Context) -> dict[str, str]:
    """The parameters of the list in the address of this request. An account is kept by its id, so that a view names no
    account to whoever does not see it. Of a key that the actor does not see raises NotFound for staff; the portal's
    list leaves it out, and so does what is saved of it."""
    found = {name: text_parameter(name, QUESTION_LETTERS if name == "q" else 200) for name in list_parameters()}
    try:
        account = chosen_account(context, account_choices(context))
    except NotFound:
        if context.actor.is_staff:
            raise
        found["account"] = ""
    else:
        found["account"] = str(account.id) if account is not None else found["account"]
    return {name: value for name, value in found.items() if value and name not in _NOT_SAVED}


def chosen_view(context: Context) -> SavedView | None:
    """The saved view of `?saved=` that the actor finds; None without one."""
    view_id = id_parameter("saved")
    return find_saved_view(context, view_id)


def differs(context: Context, view: SavedView, base: str) -> bool:
    """Whether the list in the address of this request is another one than *view*."""
    known = base_of(view) if view.side == "desk" else view.base
    return (base, parameters_to_save(context)) != (known, dict(view.parameters))


def base_of(view: SavedView | PinnedView) -> str:
    """The queue that *view* begins with; all cases where the queue is gone."""
    return view.base if view.base in views() else "all"


def list_query(parameters: Mapping[str, str], **more: str) -> str:
    """*parameters* and *more* as a query string in the order of lists; '' without any."""
    values = {**parameters, **more}
    kept = {name: values[name] for name in ("view", "tab", *list_parameters(values)) if values.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def queue_address(view: SavedView | PinnedView) -> str:
    """The address of the queue as *view* shows it."""
    return f"/desk/queue/{base_of(view)}" + list_query(view.parameters, saved=str(view.id))


def filter_address(view: SavedView) -> str:
    """The address of the portal's list as the saved filter *view* shows it."""
    return "/cases" + list_query(view.parameters, tab=view.base, saved=str(view.id))


def list_to_save(tab: str) -> str:
    """The query string of the portal's list on the page of this request, for the page that saves it."""
    return list_query({name: text_parameter(name) for name in list_parameters() if name not in _NOT_SAVED}, tab=tab)


def counted_view(context: Context, view: PinnedView) -> CountedView | None:
    """What counts the cases of *view*; None for a search by words, which nobody counts."""
    filters = saved_filters(context, view.parameters)
    if filters.words:
        return None
    return CountedView(view.key, base_of(view), replace(filters, sort="", group="", page=1, size=0, ignored=()))


def saved_filters(context: Context, parameters: Mapping[str, str]) -> Filters:
    """The filters of saved *parameters*, as they are for the actor and today."""
    return read_filters(context, {}, parameters)


def is_on_saved(view: PinnedView) -> bool:
    """Whether the page of this request is the list of *view*, or a case that was opened from it."""
    return request.args.get("saved", "") == str(view.id) and request.path.startswith(("/desk/queue/", "/desk/cases/"))
