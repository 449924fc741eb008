"""Merging two cases of one account."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import links
from portal.cases.forms.links import MergeForm
from portal.cases.models import Case
from portal.cases.pages.verb_page import load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.links import find_merge_effect
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import see


@desk.get("/cases/<key:key>/merge")
@requires(Permission.CASE_MERGE)
def merge_form(key: str) -> Any:
    """Ask for the target."""
    return render_page(ctx(), load_permitted_case(ctx(), key, Permission.CASE_MERGE), MergeForm(formdata=None))


def render_page(context: Context, case: Case, form: MergeForm, status: int = 200, target: Case | None = None) -> Any:
    """The form; with a target, its summary and who would gain or lose sight of what."""
    effect = find_merge_effect(context, case, target) if target is not None else None
    return render_verb_page(context, "desk/merge.html", case, form, status, target=target, effect=effect)


def find_target(context: Context, case: Case, form: MergeForm) -> Case:
    """The case that the form names; raises Refused if the reader sees none, or *case* cannot be merged into it."""
    try:
        target = by_key(context, (form.target.data or "").strip())
    except NotFound:
        raise Refused(_("There is no such case"), "target") from None
    links.check_mergeable(context, case, target)
    return target


def _target_of(context: Context, case: Case, form: MergeForm, found: list[Case]) -> Case | None:
    """The target again, if the form named one that *case* can be merged into."""
    return find_target(context, case, form) if found else None


@desk.post("/cases/<key:key>/merge")
@requires(Permission.CASE_MERGE)
def merge(key: str) -> Any:
    """Merge the case into the target; with `preview` only show the effect.

    Nobody gains or loses sight of the target unseen: where somebody would, the effect is shown first.
    """
    context, form = ctx(), MergeForm()
    case = load_permitted_case(context, key, Permission.CASE_MERGE)
    results: list[Case] = []
    if request.form.get("preview"):
        failed = submit_form(form, lambda: results.append(find_target(context, case, form)))
        return render_page(context, case, form, failed or 200, results[0] if results else None)
    # Both rows are locked in the order of their keys, so that two merges cannot deadlock.
    wanted = (form.target.data or "").strip().upper()
    for locked_key in sorted({case.key, wanted}):
        try:
            by_key(context, locked_key, lock=True)
        except NotFound:
            continue

    def act() -> None:
        target = find_target(context, case, form)
        results.append(target)
        if form.previewed.data != target.key:
            effect = find_merge_effect(context, case, target)
            if effect.copied or effect.lost:
                raise Refused(_("Check who will be able to read it, and press again"), "target")
        links.merge(context, by_key(context, key), target)

    failed = submit_form(form, act)
    if failed:
        # The rows were rolled back with the action; the target is read anew.
        case = reload_case(context, key, form)
        return render_page(context, case, form, failed, _target_of(context, case, form, results))
    flash(_("%(key)s continues in this case.", key=case.key))
    return see(url_for("desk.show", key=results[0].key))
