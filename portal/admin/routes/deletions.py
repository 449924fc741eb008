"""…/delete: take away what was made by mistake, as long as nothing refers to it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.admin.actions import deletions as actions
from portal.admin.actions.deletions import Deletable
from portal.admin.deletion_labels import reference_sentences
from portal.admin.queries import request_types as request_type_queries
from portal.admin.routes.blueprint import admin, configures
from portal.channels.mail.actions import mailboxes as mailbox_actions
from portal.channels.mail.queries import mailboxes as mailbox_queries
from portal.channels.mail.queries.senders import accounts_of_sender
from portal.sla.actions import escalation as escalation_actions
from portal.sla.queries import escalation as escalation_queries
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see


@dataclass(frozen=True, slots=True)
class Subject:
    """A row that is to go: what kind, how it is called, its own page, and the list that it leaves."""

    kind: Deletable
    row: Any
    name: str
    back: str
    listed: str
    # What the question says goes, where it is more than the row or something else.
    goes: str = ""
    # Whether this is a person whose access has ended already.
    ended: bool = False


def is_pressed() -> bool:
    """Whether the row is to go now; the question locks nothing."""
    return request.method == "POST"


@admin.route("/organizations/<slug>/delete", methods=["GET", "POST"])
@configures
def delete_organization(slug: str) -> Response:
    row = organization_queries.organization(ctx(), slug, lock=is_pressed())
    back = url_for(".organization", slug=slug)
    along = [contact.user.name for contact in actions.contacts_along(ctx(), row)]
    goes = (
        _("These former contacts took part in nothing and are deleted with it: %(names)s.", names=", ".join(along))
        if along
        else ""
    )
    return ask_and_delete(Subject(actions.ORGANIZATION, row, row.name, back, url_for(".organizations"), goes))


@admin.route("/organizations/<slug>/people/<uuid:contact_id>/delete", methods=["GET", "POST"])
@configures
def delete_contact(slug: str, contact_id: uuid.UUID) -> Response:
    organization = organization_queries.organization(ctx(), slug)
    contact = contact_queries.contact(ctx(), organization, contact_id, lock=is_pressed())
    kind, row = actions.contact_to_delete(ctx(), contact)
    back = url_for(".contact", slug=slug, contact_id=contact.id)
    goes = (
        _("This person never signed in, and no case names them. Their name, address and access go for good.")
        if kind is actions.PERSON
        else _(
            "No case of %(organization)s names this person. Only their access there is deleted, for good.",
            organization=organization.name,
        )
    )
    listed = url_for(".contacts", slug=slug)
    return ask_and_delete(Subject(kind, row, contact.user.name, back, listed, goes, ended=not contact.active))


@admin.route("/accounts/<key>/delete", methods=["GET", "POST"])
@configures
def delete_account(key: str) -> Response:
    row = account_queries.account(ctx(), key, lock=is_pressed())
    back = url_for(".account", key=row.key)
    return ask_and_delete(Subject(actions.ACCOUNT, row, row.name, back, url_for(".accounts")))


@admin.route("/environments/<uuid:environment_id>/delete", methods=["GET", "POST"])
@configures
def delete_environment(environment_id: uuid.UUID) -> Response:
    row = environment_queries.environment(ctx(), environment_id, lock=is_pressed())
    back = url_for(".environment", environment_id=row.id)
    return ask_and_delete(Subject(actions.ENVIRONMENT, row, row.name, back, url_for(".environments")))


@admin.route("/departments/<uuid:department_id>/delete", methods=["GET", "POST"])
@configures
def delete_department(department_id: uuid.UUID) -> Response:
    row = department_queries.department(ctx(), department_id, lock=is_pressed())
    back = url_for(".department", department_id=row.id)
    return ask_and_delete(Subject(actions.DEPARTMENT, row, row.name, back, url_for(".departments")))


@admin.route("/request-types/<uuid:type_id>/delete", methods=["GET", "POST"])
@configures
def delete_request_type(type_id: uuid.UUID) -> Response:
    row = request_type_queries.request_type(ctx(), type_id, lock=is_pressed())
    back = url_for(".request_type", type_id=row.id)
    return ask_and_delete(Subject(actions.REQUEST_TYPE, row, row.name, back, url_for(".request_types")))


@admin.route("/escalation-rules/<uuid:rule_id>/delete", methods=["GET", "POST"])
@configures
def delete_rule(rule_id: uuid.UUID) -> Response:
    row = escalation_queries.rule(ctx(), rule_id)
    back = url_for("promises.rule", rule_id=row.id)
    subject = Subject(actions.RULE, row, row.name, back, url_for("promises.rules"))
    return ask_and_delete(subject, escalation_actions.forget_rule)


@admin.route("/mailboxes/<uuid:mailbox_id>/delete", methods=["GET", "POST"])
@configures
def delete_mailbox(mailbox_id: uuid.UUID) -> Response:
    row = mailbox_queries.mailbox(ctx(), mailbox_id, lock=is_pressed())
    back = url_for("mail.mailbox", mailbox_id=row.id)
    names = ", ".join(account.name for account in accounts_of_sender(ctx(), row))
    goes = _("Emails to these accounts come from the usual mailbox then: %(names)s.", names=names) if names else ""
    subject = Subject(actions.MAILBOX, row, row.address, back, url_for("mail.mailboxes"), goes)
    return ask_and_delete(subject, mailbox_actions.release_address)


def ask_and_delete(subject: Subject, also: Callable[[Any, Any], None] | None = None) -> Response:
    """The question with what refers to the row; or delete it. *also* ends what no key of the database knows."""
    form, name = PressForm(), subject.name

    def act() -> None:
        actions.delete_unused(ctx(), subject.kind, subject.row, name)
        if also is not None:
            also(ctx(), subject.row)

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        found = reference_sentences(actions.find_references(ctx(), subject.kind, subject.row))
        return page("admin/deletion.html", status, subject=subject, form=form, found=found)
    flash(_("%(name)s was deleted.", name=name), "success")
    return see(subject.listed)
