"""Who can see a case: the audience with its rules, sharing, people in copy, exclusions (DESIGN 2.1 to 2.4)."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.actions import people
from portal.cases.audience import find_viewers
from portal.cases.forms.fields import parse_emails
from portal.cases.forms.people import ExclusionForm, PeopleForm, SharingForm
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries import people as people_queries
from portal.cases.queries.people import candidate_viewers, find_user_id, people_of, visibility_facts
from portal.cases.routes import cases
from portal.cases.routes.portal_verbs import attempt, case_url
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page, see


def sharing_page(
    context: Context, case: Case, form: Any, status: int = 200, template: str = "cases/sharing.html", **more: Any
) -> Any:
    """Who sees it now and by which rule, and who would after the change that the page offers."""
    place = visibility_facts(context, case)
    candidates = candidate_viewers(context, place)
    now = find_viewers(candidates, place)
    other = "shared" if case.is_private else "private"
    after = find_viewers(candidates, replace(place, visibility=other))
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
        words=labels,
        gained=[v for v in after if v.user_id not in seen],
        lost=[v for v in now if v.user_id not in then],
        colleagues=[(c, u) for c, u in everybody if u.id not in seen and u.id not in named],
        everybody=everybody,
        grants=people_queries.grants(context, case),
        exclusions=people_queries.exclusions(context, case),
        **more,
    )


@cases.get("/cases/<key:key>/sharing")
@on_portal
def sharing_form(key: str) -> Any:
    """The audience, and the change with its difference."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_SHARE, case)
    return sharing_page(ctx(), case, SharingForm(formdata=None))


@cases.post("/cases/<key:key>/sharing")
@on_portal
def share(key: str) -> Any:
    """Share, make private, show it to one colleague, or take that back."""
    context = ctx()
    case = by_key(context, key, lock=True)
    require(context.actor, Permission.CASE_SHARE, case)
    form = SharingForm()

    def act() -> None:
        if form.remove.data:
            people.remove_person(context, case, wanted_id(form.remove.data))
        elif form.person.data:
            people.share_with(context, case, wanted_person(context, form.person.data))
        elif form.visibility.data:
            people.set_visibility(context, case, form.visibility.data)
        else:
            raise Refused(_("Choose who can see this case"), "visibility")

    if not attempt(form, act):
        return sharing_page(context, case, form, 422)
    flash(_("Saved. This is who can see the case now."))
    return see(case_url(case, "shared"))


@cases.get("/cases/<key:key>/people")
@on_portal
def people_form(key: str) -> Any:
    """Put people in copy: they read the whole conversation."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_PEOPLE, case)
    return sharing_page(ctx(), case, PeopleForm(formdata=None), template="cases/people.html")


@cases.post("/cases/<key:key>/people")
@on_portal
def change_people(key: str) -> Any:
    """Add addresses in copy, or take one person out (oneself always)."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = PeopleForm()
    left: list[bool] = []

    def act() -> None:
        if form.remove.data:
            grant_id = wanted_id(form.remove.data)
            left.append(any(g.id == grant_id and g.user_id == context.actor.user_id for g in case.grants))
            people.remove_person(context, case, grant_id)
            return
        addresses = parse_emails(form.cc)
        if not addresses:
            raise Refused(_("Write the email address of the person to put in copy"), "cc")
        people.add_people(context, case, addresses)

    if not attempt(form, act):
        return sharing_page(context, case, form, 422, "cases/people.html")
    flash(_("Saved. This is who can see the case now."))
    return see("/cases" if left and left[0] else case_url(case, "shared"))


@cases.get("/cases/<key:key>/exclusions")
@on_portal
def exclusions_form(key: str) -> Any:
    """Name people who must never see the case."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_EXCLUDE, case)
    return sharing_page(ctx(), case, ExclusionForm(formdata=None), template="cases/exclusions.html")


@cases.post("/cases/<key:key>/exclusions")
@on_portal
def change_exclusions(key: str) -> Any:
    """Exclude a colleague, or lift an exclusion."""
    return exclude_with(by_key(ctx(), key, lock=True), "cases/exclusions.html", case_url)


def exclude_with(case: Case, template: str, back: Callable[..., str]) -> Any:
    """The shared body of both sides."""
    context = ctx()
    require(context.actor, Permission.CASE_EXCLUDE, case)
    form = ExclusionForm()

    def act() -> None:
        if form.readmit.data:
            people.lift_exclusion(context, case, wanted_id(form.readmit.data))
        else:
            people.exclude(context, case, wanted_person(context, form.person.data or ""))

    if not attempt(form, act):
        return sharing_page(context, case, form, 422, template)
    flash(_("Saved. This is who can see the case now."))
    return see(back(case, "shared"))


def wanted_id(text: str) -> uuid.UUID:
    """An id that a form carries; Refused if it is none."""
    found = ids.parse(text)
    if found is None:
        raise Refused(_("Choose a person"), "person")
    return found


def wanted_person(context: Context, text: str) -> uuid.UUID:
    """A person named by id or address; Refused if there is nobody."""
    found = find_user_id(context, text)
    if found is None:
        raise Refused(_("Choose a person"), "person")
    return found
