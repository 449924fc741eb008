"""The small page of one desk verb: the case, the form, and what later features add."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import history
from portal.cases.forms.fields import feature_answers
from portal.cases.models import Case
from portal.cases.pages.urls import desk_case_url
from portal.cases.panels import Verb, merge_panel_values, panels_at
from portal.cases.queries import by_key
from portal.cases.queries.history import last_change
from portal.cases.queries.names import names_in
from portal.kernel.context import Context
from portal.web.htmx import page, see
from portal.web.times import time_words


def render_verb_page(
    context: Context, template: str, case: Case, form: Any, status: int = 200, /, **values: Any
) -> Any:
    """The small page of one verb: the case, a conflict, the form, and panels of later features."""
    if status == 200 and getattr(form, "version", None) is not None:
        form.version.data = form.version.data or str(case.version)
    verb = template.removeprefix("desk/").removesuffix(".html")
    ranks = [level.rank for level in values.get("levels", ())]
    form_id = values.pop("form_id", "verb-form")
    panels = panels_at(context, "verb", Verb(case, values.get("chosen") or verb, ranks, feature_answers(), form_id))
    return page(
        template,
        status,
        case=case,
        form=form,
        panels=panels,
        asides=merge_panel_values(panels, "asides"),
        base=f"/desk/cases/{case.key}",
        meanwhile=describe_last_change(context, case) if status == 409 else "",
        **values,
    )


def describe_last_change(context: Context, case: Case) -> str:
    """The last change by somebody else, as a sentence: "Tom Berg: On hold: the vendor (today 14:05)"."""
    event = last_change(context, case)
    if event is None:
        return ""
    change = history.describe(event, names_in(context, [event]))
    return f"{event.actor_name or _('Automatic')}: {change} ({time_words(event.occurred_at)})"


def load_permitted_case(context: Context, key: str, permission: Permission) -> Case:
    """The case of a verb page; raises Forbidden without *permission*."""
    case = by_key(context, key)
    require(context.actor, permission, case)
    return case


def back_to_case(case: Case, text: str, anchor: str = "") -> Any:
    """Redirect to the case with a notice."""
    flash(text)
    return see(desk_case_url(case, anchor))


def reload_case(context: Context, key: str, form: Any) -> Case:
    """The current case after a failed action. The form gets its version, so that it can be sent again."""
    case = by_key(context, key)
    if getattr(form, "version", None) is not None:
        form.version.data = str(case.version)
    return case
