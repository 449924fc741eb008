"""The audience of a case on both sides: who sees it, by which rule, and what a change would alter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases import labels
from portal.cases.audience import Viewer, find_viewers, sort_viewers
from portal.cases.models import Case
from portal.cases.pages.urls import desk_case_url
from portal.cases.queries import shown_people
from portal.cases.queries.people import candidate_viewers, people_of, visibility_facts
from portal.cases.queries.shown_people import ShownGrant
from portal.kernel.context import Context
from portal.web.htmx import page, see

# Rules that admit members of the case's organization only; see `audience.admitting_rules`.
OF_MEMBERS = frozenset({"reporter", "contact", "shared", "administrator"})
OF_GRANTS = frozenset({"participant", "reader", "affected"})


def render_portal_audience(
    context: Context, case: Case, form: Any, status: int = 200, template: str = "cases/sharing.html", **more: Any
) -> Any:
    """The page of the audience: who sees the case now, and who gains or loses sight by the other visibility."""
    facts = visibility_facts(context, case)
    candidates = candidate_viewers(context, facts)
    grants = shown_people.shown_grants(context, case)
    now = as_shown(context, case, grants, find_viewers(candidates, facts))
    other = "shared" if case.is_private else "private"
    after = as_shown(context, case, grants, find_viewers(candidates, replace(facts, visibility=other)))
    seen = {viewer.user_id for viewer in now}
    then = {viewer.user_id for viewer in after}
    named = {grant.user_id for grant in grants}
    everybody = people_of(context, case.account_id, limit=300)
    return page(
        template,
        status,
        case=case,
        form=form,
        now=now,
        other=other,
        labels=labels,
        gained=[v for v in after if v.user_id not in seen],
        lost=[v for v in now if v.user_id not in then],
        colleagues=[(c, u) for c, u in everybody if u.id not in seen and u.id not in named],
        everybody=everybody,
        grants=grants,
        exclusions=shown_people.shown_exclusions(context, case),
        **more,
    )


def as_shown(context: Context, case: Case, grants: Sequence[ShownGrant], viewers: Sequence[Viewer]) -> list[Viewer]:
    """*viewers* as the actor may see them: a person whom only a grant admits is shown like the grant. The same holds
    for everybody whose address was put in copy, even without access at the provider any more. So a reader who does not
    see them by name cannot distinguish them from unknown people.
    """
    by_grant = {grant.user_id: grant for grant in grants if grant.user_id}
    marks = shown_people.knows_members(context.actor, case.organization_id)
    shown = []
    for viewer in viewers:
        grant = by_grant.pop(viewer.user_id, None)
        if grant is not None and OF_GRANTS.issuperset(viewer.rules):
            shown.append(replace(viewer, name=grant.name, outside=grant.outside))
        else:
            inside = viewer.is_staff or not OF_MEMBERS.isdisjoint(viewer.rules)
            shown.append(replace(viewer, outside=marks and not inside))
    if context.actor.is_contact:
        shown += [
            Viewer(id_, grant.name, (grant.kind,), outside=True) for id_, grant in by_grant.items() if grant.outside
        ]
    return sort_viewers(shown)


def render_desk_audience(context: Context, case: Case, form: Any, status: int, template: str, **more: Any) -> Any:
    """The same page in the desk's frame."""
    return render_portal_audience(
        context,
        case,
        form,
        status,
        template,
        base=f"/desk/cases/{case.key}",
        conflict=getattr(form, "conflict", ""),
        meanwhile="",
        **more,
    )


def back_to_audience(case: Case) -> Any:
    flash(_("Saved. This is who can see the case now."))
    return see(desk_case_url(case, "shared"))
