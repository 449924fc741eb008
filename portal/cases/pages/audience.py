"""The audience of a case on both sides: who sees it, by which rule, and what a change would alter."""

from dataclasses import replace
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.cases import labels
from portal.cases.audience import find_viewers
from portal.cases.models import Case
from portal.cases.pages.urls import desk_case_url
from portal.cases.queries import people as people_queries
from portal.cases.queries.people import candidate_viewers, people_of, visibility_facts
from portal.kernel.context import Context
from portal.web.htmx import page, see


def render_portal_audience(
    context: Context, case: Case, form: Any, status: int = 200, template: str = "cases/sharing.html", **more: Any
) -> Any:
    """The page of the audience: who sees the case now, and who gains or loses sight by the other visibility."""
    facts = visibility_facts(context, case)
    candidates = candidate_viewers(context, facts)
    now = find_viewers(candidates, facts)
    other = "shared" if case.is_private else "private"
    after = find_viewers(candidates, replace(facts, visibility=other))
    seen = {viewer.user_id for viewer in now}
    then = {viewer.user_id for viewer in after}
    named = {grant.user_id for grant in case.grants}
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
        grants=people_queries.grants(context, case),
        exclusions=people_queries.exclusions(context, case),
        **more,
    )


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
