"""The audience of a case on both sides: who sees it, by which rule, and what a change would alter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from flask import flash, request
from flask_babel import gettext as _

from portal.cases import labels
from portal.cases.audience import Viewer, find_viewers, sort_viewers, unless_shared
from portal.cases.models import Case
from portal.cases.pages.urls import desk_case_url
from portal.cases.queries import shown_people
from portal.cases.queries.people import candidate_viewers, people_choices, visibility_facts
from portal.cases.queries.shown_people import ShownGrant
from portal.kernel.context import Context
from portal.kernel.text import clean_line, fold
from portal.web.htmx import page, see

# The people that a list or a choice of the page draws. A search finds the others.
PEOPLE_SHOWN = 50
# Whom the page offers to choose from: nobody, who does not see the case yet, or everybody with access to the account.
Offered = Literal["", "others", "everybody"]
# Rules that admit members of the case's organization only; see `audience.admitting_rules`.
OF_MEMBERS = frozenset({"reporter", "contact", "shared", "administrator", "manager"})
OF_GRANTS = frozenset({"participant", "reader", "affected"})


def render_portal_audience(
    context: Context,
    case: Case,
    form: Any,
    status: int = 200,
    template: str = "cases/sharing.html",
    *,
    offered: Offered = "",
    **more: Any,
) -> Any:
    """The page of the audience: who sees the case now, and who gains or loses sight by the other visibility. Its lists
    are bounded; `?q=` finds people by name in them."""
    words = clean_line(request.args.get("q", ""))[:100]
    facts = visibility_facts(context, case)
    grants = shown_people.shown_grants(context, case)
    if_shared = find_viewers(candidate_viewers(context, facts), replace(facts, visibility="shared"))
    if_private = unless_shared(if_shared)
    now = as_shown(context, case, grants, if_private if case.is_private else if_shared)
    after = as_shown(context, case, grants, if_shared if case.is_private else if_private)
    seen = {viewer.user_id for viewer in now}
    then = {viewer.user_id for viewer in after}
    customers = [viewer for viewer in now if not viewer.is_staff]
    found = [viewer for viewer in customers if fold(words) in fold(viewer.name)] if words else customers
    without = {context.actor.user_id, case.contact_user_id}
    if offered == "others":
        without = {*seen, *(grant.user_id for grant in grants), *facts.excluded}
    choices = people_choices(context, case.account_id, words, PEOPLE_SHOWN + 1, without=without) if offered else []
    return page(
        template,
        status,
        case=case,
        form=form,
        labels=labels,
        other="shared" if case.is_private else "private",
        words=words,
        kept_args=[(name, value) for name, value in request.args.items() if name != "q"],
        people_shown=PEOPLE_SHOWN,
        is_long=words or len(customers) > PEOPLE_SHOWN or len(choices) > PEOPLE_SHOWN,
        viewers=found[:PEOPLE_SHOWN],
        more_viewers=len(found[PEOPLE_SHOWN:]),
        staff_count=len(now) - len(customers),
        gained=[v for v in after if v.user_id not in seen],
        lost=[v for v in now if v.user_id not in then],
        grants=grants,
        exclusions=shown_people.shown_exclusions(context, case),
        choices=choices[:PEOPLE_SHOWN],
        more_choices=len(choices) > PEOPLE_SHOWN,
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
            shown.append(replace(viewer, outside=True) if marks and not inside else viewer)
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
        **more,
    )


def back_to_audience(case: Case) -> Any:
    flash(_("Saved. This is who can see the case now."))
    return see(desk_case_url(case, "shared"))
