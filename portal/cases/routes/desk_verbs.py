"""The desk's verbs. Each path answers GET with the same form on a small page (no script, a new tab, a bookmark)."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import desk as desk_actions
from portal.cases.actions import details, people, reply_with_status, resolution
from portal.cases.actions.reopening import reopen
from portal.cases.actions.reply_with_status import NextStatus
from portal.cases.forms.desk import AssignForm, EscalateForm, SeverityForm, StatusForm
from portal.cases.forms.details import EditForm
from portal.cases.forms.fields import form_version, idempotency_key, parse_local_time, select_options
from portal.cases.forms.people import SubscriptionForm
from portal.cases.forms.resolution import CloseForm, ReopenForm
from portal.cases.models import Case
from portal.cases.queries import by_key, request_types, severity_levels
from portal.cases.queries import people as people_queries
from portal.cases.queries.names import staff_names
from portal.cases.queries.people import people_of
from portal.cases.routes import desk
from portal.cases.routes.desk_case import does
from portal.cases.routes.desk_pages import again, attempt, case_url, files_of, listed, small
from portal.cases.routes.opening import environment_label
from portal.cases.states import State
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.text import fold
from portal.tenants.queries import places
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import see
from portal.web.times import reader_zone
from portal.web.urls import local_path, parameter

PEOPLE_LIMIT = 300
WAYS = (
    ("start", State.IN_PROGRESS),
    ("wake", State.IN_PROGRESS),
    ("ask", State.WAITING),
    ("hold", State.ON_HOLD),
    ("resolve", State.RESOLVED),
    ("reopen", State.OPEN),
    ("close", State.CLOSED),
)


def asked(context: Context, key: str, permission: Permission) -> Case:
    """The case of a small page, for somebody who may use its verb."""
    case = by_key(context, key)
    require(context.actor, permission, case)
    return case


def done(case: Case, text: str, anchor: str = "") -> Any:
    """Back to the case with a notice."""
    flash(text)
    return see(case_url(case, anchor))


# -- status -------------------------------------------------------------------------------------------------------


@desk.get("/cases/<key:key>/status")
@requires(Permission.CASE_STATUS)
def status_form(key: str) -> Any:
    """The verbs that change the status; `?set=` leads to one of them."""
    case = asked(ctx(), key, Permission.CASE_STATUS)
    form = StatusForm(formdata=None)
    form.status.data = parameter("set", 20)
    return status_page(ctx(), case, form)


def status_page(context: Context, case: Case, form: StatusForm, status: int = 200, staged: Any = ()) -> Any:
    """The chosen verb with what it asks for, or all of them."""
    verbs = does(context, case)
    ways = list(dict.fromkeys((to.value, vocabulary(context, "staff").word(to)) for verb, to in WAYS if verb in verbs))
    chosen = form.status.data if form.status.data in dict(ways) else ""
    form.once.data = form.once.data or ids.new_id().hex
    return small(context, "desk/status.html", case, form, status, ways=ways, chosen=chosen, staged=staged)


@desk.post("/cases/<key:key>/status")
@requires(Permission.CASE_STATUS)
def change_status(key: str) -> Any:
    """Start, ask, hold, wake, resolve, reopen or close."""
    context = ctx()
    asked(context, key, Permission.CASE_STATUS)
    form = StatusForm()
    files = files_of(context, form)
    case = by_key(context, key, lock=True)
    then = NextStatus(
        form.status.data or "",
        form.check.data or "",
        form.reason.data or "",
        parse_local_time(form.until.data or "", reader_zone()),
    )
    failed = attempt(
        context,
        form,
        lambda: reply_with_status.change_status(
            context,
            case,
            body=form.body.data or "",
            then=then,
            staged=files,
            once=idempotency_key(form),
            seen=form_version(form),
        ),
    )
    if failed:
        return status_page(context, again(context, key, form), form, failed, listed(context, files))
    return done(case, _("The case is “%(state)s” now.", state=vocabulary(context, "staff").of(case)), "latest")


@desk.get("/cases/<key:key>/close")
@requires(Permission.CASE_CLOSE)
def close_form(key: str) -> Any:
    """The question before closing."""
    return small(ctx(), "desk/close.html", asked(ctx(), key, Permission.CASE_CLOSE), CloseForm(formdata=None))


@desk.post("/cases/<key:key>/close")
@requires(Permission.CASE_CLOSE)
def close(key: str) -> Any:
    """End an unresolved case, for whatever reason."""
    context, form = ctx(), CloseForm()
    case = by_key(context, key, lock=True)
    failed = attempt(context, form, lambda: resolution.close(context, case, reason=form.reason.data or ""))
    if failed:
        return small(context, "desk/close.html", again(context, key, form), form, failed)
    return done(case, _("Case %(key)s is closed.", key=case.key))


@desk.get("/cases/<key:key>/reopen")
@requires(Permission.CASE_REOPEN)
def reopen_form(key: str) -> Any:
    """What changed?"""
    return small(ctx(), "desk/reopen.html", asked(ctx(), key, Permission.CASE_REOPEN), ReopenForm(formdata=None))


@desk.post("/cases/<key:key>/reopen")
@requires(Permission.CASE_REOPEN)
def reopen_case(key: str) -> Any:
    """Begin again; the reason is the first public word."""
    context, form = ctx(), ReopenForm()
    case = by_key(context, key, lock=True)
    failed = attempt(context, form, lambda: reopen(context, case, reason=form.reason.data, once=idempotency_key(form)))
    if failed:
        return small(context, "desk/reopen.html", again(context, key, form), form, failed)
    return done(case, _("We reopened the case."), "latest")


# -- who works on it ----------------------------------------------------------------------------------------------


@desk.get("/cases/<key:key>/take")
@requires(Permission.CASE_TAKE)
def take_form(key: str) -> Any:
    """The button by itself."""
    return small(ctx(), "desk/take.html", asked(ctx(), key, Permission.CASE_TAKE), PressForm(formdata=None))


@desk.post("/cases/<key:key>/take")
@requires(Permission.CASE_TAKE)
def take(key: str) -> Any:
    """Make it one's own."""
    context, form = ctx(), PressForm()
    case = by_key(context, key, lock=True)
    failed = attempt(context, form, lambda: reply_with_status.take(context, case, seen=form_version(form)))
    if failed:
        return small(context, "desk/take.html", again(context, key, form), form, failed)
    return done(case, _("The case is yours."))


@desk.get("/cases/<key:key>/assign")
@requires(Permission.CASE_TAKE)
def assign_form(key: str) -> Any:
    """Owner and department."""
    case = asked(ctx(), key, Permission.CASE_TAKE)
    return assign_page(ctx(), case, AssignForm(formdata=None, data=held_by(case)))


def held_by(case: Case) -> dict[str, str]:
    """Owner and department as the form spells them."""
    return {"owner": str(case.owner_id or ""), "department": str(case.department_id or "")}


def assign_page(context: Context, case: Case, form: AssignForm, status: int = 200) -> Any:
    """Everybody who may own the case, and the departments."""
    names = staff_names(context, desk_actions.assignable_staff(context, case))
    return small(
        context,
        "desk/assign.html",
        case,
        form,
        status,
        departments=select_options(places.departments(context)),
        owners=sorted(((str(i), name) for i, name in names.items()), key=lambda row: fold(row[1])),
    )


@desk.post("/cases/<key:key>/assign")
@requires(Permission.CASE_TAKE)
def assign(key: str) -> Any:
    """Give it an owner and a department; a field that was not sent stays as it is."""
    context, form = ctx(), AssignForm()
    case = by_key(context, key, lock=True)

    def act() -> None:
        owner, department = case.owner_id, case.department_id
        if "owner" in request.form:
            owner = wanted_owner(context, form.owner.data or "")
        if "department" in request.form:
            department = wanted(form.department.data or "", _("Choose one of the departments"), "department")
        desk_actions.assign(context, case, owner_id=owner, department_id=department, seen=form_version(form))

    failed = attempt(context, form, act)
    if failed:
        return assign_page(context, again(context, key, form), form, failed)
    return done(case, _("Saved."), "properties")


def wanted_owner(context: Context, text: str) -> Id | None:
    """The staff member a form names: an id, "me", or nobody."""
    if text == "me":
        return context.actor.staff_id
    return wanted(text, _("Choose somebody who looks after this account"), "owner")


def wanted(text: str, sentence: str, field: str) -> Id | None:
    """An id that a form carries, None for nothing; Refused with *sentence* for anything else."""
    found = ids.parse(text)
    if text and found is None:
        raise Refused(sentence, field)
    return found


# -- severity, tier -----------------------------------------------------------------------------------------------


@desk.get("/cases/<key:key>/severity")
@requires(Permission.CASE_SEVERITY)
def severity_form(key: str) -> Any:
    """The levels, and why."""
    case = asked(ctx(), key, Permission.CASE_SEVERITY)
    form = SeverityForm(formdata=None, data={"severity": str(case.severity)})
    return small(ctx(), "desk/severity.html", case, form, levels=severity_levels(ctx()))


@desk.post("/cases/<key:key>/severity")
@requires(Permission.CASE_SEVERITY)
def change_severity(key: str) -> Any:
    """Correct the severity; the customer's choice is kept and the reason shown to them."""
    context, form = ctx(), SeverityForm()
    case = by_key(context, key, lock=True)
    failed = attempt(
        context,
        form,
        lambda: desk_actions.redefine_severity(
            context, case, severity=form.rank(), reason=form.reason.data, seen=form_version(form)
        ),
    )
    if failed:
        case = again(context, key, form)
        return small(context, "desk/severity.html", case, form, failed, levels=severity_levels(context))
    return done(case, _("The severity is changed. The customer sees the reason."), "properties")


@desk.get("/cases/<key:key>/escalate")
@requires(Permission.CASE_ESCALATE)
def escalate_form(key: str) -> Any:
    """To which tier, and what it has to know; `?tier=` chooses one, `?back=` leads back to a board."""
    case = asked(ctx(), key, Permission.CASE_ESCALATE)
    tier = parameter("tier", 1) or str(min(case.tier + 1, 3))
    form = EscalateForm(formdata=None, data={"tier": tier, "back": local_path(parameter("back"), "")})
    return escalate_page(ctx(), case, form)


def escalate_page(context: Context, case: Case, form: EscalateForm, status: int = 200) -> Any:
    """The form with everybody who may own the case."""
    names = staff_names(context, desk_actions.assignable_staff(context, case))
    owners = sorted(((str(i), name) for i, name in names.items()), key=lambda row: fold(row[1]))
    return small(context, "desk/escalate.html", case, form, status, owners=owners)


@desk.post("/cases/<key:key>/escalate")
@requires(Permission.CASE_ESCALATE)
def escalate(key: str) -> Any:
    """Hand it to another tier, perhaps to somebody there; the note is internal."""
    context, form = ctx(), EscalateForm()
    case = by_key(context, key, lock=True)

    def act() -> None:
        owner = wanted_owner(context, form.owner.data or "")
        desk_actions.escalate(context, case, tier=form.level(), note=form.note.data, seen=form_version(form))
        if owner is not None and owner != case.owner_id:
            desk_actions.assign(context, case, owner_id=owner, department_id=case.department_id)

    failed = attempt(context, form, act)
    if failed:
        return escalate_page(context, again(context, key, form), form, failed)
    back = local_path(form.back.data, "")
    if back:
        flash(_("%(key)s is with tier %(tier)d now.", key=case.key, tier=case.tier))
        return see(f"{back}#card-{case.key}")
    return done(case, _("The case is with tier %(tier)d now.", tier=case.tier), "properties")


# -- what it says about itself, what one hears of it ---------------------------------------------------------------


@desk.get("/cases/<key:key>/edit")
@requires(Permission.CASE_EDIT)
def edit_form(key: str) -> Any:
    """Subject, type, contact, environment, department as they are."""
    case = asked(ctx(), key, Permission.CASE_EDIT)
    form = EditForm(
        formdata=None,
        data={
            "subject": case.subject,
            "type": case.request_type.key,
            "contact": str(case.contact_id),
            "environment": str(case.environment_id or ""),
            "department": str(case.department_id or ""),
        },
    )
    return edit_page(ctx(), case, form)


def edit_choices(context: Context, case: Case, form: EditForm) -> dict[str, Any]:
    """Fill the choices; what the case has already stays choosable. Returns the request types by key."""
    types = {row.key: row for row in (*request_types(context, [case.account_id]), case.request_type)}
    people = {str(c.id): u.name for c, u in people_of(context, case.account_id, limit=PEOPLE_LIMIT)}
    people.setdefault(str(case.contact_id), case.contact_user.name)
    form.type.choices = [(key, row.name) for key, row in types.items()]
    form.contact.choices = list(people.items())
    environments = places.environments(context, [case.account_id])
    form.environment.choices = [("", _("I don't know")), *((str(e.id), environment_label(e)) for e in environments)]
    form.department.choices = select_options(places.departments(context), ("", _("none")))
    return types


def edit_page(context: Context, case: Case, form: EditForm, status: int = 200) -> Any:
    """The form with its choices."""
    edit_choices(context, case, form)
    return small(context, "desk/edit.html", case, form, status)


@desk.post("/cases/<key:key>/edit")
@requires(Permission.CASE_EDIT)
def edit(key: str) -> Any:
    """Store the correction; the pairs are checked as at opening."""
    context, form = ctx(), EditForm()
    case = by_key(context, key, lock=True)
    types = edit_choices(context, case, form)

    def act() -> None:
        contact_id = ids.parse(form.contact.data)
        if contact_id is None:
            raise Refused(_("Choose the person who is affected"), "contact")
        details.edit(
            context,
            case,
            subject=form.subject.data,
            request_type=types[form.type.data],
            contact_id=contact_id,
            environment_id=ids.parse(form.environment.data),
            department_id=ids.parse(form.department.data),
            seen=form_version(form),
        )

    failed = attempt(context, form, act)
    if failed:
        return edit_page(context, again(context, key, form), form, failed)
    return done(case, _("Saved."), "properties")


@desk.get("/cases/<key:key>/mute")
@requires(Permission.CASE_FOLLOW)
def mute_form(key: str) -> Any:
    """Follow or mute, as a page."""
    case = asked(ctx(), key, Permission.CASE_FOLLOW)
    return small(
        ctx(), "desk/mute.html", case, SubscriptionForm(formdata=None), wish=people_queries.subscription(ctx(), case)
    )


@desk.post("/cases/<key:key>/mute")
@requires(Permission.CASE_FOLLOW)
def mute(key: str) -> Any:
    """Mute, follow, or neither; without a field it switches muting."""
    context, form = ctx(), SubscriptionForm()
    case = by_key(context, key, lock=True)
    chosen = (form.wish.data or "").replace("none", "")
    if "wish" not in request.form:
        chosen = "" if people_queries.subscription(context, case) == "mute" else "mute"
    failed = attempt(context, form, lambda: people.subscribe(context, case, chosen))
    if failed:
        case = again(context, key, form)
        return small(context, "desk/mute.html", case, form, failed, wish=people_queries.subscription(context, case))
    return done(
        case,
        {"mute": _("Muted."), "follow": _("You follow this case.")}.get(
            chosen, _("You hear about this case as usual.")
        ),
    )
