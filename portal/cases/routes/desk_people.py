"""Who can see a case, from the desk: sharing, people in copy, exclusions."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.fields import parse_emails
from portal.cases.forms.people import ExclusionForm, PeopleForm, SharingForm
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.staff import other_staff
from portal.cases.routes import desk
from portal.cases.routes.desk_pages import again, attempt, case_url
from portal.cases.routes.sharing import sharing_page, wanted_id, wanted_person
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.queries import clients
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import see


def shown(context: Context, case: Case, form: Any, status: int, template: str, **more: Any) -> Any:
    """The portal's page of the audience in the desk's frame."""
    return sharing_page(
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


def saved(case: Case) -> Any:
    flash(_("Saved. This is who can see the case now."))
    return see(case_url(case, "shared"))


@desk.get("/cases/<key:key>/sharing")
@requires(Permission.CASE_SHARE)
def sharing_form(key: str) -> Any:
    """The audience, each with the rule that admits them, and the change with its difference."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_SHARE, case)
    return sharing(ctx(), case, SharingForm(formdata=None))


def sharing(context: Context, case: Case, form: SharingForm, status: int = 200) -> Any:
    """With the organizations that the case could be shared with beside its own."""
    shared = {grant.to_organization_id for grant in case.grants} | {case.organization_id}
    others = [row for row in clients.organization_choices(context) if row.id not in shared]
    return shown(context, case, form, status, "desk/sharing.html", organizations=others)


@desk.post("/cases/<key:key>/sharing")
@requires(Permission.CASE_SHARE)
def share(key: str) -> Any:
    """Share inside, make private, show it to one colleague or another organization, or take that back."""
    context, form = ctx(), SharingForm()
    case = by_key(context, key, lock=True)
    require(context.actor, Permission.CASE_SHARE, case)

    def act() -> None:
        if form.remove.data:
            people.remove_person(context, case, wanted_id(form.remove.data))
        elif form.organization.data:
            wanted = ids.parse(form.organization.data)
            found = next((row for row in clients.organization_choices(context) if row.id == wanted), None)
            if found is None:
                raise Refused(_("Choose another organization"), "organization")
            people.share_with_organization(context, case, found)
        elif form.person.data:
            people.share_with(context, case, wanted_person(context, form.person.data))
        else:
            people.set_visibility(context, case, form.visibility.data or "")

    failed = attempt(context, form, act)
    return sharing(context, again(context, key, form), form, failed) if failed else saved(case)


@desk.get("/cases/<key:key>/people")
@requires(Permission.CASE_PEOPLE)
def people_form(key: str) -> Any:
    """Put people in copy: they read the whole public conversation."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_PEOPLE, case)
    return shown(ctx(), case, PeopleForm(formdata=None), 200, "desk/people.html")


@desk.post("/cases/<key:key>/people")
@requires(Permission.CASE_PEOPLE)
def change_people(key: str) -> Any:
    """Add addresses in copy, or take one person out."""
    context, form = ctx(), PeopleForm()
    case = by_key(context, key, lock=True)

    def act() -> None:
        if form.remove.data:
            people.remove_person(context, case, wanted_id(form.remove.data))
            return
        addresses = parse_emails(form.cc)
        if not addresses:
            raise Refused(_("Write the email address of the person to put in copy"), "cc")
        people.add_people(context, case, addresses)

    failed = attempt(context, form, act)
    if failed:
        return shown(context, again(context, key, form), form, failed, "desk/people.html")
    return saved(case)


@desk.get("/cases/<key:key>/exclusions")
@requires(Permission.CASE_EXCLUDE)
def exclusions_form(key: str) -> Any:
    """Name people who must never see the case."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_EXCLUDE, case)
    return exclusions(ctx(), case, ExclusionForm(formdata=None))


def exclusions(context: Context, case: Case, form: ExclusionForm, status: int = 200) -> Any:
    """With staff among those who can be kept out."""
    return shown(context, case, form, status, "desk/exclusions.html", staff=other_staff(context))


@desk.post("/cases/<key:key>/exclusions")
@requires(Permission.CASE_EXCLUDE)
def change_exclusions(key: str) -> Any:
    """Exclude a person of either side, or lift an exclusion."""
    context, form = ctx(), ExclusionForm()
    case = by_key(context, key, lock=True)
    require(context.actor, Permission.CASE_EXCLUDE, case)

    def act() -> None:
        if form.readmit.data:
            people.lift_exclusion(context, case, wanted_id(form.readmit.data))
        else:
            people.exclude(context, case, wanted_person(context, form.person.data or ""))

    failed = attempt(context, form, act)
    return exclusions(context, again(context, key, form), form, failed) if failed else saved(case)
