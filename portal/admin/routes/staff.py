"""The provider's own people."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.admin.forms.staff import EndStaffForm, NewStaffForm, StaffForm
from portal.admin.routes.blueprint import (
    admin,
    configures,
    last_changed_by,
    reads,
    shows_archived,
)
from portal.authz.roles import StaffRole
from portal.cases.queries.staff import count_owned
from portal.cases.queries.staff_cases import OwnedCases, find_owned_cases
from portal.identity.queries import factor_states, sign_ins
from portal.kernel import ids
from portal.kernel.errors import Refused
from portal.surveys.queries.results import count_follow_ups_of
from portal.tenants.actions import staff as actions
from portal.tenants.actions.factors import reset_factors_of
from portal.tenants.models import StaffMember
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import staff as staff_queries
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.guards import proved_recently
from portal.web.htmx import page, see
from portal.web.role_labels import role_choices, role_options, staff_abilities
from portal.web.urls import list_page, search_words


@admin.get("/staff")
@reads
def staff() -> Response:
    q, old, role = search_words(), shows_archived(), request.args.get("role", "")
    role = role if role in list(StaffRole) else ""
    found = staff_queries.staff_page(ctx(), q=q, role=role, active=not old, number=list_page())
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
@proved_recently
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
@proved_recently
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
    "reset": lambda member, _form: reset_factors_of(ctx(), member.user),
}


@dataclass(frozen=True, slots=True)
class Owned:
    """What a staff member who leaves owns: open cases, the names of the accounts they manage, and a number of
    follow-ups."""

    cases: OwnedCases = field(default_factory=OwnedCases)
    accounts: Sequence[str] = ()
    follow_ups: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.cases.total or self.accounts or self.follow_ups)

    @property
    def shown(self) -> object:
        """What the question was drawn with, to compare with what is so when it is answered."""
        return self.cases.shown, list(self.accounts), self.follow_ups


def parse_successor(form: EndStaffForm) -> uuid.UUID | None:
    """Who takes over the open cases of somebody who leaves; None: nobody yet."""
    found = ids.parse_id(form.hand_to.data)
    if form.hand_to.data and found is None:
        raise Refused(_("Choose a member of your team"), "hand_to")
    return found


def find_owned(member: StaffMember, verb: str) -> Owned:
    """What the question of *verb* asks about: only the end of an access does."""
    if verb != "end":
        return Owned()
    accounts = [account.name for account in account_queries.managed_accounts(ctx(), member.id)]
    return Owned(find_owned_cases(ctx(), member), accounts, count_follow_ups_of(ctx(), member.id))


def show_question(member: StaffMember, verb: str, form: EndStaffForm, owned: Owned, status: int = 200) -> Response:
    """The question; for an end with what they own and who could take that over."""
    return page("admin/staff_question.html", status, member=member, verb=verb, form=form, owned=owned)


@admin.get("/staff/<uuid:staff_id>/<any('end', 'return', 'invite', 'withdraw', 'reset'):verb>")
@configures
def staff_question(staff_id: uuid.UUID, verb: str) -> Response:
    member = staff_queries.staff_member(ctx(), staff_id)
    owned = find_owned(member, verb)
    return show_question(member, verb, EndStaffForm(formdata=None, version=fingerprint(owned.shown)), owned)


@admin.post("/staff/<uuid:staff_id>/<any('end', 'return', 'invite', 'withdraw', 'reset'):verb>")
@configures
@proved_recently
def staff_verb(staff_id: uuid.UUID, verb: str) -> Response:
    member, form = staff_queries.staff_member(ctx(), staff_id, lock=True), EndStaffForm()
    owned, hand_to = find_owned(member, verb), ids.parse_id(form.hand_to.data)
    before = count_owned(ctx(), hand_to) if hand_to and verb == "end" else 0
    status = submit_form(form, lambda: VERBS[verb](member, form), current=fingerprint(owned.shown))
    if status:
        return show_question(member, verb, form, owned, status)
    flash(done_sentence(verb, member.user.name), "success")
    if owned.cases.total:
        taken = count_owned(ctx(), hand_to) - before if hand_to else 0
        successor = staff_queries.staff_member(ctx(), hand_to).user.name if hand_to and taken else ""
        flash(handed_over_sentence(successor, taken, owned.cases.total - taken), "success")
    return see(url_for("admin.staff_member", staff_id=staff_id))


def done_sentence(verb: str, name: str) -> str:
    """What happened, as a sentence."""
    return {
        "end": _("%(name)s no longer has access.", name=name),
        "return": _("%(name)s has access again, as before.", name=name),
        "invite": _("Invitation sent to %(name)s.", name=name),
        "withdraw": _("The invitation for %(name)s was withdrawn. The old link no longer works.", name=name),
        "reset": _("The second factors of %(name)s were removed. An email tells them so.", name=name),
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
    form.accounts.choices = [(str(row.id), f"{row.name} ({row.key})") for row in account_queries.account_choices(ctx())]
    form.departments.choices = [(str(row.id), row.name) for row in department_queries.active_departments(ctx())]
    return form


def show_member(member: StaffMember, form: StaffForm, status: int = 200) -> Response:
    return page(
        "admin/staff_member.html",
        status,
        member=member,
        form=form,
        roles=role_options(StaffRole),
        factors=factor_states(ctx(), [member.user_id])[member.user_id],
        sign_in=sign_ins(ctx(), [member.user_id])[member.user_id],
        sentences=staff_abilities(member.role),
    )
