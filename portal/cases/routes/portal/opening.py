"""Opening a case on the portal: the choice of a request type (P-02) and the form (P-03)."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, draft_files, upload_rows
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import form_fields, labels
from portal.cases.actions.opening import OpeningLocation, submit
from portal.cases.forms.opening import CaseForm
from portal.cases.models import RequestType
from portal.cases.pages.opening_form import (
    Opened,
    detail_fields,
    expected_readers,
    fill_choices,
    make_form,
    open_with_own_fields,
    parse_opening,
    prefilled_details,
    same_words_sentence,
    side_panels,
)
from portal.cases.pages.outside_copies import is_copy_confirmed
from portal.cases.pages.request_fields import OwnFields
from portal.cases.panels import merge_panel_values, panels_at
from portal.cases.queries import request_type, request_types, severity_question
from portal.cases.queries.default_accounts import default_account_key
from portal.cases.queries.joins import joinable_keys
from portal.cases.queries.lists import similar_shared_cases
from portal.cases.queries.people import PEOPLE_LIMIT, people_of
from portal.cases.routes.blueprints import cases
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden
from portal.tenants.models import Contact
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, page_or_fragment, see
from portal.web.urls import text_parameter


@cases.get("/new/<key>")
@on_portal
def opening_form(key: str) -> Any:
    """The empty form, prefilled from `?account=`, else with the person's default account, and from `?subject=`."""
    context = ctx()
    kind = request_type(context, key)
    prefilled = bool(text_parameter("subject") or text_parameter("account"))
    form, own = open_with_own_fields(context, CaseForm, kind, f"/new/{kind.key}", prefilled=prefilled)
    if form.draft is None:
        form.subject.data = text_parameter("subject", 140)
        form.account.data = text_parameter("account", 10).upper() or default_account_key(context)
        form.description.data = kind.template
        for name, value in prefilled_details(context, None).items():
            form[name].data = value
    form.once.data = uuid.uuid4().hex
    return render_page(context, kind, form, own, draft_files(context, form))


@cases.post("/new/<key>")
@on_portal
def open_case(key: str) -> Any:
    """Open the case. A refused form is shown again with its text and files."""
    context = ctx()
    kind = request_type(context, key)
    form, own = make_form(context, CaseForm, kind)
    files = collect_files(context, form)
    accounts = fill_choices(context, kind, form)
    form_fields.clear_hidden_fields(form, kind)
    if request.form.get("refresh"):
        return render_page(context, kind, form, own, files)
    opened: list[Opened] = []

    def act() -> None:
        opening = parse_opening(form, files, own)
        case = submit(context, accounts.valid, kind, opening)
        opened.append(Opened(case, same_words=case.idempotency_key != opening.idempotency_key))

    def check() -> bool:
        account = accounts.chosen
        confirmed = is_copy_confirmed(context, form, account.organization_id if account else None)
        answered = own.check(account.id if account else None, enforce=True)
        return not form_fields.reject_missing(form, kind) and answered and confirmed

    status = submit_form(form, act, check=check)
    if status:
        return render_page(context, kind, form, own, files, status)
    key = f"{accounts.valid.key}-{opened[0].case.number}"
    if opened[0].same_words:
        flash(same_words_sentence())
        return see(url_for("cases.show", key=key))
    return see(url_for("cases.show", key=key, opened=1))


def render_page(
    context: Context, kind: RequestType, form: CaseForm, own: OwnFields, files: list[uuid.UUID], status: int = 200
) -> Any:
    """The page of the form: people, severities with their descriptions, expected readers."""
    accounts = fill_choices(context, kind, form)
    if not accounts.rows:
        raise Forbidden(_("You can read cases here, but not open them."), ("requester", "member", "coordinator"))
    account = accounts.chosen
    spots = [OpeningLocation(account.organization_id, account.id, None)] if account else []
    spots += [
        OpeningLocation(account.organization_id, account.id, row.environment_id)
        for row in context.actor.access
        if account
    ]
    fields = form_fields.visible_fields(kind)
    may_for_others = any(can(context.actor, Permission.CASE_OPEN_FOR_OTHERS, spot) for spot in spots)
    for_others = "contact" in fields and account is not None and may_for_others
    people = people_of(context, account.id, limit=PEOPLE_LIMIT) if for_others and account else []
    if not form.visibility.data and account is not None:
        form.visibility.data = account.organization.default_visibility
    question = severity_question(context)
    details = detail_fields(context, form, fields, account, for_others=for_others)
    beside = side_panels(context, form, account, question, kind)
    let_in = merge_panel_values(beside["panels"], "readers")
    affected = affected_user_id(people, form)
    return page(
        "cases/new.html",
        status,
        **beside,
        # What a script asks for while the subject is typed: for a form that comes with one.
        alike=panels_at(context, "alike", form.subject.data) if form.subject.data else [],
        kind=kind,
        form=form,
        account=account,
        accounts=accounts.rows,
        for_others=for_others,
        fields=fields,
        own_fields=own.shown(account.id if account else None),
        details=details,
        people=[(str(c.id), u.name) for c, u in people if u.id != context.actor.user_id],
        question=question,
        readers=expected_readers(context, account, affected, let_in=let_in) if account else None,
        labels=labels,
        staged=upload_rows(context, files),
    )


@cases.get("/new/<key>/promise")
@on_portal
def beside_form(key: str) -> Any:
    """The panels beside the form, for the values chosen so far; with `?levels=1` also the severities."""
    context = ctx()
    kind = request_type(context, key)
    form = CaseForm(request.args)
    accounts = fill_choices(context, kind, form)
    account = accounts.chosen
    question = severity_question(context)
    return page_or_fragment(
        "cases/side_panels.html",
        "cases/_levels.html" if request.args.get("levels") else "cases/_side_panels.html",
        form=form,
        kind=kind,
        question=question,
        account=account,
        base=f"/new/{kind.key}",
        **side_panels(context, form, account, question, kind),
    )


def affected_user_id(people: Iterable[tuple[Contact, User]], form: CaseForm) -> uuid.UUID | None:
    """The user id of the contact that the form names; None if it is the actor."""
    return next((user.id for contact, user in people if str(contact.id) == form.contact.data), None)


@cases.get("/new/<key>/alike")
@on_portal
def alike(key: str) -> Any:
    """Open shared cases of colleagues that match the subject, and what later features know about it."""
    context = ctx()
    request_type(context, key)
    subject = text_parameter("subject", 140)
    found = similar_shared_cases(context, subject) if len(subject) >= 3 else []
    return page_or_fragment(
        "cases/similar_cases.html",
        "cases/_similar_cases.html",
        rows=found,
        joinable=joinable_keys(context, found),
        alike=panels_at(context, "alike", subject),
    )


@cases.get("/new")
@on_portal
def choose_type() -> Any:
    """The request types as tiles (P-02). With one type only, redirect to its form."""
    context = ctx()
    accounts = {row.account_id for row in context.actor.access}
    types = request_types(context, accounts)
    carried: dict[str, Any] = {name: text_parameter(name) for name in ("subject", "account") if text_parameter(name)}
    if len(types) == 1:
        return redirect(url_for("cases.opening_form", key=types[0].key, **carried), 303)
    asides = merge_panel_values(panels_at(context, "home", types), "tiles")
    return page("cases/request_types.html", types=types, carried=carried, asides=asides)
