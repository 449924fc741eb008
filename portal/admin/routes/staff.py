"""The provider's own people."""

import uuid
from collections.abc import Callable

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.admin.forms.staff import EndStaffForm, NewStaffForm, StaffForm
from portal.admin.routes.blueprint import (
    admin,
    configures,
    last_changed_by,
    page_number,
    reads,
    search_words,
    shows_archived,
)
from portal.authz.roles import StaffRole
from portal.cases.queries.staff import count_owned, possible_owners
from portal.identity.queries import sign_ins
from portal.kernel import ids
from portal.kernel.errors import Refused
from portal.tenants.actions import staff as actions
from portal.tenants.models import StaffMember
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import staff as staff_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see
from portal.web.role_labels import role_choices, role_options, staff_abilities


@admin.get("/staff")
@reads
def staff() -> Response:
    q, old, role = search_words(), shows_archived(), request.args.get("role", "")
    role = role if role in list(StaffRole) else ""
    found = staff_queries.staff_page(ctx(), q=q, role=role, active=not old, number=page_number())
    return page(
        "admin/staff.html",
        found=found,
        q=q,
        role=role,
        roles=role_choices(StaffRole),
        archived=old,
        sign_ins=sign_ins(ctx(), [member.user_id for member in found.rows]),
    )


@admin.get("/staff/new")
@configures
def new_staff() -> Response:
    return page("admin/staff_new.html", form=offer_choices(NewStaffForm()), roles=role_options(StaffRole))


@admin.post("/staff/new")
@configures
def add_staff() -> Response:
    form = offer_choices(NewStaffForm())
    made: list[StaffMember] = []
    status = submit_form(
        form,
        lambda: made.append(
            actions.add_staff_by_email(
                ctx(), name=form.name.data, email=form.email.data, invite=form.invite.data, **form.facts()
            )
        ),
    )
    if status:
        return page("admin/staff_new.html", status, form=form, roles=role_options(StaffRole))
    flash(
        _("Invitation sent to %(email)s.", email=form.email.data)
        if form.invite.data
        else _("%(name)s belongs to your team now.", name=form.name.data),
        "success",
    )
    return see(url_for("admin.staff_member", staff_id=made[0].id))


@admin.get("/staff/<uuid:staff_id>")
@reads
def staff_member(staff_id: uuid.UUID) -> Response:
    member = staff_queries.staff_member(ctx(), staff_id)
    form = StaffForm(
        version=member.version,
        role=member.role,
        tier=str(member.tier),
        reach="all" if member.all_accounts else "some",
        accounts=[str(row.account_id) for row in member.accounts],
        departments=[str(row.department_id) for row in member.departments],
    )
    return show_member(member, offer_choices(form))


@admin.post("/staff/<uuid:staff_id>")
@configures
def change_staff(staff_id: uuid.UUID) -> Response:
    member, form = staff_queries.staff_member(ctx(), staff_id, lock=True), offer_choices(StaffForm())
    status = submit_form(
        form,
        lambda: actions.change_staff(ctx(), member, **form.facts()),
        current=member.version,
        changed_by=last_changed_by(member.id),
    )
    if status:
        return show_member(member, form, status)
    flash(_("Saved. It takes effect with their next click."), "success")
    return see(url_for("admin.staff_member", staff_id=staff_id))


VERBS: dict[str, Callable[[StaffMember, EndStaffForm], None]] = {
    "end": lambda member, form: actions.end_staff(ctx(), member, member.user, hand_to=parse_successor(form)),
    "return": lambda member, _form: actions.return_staff(ctx(), member),
    "invite": lambda member, _form: actions.invite_staff(ctx(), member),
    "withdraw": lambda member, _form: actions.withdraw_invitation(ctx(), member),
}


def parse_successor(form: EndStaffForm) -> uuid.UUID | None:
    """Who takes over the open cases of somebody who leaves; None: nobody yet."""
    found = ids.parse_id(form.hand_to.data)
    if form.hand_to.data and found is None:
        raise Refused(_("Choose a member of your team"), "hand_to")
    return found


def show_question(member: StaffMember, verb: str, form: EndStaffForm, status: int = 200) -> Response:
    """The question; for an end with the number of their open cases and who could take those over."""
    ends = verb == "end"
    return page(
        "admin/staff_question.html",
        status,
        member=member,
        verb=verb,
        form=form,
        owned=count_owned(ctx(), member.id) if ends else 0,
        successors=[pair for pair in possible_owners(ctx()) if pair[0] != str(member.id)] if ends else [],
    )


@admin.get("/staff/<uuid:staff_id>/<any('end', 'return', 'invite', 'withdraw'):verb>")
@configures
def staff_question(staff_id: uuid.UUID, verb: str) -> Response:
    return show_question(staff_queries.staff_member(ctx(), staff_id), verb, EndStaffForm(formdata=None))


@admin.post("/staff/<uuid:staff_id>/<any('end', 'return', 'invite', 'withdraw'):verb>")
@configures
def staff_verb(staff_id: uuid.UUID, verb: str) -> Response:
    member, form = staff_queries.staff_member(ctx(), staff_id, lock=True), EndStaffForm()
    hand_to = ids.parse_id(form.hand_to.data)
    owned = [count_owned(ctx(), one) if one and verb == "end" else 0 for one in (member.id, hand_to)]
    status = submit_form(form, lambda: VERBS[verb](member, form))
    if status:
        return show_question(member, verb, form, status)
    flash(done_sentence(verb, member.user.name), "success")
    if verb == "end" and owned[0]:
        taken = count_owned(ctx(), hand_to) - owned[1] if hand_to else 0
        successor = staff_queries.staff_member(ctx(), hand_to).user.name if hand_to and taken else ""
        flash(handed_over_sentence(successor, taken, owned[0] - taken), "success")
    return see(url_for("admin.staff_member", staff_id=staff_id))


def done_sentence(verb: str, name: str) -> str:
    """What happened, as a sentence."""
    return {
        "end": _("%(name)s no longer has access.", name=name),
        "return": _("%(name)s has access again, as before.", name=name),
        "invite": _("Invitation sent to %(name)s.", name=name),
        "withdraw": _("The invitation for %(name)s was withdrawn. The old link no longer works.", name=name),
    }[verb]


def handed_over_sentence(name: str, taken: int, left: int) -> str:
    """What became of the open cases of somebody who left: *taken* by *name*, and *left* to nobody."""
    sentences = []
    if taken:
        sentences.append(
            ngettext(
                "%(num)d open case is with %(name)s now.", "%(num)d open cases are with %(name)s now.", taken, name=name
            )
        )
    if left:
        sentences.append(
            ngettext(
                "Nobody owns %(num)d open case now; the leads are notified.",
                "Nobody owns %(num)d open cases now; the leads are notified.",
                left,
            )
        )
    return " ".join(sentences)


def offer_choices(form: StaffForm) -> StaffForm:
    """*form* with the accounts and departments to choose from."""
    form.accounts.choices = [(str(row.id), f"{row.name} ({row.key})") for row in account_queries.list_accounts(ctx())]
    form.departments.choices = [(str(row.id), row.name) for row in department_queries.active_departments(ctx())]
    return form


def show_member(member: StaffMember, form: StaffForm, status: int = 200) -> Response:
    return page(
        "admin/staff_member.html",
        status,
        member=member,
        form=form,
        roles=role_options(StaffRole),
        sign_in=sign_ins(ctx(), [member.user_id])[member.user_id],
        sentences=staff_abilities(member.role),
    )
