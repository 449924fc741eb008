"""Ways to save lists of cases in tests, through the actions that people use."""

from typing import Any

from portal.cases.actions import saved_views as actions
from portal.cases.actions.saved_views import ViewContent
from portal.cases.models import SavedView
from tests.support.world import World


def save_view(
    world: World, name: str = "Mine to watch", *, by: str = "ana", base: str = "all", pinned: bool = False, **how: Any
) -> SavedView:
    """A view of the desk. `audience` and `department_id` say who finds it; the rest are parameters of its queue, or all
    of them are `parameters`."""
    shared = {key: how.pop(key) for key in ("audience", "department_id") if key in how}
    how = how.pop("parameters", how)
    ctx = world.ctx(by, "staff")
    view = actions.save_view(ctx, ViewContent(name, base, {key: str(value) for key, value in how.items()}, **shared))
    if pinned:
        actions.pin_view(ctx, view, pinned=True)
    return view


def save_filter(world: World, name: str = "Late ones", *, by: str = "rita", tab: str = "my", **how: Any) -> SavedView:
    """A saved filter of the portal."""
    content = ViewContent(name, tab, {key: str(value) for key, value in how.items()})
    return actions.save_view(world.ctx(by, "contact"), content)
