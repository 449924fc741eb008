"""The people of an organization, as the provider's administrators see and change them."""

import uuid
from collections.abc import Callable

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.admin.forms.contacts import ContactForm, EndContactForm, NewContactForm
from portal.admin.routes.blueprint import (
    admin,
    configures,
    floor_choices,
    last_changed_by,
    parse_floor,
    reads,
    shows_archived,
)
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.identity.queries import factor_states, sign_ins
from portal.tenants.access_field import offer_access
from portal.tenants.actions import contacts as actions
from portal.tenants.actions.factors import reset_factors_of
from portal.tenants.labels import access_changed_sentence, access_ended_sentence
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import open_cases
from portal.tenants.queries import organizations as organization_queries
from portal.tenants.queries.open_cases import HandedOver
from portal.tenants.queries.reporting_lines import line_of
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.guards import proved_recently
from portal.web.htmx import page, see
from portal.web.role_labels import contact_abilities, role_choices
from portal.web.urls import list_page, search_words


@admin.get("/organizations/<slug>/people")
@reads
def contacts(slug: str) -> Response:
    row, q, old = organization_queries.organization(ctx(), slug), search_words(), shows_archived()
    role = request.args.get("role", "")
    role = role if role in list(ContactRole) else ""
    found = contact_queries.contacts_page(ctx(), row, q=q, role=role, active=not old, number=list_page())
    return page(
        "admin/contacts.html",
        row=row,
        found=found,
        q=q,
        role=role,
        roles=role_choices(ContactRole),
        archived=old,
        sign_ins=sign_ins(ctx(), [contact.user_id for contact in found.rows]),
        leavers=open_cases.find_leavers(ctx(), row) if can(ctx().actor, Permission.PROVIDER_CONFIGURE) else [],
    )


@admin.get("/organizations/<slug>/people/new")
@configures
def new_contact(slug: str) -> Response:
    row = organization_queries.organization(ctx(), slug)
    form = NewContactForm()
    places = offer_access(form.access, account_queries.accounts_of(ctx(), row))
    if not form.access.data and places:
        form.access.data = [(places[0][0], ContactRole.REQUESTER.value)]
    return page("admin/contact_new.html", row=row, form=form)


@admin.post("/organizations/<slug>/people/new")
@configures
def add_contact(slug: str) -> Response:
    row, form = organization_queries.organization(ctx(), slug), NewContactForm()
    offer_access(form.access, account_queries.accounts_of(ctx(), row))
    made: list[Contact] = []
    status = submit_form(
        form,
        lambda: made.append(
            actions.add_contact_by_email(
                ctx(),
                row,
                name=form.name.data,
                email=form.email.data,
                title=form.title.data or "",
                grants=actions.parse_grants(form.access.data),
                invite=form.invite.data,
            )
        ),
    )
    if status:
        return page("admin/contact_new.html", status, row=row, form=form)
    invited = sign_ins(ctx(), [made[0].user_id])[made[0].user_id].state == "invited" and form.invite.data
    flash(
        _("Invitation sent to %(email)s.", email=form.email.data)
        if invited
        else _("%(name)s belongs to %(organization)s now.", name=form.name.data, organization=row.name),
        "success",
    )
    return see(url_for("admin.contact", slug=slug, contact_id=made[0].id))


@admin.get("/organizations/<slug>/people/<uuid:contact_id>")
@reads
def contact(slug: str, contact_id: uuid.UUID) -> Response:
    organization = organization_queries.organization(ctx(), slug)
    person = contact_queries.contact(ctx(), organization, contact_id)
    found = open_cases.find_open_cases(ctx(), person)
    form = ContactForm(
        title=person.title,
        severity_floor=str(person.severity_floor or ""),
        access=actions.grant_pairs(person),
        version=version(person),
        cases=found.offered,
    )
    return show_contact(organization, person, form, found)


@admin.post("/organizations/<slug>/people/<uuid:contact_id>")
@configures
def change_contact(slug: str, contact_id: uuid.UUID) -> Response:
    organization = organization_queries.organization(ctx(), slug)
    person, form = contact_queries.contact(ctx(), organization, contact_id, lock=True), ContactForm()
    offer_access(form.access, account_queries.accounts_of(ctx(), organization), person)
    form.severity_floor.choices = floor_choices()
    handed_over: list[HandedOver] = []

    def change() -> None:
        actions.set_severity_floor(ctx(), person, parse_floor(form.severity_floor.data))
        grants = actions.parse_grants(form.access.data)
        chosen = open_cases.HandOver.parse(form.hand_to.data, form.cases.ids())
        title = form.title.data or ""
        handed_over.append(actions.change_access(ctx(), person, title=title, grants=grants, hand_over=chosen))

    status = submit_form(
        form,
        change,
        current=version(person),
        changed_by=last_changed_by(person.id),
    )
    if status:
        found = open_cases.find_open_cases(ctx(), person)
        return show_contact(organization, person, form, found, status)
    flash(access_changed_sentence(handed_over[0]), "success")
    return see(url_for("admin.contact", slug=slug, contact_id=contact_id))


VERB_ADDRESS = (
    "/organizations/<slug>/people/<uuid:contact_id>/<any('end', 'return', 'invite', 'withdraw', 'reset'):verb>"
)
VERBS: dict[str, Callable[[Contact, EndContactForm], HandedOver | None]] = {
    "end": lambda person, form: actions.end_contact(
        ctx(), person, open_cases.HandOver.parse(form.hand_to.data, form.cases.ids())
    ),
    "return": lambda person, _form: actions.return_contact(ctx(), person),
    "invite": lambda person, _form: actions.invite_contact(ctx(), person),
    "withdraw": lambda person, _form: actions.withdraw_invitation(ctx(), person),
    "reset": lambda person, _form: reset_factors_of(ctx(), person.user),
}


@admin.get(VERB_ADDRESS)
@configures
def contact_question(slug: str, contact_id: uuid.UUID, verb: str) -> Response:
    organization = organization_queries.organization(ctx(), slug)
    person = contact_queries.contact(ctx(), organization, contact_id)
    found = open_cases.find_cases_at_stake(ctx(), person, verb)
    form = EndContactForm(formdata=None, version=fingerprint(found.shown), cases=found.offered)
    return page("admin/contact_question.html", row=organization, person=person, verb=verb, form=form, found=found)


@admin.post(VERB_ADDRESS)
@configures
@proved_recently
def contact_verb(slug: str, contact_id: uuid.UUID, verb: str) -> Response:
    organization = organization_queries.organization(ctx(), slug)
    person, form = contact_queries.contact(ctx(), organization, contact_id, lock=True), EndContactForm()
    found = open_cases.find_cases_at_stake(ctx(), person, verb)
    handed_over: list[HandedOver | None] = []
    status = submit_form(form, lambda: handed_over.append(VERBS[verb](person, form)), current=fingerprint(found.shown))
    if status:
        return page(
            "admin/contact_question.html", status, row=organization, person=person, verb=verb, form=form, found=found
        )
    done = handed_over[0]
    sentence = access_ended_sentence(person.user.name, done, found) if done is not None else done_sentence(verb, person)
    flash(sentence, "success")
    return see(url_for("admin.contact", slug=slug, contact_id=contact_id))


def done_sentence(verb: str, person: Contact) -> str:
    """What happened, as a sentence, but for an end."""
    name = person.user.name
    return {
        "return": _("%(name)s has access again, as before.", name=name),
        "invite": _("Invitation sent to %(name)s.", name=name),
        "withdraw": _("The invitation for %(name)s was withdrawn. The old link no longer works.", name=name),
        "reset": _("The second factors of %(name)s were removed. An email tells them so.", name=name),
    }[verb]


def version(person: Contact) -> str:
    return fingerprint(person.title, person.severity_floor, sorted(actions.grant_pairs(person)))


def show_contact(
    organization: Organization, person: Contact, form: ContactForm, found: open_cases.OpenCases, status: int = 200
) -> Response:
    offer_access(form.access, account_queries.accounts_of(ctx(), organization), person)
    form.severity_floor.choices = floor_choices()
    return page(
        "admin/contact.html",
        status,
        row=organization,
        person=person,
        form=form,
        found=found,
        sign_in=sign_ins(ctx(), [person.user_id])[person.user_id],
        factors=factor_states(ctx(), [person.user_id])[person.user_id],
        line=line_of(ctx(), person),
        sentences=contact_abilities(
            [row.role for row in person.access],
            requesters_see_shared=organization.requesters_see_shared,
            admins_see_private=organization.admins_see_private,
        ),
    )
