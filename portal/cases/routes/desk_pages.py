"""What the desk's pages share: addresses that keep the list one came from, trying a verb, the small pages."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from portal.attachments.actions import stage
from portal.attachments.queries import staged_files
from portal.cases import history
from portal.cases.actions.savepoint import run_in_savepoint
from portal.cases.forms.fields import claimed_file_ids
from portal.cases.models import Case
from portal.cases.panels import Verb, merge_panel_values, panels_at
from portal.cases.queries import by_key
from portal.cases.queries.history import last_change
from portal.cases.queries.lists import added_view, views
from portal.cases.queries.names import names_in
from portal.cases.routes import desk
from portal.cases.routes.opening import valid
from portal.cases.states import State
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.web.current import ctx
from portal.web.htmx import page
from portal.web.times import words as time_words
from portal.web.uploading import stage_plain_files
from portal.web.urls import parameter

# The list's own parameters, in the fixed order of ux.md 1.4; they travel with the case and back.
CARRIED = ("account", "env", "department", "severity", "tier", "owner", "status", "q", "sort", "size", "page")


def view_label(view: str) -> str:
    """The name of a queue; those of one state are called as the provider calls it."""
    added = added_view(view)
    if added is not None:
        return added.label()
    states = vocabulary(ctx(), "staff")
    match view:
        case "mine":
            return _("My open")
        case "unassigned":
            return _("Unassigned")
        case "customer-replied":
            return states.marker_word("customer_replied")
        case "escalated":
            return _("Escalated")
        case "recently-closed":
            return _("Recently closed")
        case "all":
            return _("All cases")
    return states.word(State(view.replace("-", "_")))


def trail() -> dict[str, Any]:
    """The queue that the reader came from, with its filters; empty if they came from elsewhere."""
    view = parameter("view", 20)
    if view not in views():
        return {}
    carried = {name: parameter(name) for name in CARRIED}
    return {"view": view, **{name: value for name, value in carried.items() if value}}


def trail_query(prefix: str = "?") -> str:
    """The trail as the end of an address, or ''."""
    kept = trail()
    return prefix + urlencode(kept) if kept else ""


def from_list(view: str) -> str:
    """The end of the address of a case in this list: the view and the list's own parameters."""
    carried = {name: parameter(name) for name in CARRIED}
    return "?" + urlencode({"view": view, **{name: value for name, value in carried.items() if value}})


def list_url() -> str:
    """Back to the list one came from, or ''."""
    kept = trail()
    view = kept.pop("view", "")
    return url_for("desk.queue", view=view, **kept) if view else ""


def hue_of(key: str) -> int:
    """The decoration of an account's monogram: always the same for the same key."""
    return sum(map(ord, key)) % 6 + 1


desk.add_app_template_global(trail_query, "desk_trail")
desk.add_app_template_global(from_list, "desk_from_list")
desk.add_app_template_global(list_url, "desk_list_url")
desk.add_app_template_global(view_label, "view_label")
desk.add_app_template_global(hue_of, "hue_of")


def case_url(case: Case, anchor: str = "") -> str:
    """The agent case page, still beside the list one came from."""
    return url_for("desk.show", key=case.key, _anchor=anchor or None, **trail())


def attempt(context: Context, form: Any, act: Callable[[], object]) -> int:
    """Validate and act: 0 when it happened, else the status to answer with.

    422: the form says what is missing. 409: `form.conflict` says who was faster. Nothing of the try remains.
    """
    form.conflict = ""
    if not valid(form):
        return 422
    try:
        run_in_savepoint(context, act)
    except Refused as refusal:
        form.reject(refusal)
        return 422
    except Conflict as conflict:
        form.conflict = conflict.message
        return 409
    return 0


def again(context: Context, key: str, form: Any) -> Case:
    """The case as it stands after a failed try; the form now carries its version, so that a second press counts."""
    case = by_key(context, key)
    if getattr(form, "version", None) is not None:
        form.version.data = str(case.version)
    return case


def files_of(context: Context, form: Any) -> list[Any]:
    """The staged files that the form claims, with those that came along as plain uploads."""
    return [*claimed_file_ids(), *stage_plain_files(context, form, stage)]


def listed(context: Context, files: Any) -> list[dict[str, Any]]:
    """Staged files as the upload list shows them again."""
    return [{"id": str(f.id), "name": f.filename, "size": f.size} for f in staged_files(context, files)]


def small(context: Context, template: str, case: Case, form: Any, status: int = 200, /, **values: Any) -> Any:
    """The small page of one verb: the case's name, what stands in the way, the form, and what later features say."""
    if status == 200 and getattr(form, "version", None) is not None:
        form.version.data = form.version.data or str(case.version)
    verb = template.removeprefix("desk/").removesuffix(".html")
    ranks = [level.rank for level in values.get("levels", ())]
    panels = panels_at(context, "verb", Verb(case, values.get("chosen") or verb, ranks))
    return page(
        template,
        status,
        case=case,
        form=form,
        panels=panels,
        asides=merge_panel_values(panels, "asides"),
        base=f"/desk/cases/{case.key}",
        conflict=getattr(form, "conflict", ""),
        meanwhile=meanwhile(context, case) if status == 409 else "",
        **values,
    )


def meanwhile(context: Context, case: Case) -> str:
    """What somebody else did last, in one sentence: "Tom Berg: On hold: the vendor (today 14:05)"."""
    event = last_change(context, case)
    if event is None:
        return ""
    said = history.describe(event, names_in(context, [event]))
    return f"{event.actor_name or _('Automatic')}: {said} ({time_words(event.occurred_at)})"
