"""/org/<slug>/people: the people of the organization, their access, and invitations."""

import uuid
from collections.abc import Callable, Sequence

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.identity.queries import sign_ins
from portal.tenants.access_field import offer_access
from portal.tenants.actions import contacts as actions
from portal.tenants.actions.person_details import may_correct
from portal.tenants.forms import AccessForm, EndColleagueForm, InviteForm
from portal.tenants.labels import access_changed_sentence, access_ended_sentence
from portal.tenants.models import Account, Contact, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import open_cases
from portal.tenants.queries import organizations as organization_queries
from portal.tenants.queries.open_cases import HandedOver
from portal.tenants.queries.reporting_lines import line_of
from portal.tenants.routes.blueprint import administered_accounts, load_organization, organization
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see
from portal.web.role_labels import contact_abilities, role_choices, role_options
from portal.web.urls import list_page, search_words

MAY = Permission.ORGANIZATION_PEOPLE


@organization.get("/people")
@on_portal
def people(slug: str) -> Response:
    row, q, former = load_organization(slug, MAY), search_words(), request.args.get("show") == "former"
    role = request.args.get("role", "")
    role = role if role in list(ContactRole) else ""
    found = contact_queries.contacts_page(ctx(), row, q=q, role=role, active=not former, number=list_page())
    return page(
        "organization/contacts.html",
        row=row,
        found=found,
        q=q,
        role=role,
        roles=role_choices(ContactRole),
        former=former,
        count=organization_queries.organization_counts(ctx(), [row.id])[row.id][1],
        me=ctx().actor.user_id,
        sign_ins=sign_ins(ctx(), [contact.user_id for contact in found.rows]),
        leavers=open_cases.find_leavers(ctx(), row),
    )


@organization.get("/people/invite")
@on_portal
def invite(slug: str) -> Response:
    row, form = load_organization(slug, MAY), InviteForm()
    places = offer_access(form.access, administered_accounts(row, MAY))
    if places:
        form.access.data = [(places[0][0], ContactRole.REQUESTER.value)]
    return page("organization/contact_invite.html", row=row, form=form, roles=role_options(ContactRole))


@organization.post("/people/invite")
@on_portal
def send_invitation(slug: str) -> Response:
    row, form = load_organization(slug, MAY), InviteForm()
    offer_access(form.access, administered_accounts(row, MAY))
    added: list[Contact] = []
    status = submit_form(
        form,
        lambda: added.append(
            actions.add_contact_by_email(
                ctx(),
                row,
                name=form.name.data,
                email=form.email.data,
                invite=form.invite.data,
                grants=actions.parse_grants(form.access.data),
            )
        ),
    )
    if status:
        return page("organization/contact_invite.html", status, row=row, form=form, roles=role_options(ContactRole))
    # A former member who signs in already gets no mail.
    invited = form.invite.data and sign_ins(ctx(), [added[0].user_id])[added[0].user_id].state == "invited"
    flash(
        _("Invitation sent to %(email)s.", email=form.email.data)
        if invited
        else _("%(name)s was added.", name=form.name.data),
        "success",
    )
    return see(url_for("organization.people", slug=slug))


@organization.get("/people/<uuid:contact_id>")
@on_portal
def person(slug: str, contact_id: uuid.UUID) -> Response:
    row = load_organization(slug, MAY)
    contact = contact_queries.contact(ctx(), row, contact_id)
    accounts = administered_accounts(row, MAY)
    mine = {account.id for account in accounts}
    held = actions.grant_pairs(contact, mine)
    found = open_cases.find_open_cases(ctx(), contact)
    form = AccessForm(access=held, version=version(contact), cases=found.offered)
    offer_access(form.access, accounts, contact)
    return show_person(row, contact, form, found, accounts)


@organization.post("/people/<uuid:contact_id>")
@on_portal
def change_person(slug: str, contact_id: uuid.UUID) -> Response:
    row = load_organization(slug, MAY)
    contact, form = contact_queries.contact(ctx(), row, contact_id, lock=True), AccessForm()
    accounts = administered_accounts(row, MAY)
    offer_access(form.access, accounts, contact)
    handed_over: list[HandedOver] = []
    status = submit_form(
        form,
        lambda: handed_over.append(
            actions.change_access(
                ctx(),
                contact,
                grants=actions.parse_grants(form.access.data),
                hand_over=open_cases.HandOver.parse(form.hand_to.data, form.cases.ids()),
            )
        ),
        current=version(contact),
    )
    if status:
        return show_person(row, contact, form, open_cases.find_open_cases(ctx(), contact), accounts, status)
    flash(access_changed_sentence(handed_over[0]), "success")
    return see(url_for("organization.person", slug=slug, contact_id=contact_id))


VERBS: dict[str, Callable[[Contact, EndColleagueForm], HandedOver | None]] = {
    "end": lambda contact, form: actions.end_contact(
        ctx(), contact, open_cases.HandOver.parse(form.hand_to.data, form.cases.ids())
    ),
    "return": lambda contact, _form: actions.return_contact(ctx(), contact),
    "invite": lambda contact, _form: actions.invite_contact(ctx(), contact),
    "withdraw": lambda contact, _form: actions.withdraw_invitation(ctx(), contact),
}


@organization.get("/people/<uuid:contact_id>/<any('end', 'return', 'invite', 'withdraw'):verb>")
@on_portal
def question(slug: str, contact_id: uuid.UUID, verb: str) -> Response:
    row = load_organization(slug, MAY)
    contact = contact_queries.contact(ctx(), row, contact_id)
    found = open_cases.find_cases_at_stake(ctx(), contact, verb)
    form = EndColleagueForm(formdata=None, version=fingerprint(found.shown), cases=found.offered)
    return show_question(row, contact, verb, form, found)


@organization.post("/people/<uuid:contact_id>/<any('end', 'return', 'invite', 'withdraw'):verb>")
@on_portal
def press(slug: str, contact_id: uuid.UUID, verb: str) -> Response:
    row = load_organization(slug, MAY)
    contact, form = contact_queries.contact(ctx(), row, contact_id, lock=True), EndColleagueForm()
    found = open_cases.find_cases_at_stake(ctx(), contact, verb)
    handed_over: list[HandedOver | None] = []
    status = submit_form(form, lambda: handed_over.append(VERBS[verb](contact, form)), current=fingerprint(found.shown))
    if status:
        return show_question(row, contact, verb, form, found, status)
    name, done = contact.user.name, handed_over[0]
    flash(access_ended_sentence(name, done, found) if done is not None else done_sentence(verb, name), "success")
    return see(url_for("organization.people", slug=slug))


def done_sentence(verb: str, name: str) -> str:
    """The sentence that says what happened, but for an end."""
    return {
        "return": _("%(name)s has access again, as before.", name=name),
        "invite": _("Invitation sent to %(name)s.", name=name),
        "withdraw": _("The invitation for %(name)s was withdrawn. The old link no longer works.", name=name),
    }[verb]


def show_question(
    row: Organization,
    contact: Contact,
    verb: str,
    form: EndColleagueForm,
    found: open_cases.OpenCases,
    status: int = 200,
) -> Response:
    return page(
        "organization/contact_question.html", status, row=row, contact=contact, verb=verb, form=form, found=found
    )


def version(contact: Contact) -> str:
    return fingerprint(sorted(actions.grant_pairs(contact)))


def show_person(
    row: Organization,
    contact: Contact,
    form: AccessForm,
    found: open_cases.OpenCases,
    accounts: Sequence[Account],
    status: int = 200,
) -> Response:
    """The page of *contact*; *accounts* are those that the person administers."""
    mine = {account.id for account in accounts}
    return page(
        "organization/contact.html",
        status,
        row=row,
        contact=contact,
        form=form,
        found=found,
        roles=role_options(ContactRole),
        myself=contact.user_id == ctx().actor.user_id,
        correctable=may_correct(ctx(), contact),
        elsewhere=[access for access in contact.access if access.account_id not in mine],
        sign_in=sign_ins(ctx(), [contact.user_id])[contact.user_id],
        line=line_of(ctx(), contact),
        sentences=contact_abilities(
            [access.role for access in contact.access],
            requesters_see_shared=row.requesters_see_shared,
            admins_see_private=row.admins_see_private,
        ),
    )
