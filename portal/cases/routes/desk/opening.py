"""Opening a case on behalf of a client (D-03): a call, a walk-in, a forwarded mail."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, draft_files, upload_rows
from portal.authz.permissions import Permission
from portal.cases.actions.opening import submit
from portal.cases.forms.opening import DeskCaseForm
from portal.cases.models import RequestType
from portal.cases.pages.opening_form import (
    OfferedAccounts,
    Opened,
    expected_readers,
    fill_choices,
    make_form,
    open_with_own_fields,
    parse_opening,
    same_words_sentence,
    side_panels,
)
from portal.cases.pages.outside_copies import is_copy_confirmed
from portal.cases.pages.request_fields import OwnFields
from portal.cases.queries import by_key, request_types, severity_question
from portal.cases.queries.contact_options import contact_options
from portal.cases.queries.lists import open_cases_of
from portal.cases.queries.people import PEOPLE_LIMIT, people_of
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden
from portal.tenants.queries.contact_search import find_callers
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, page_or_fragment, see, wants_fragment
from portal.web.role_labels import role_name
from portal.web.urls import text_parameter


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of the form: accounts, and request types by key."""

    accounts: OfferedAccounts
    types: dict[str, RequestType]


@desk.get("/new")
@requires(Permission.CASE_OPEN_FOR_OTHERS)
def new_form() -> Any:
    """The empty form, prefilled from `?account=`, `?contact=`, `?phone=`, `?channel=`, `?subject=`.

    `?caller=` lists the people whom these words can mean; without a person, `?phone=` does so too.
    """
    context, types = ctx(), request_types(ctx())
    prefilled, wanted = bool(request.args), text_parameter("type", 40)
    form, own = open_with_own_fields(
        context, DeskCaseForm, chosen_type(types, wanted), "/desk/new", prefilled=prefilled
    )
    if form.draft is None:
        form.account.data = text_parameter("account", 10).upper()
        form.contact.data = text_parameter("contact", 40)
        form.phone.data = text_parameter("phone", 50)
        form.subject.data = text_parameter("subject", 140)
        form.type.data = wanted
        form.channel.data = text_parameter("channel", 20) or "phone"
        form.notify.data = True
    elif (kind := chosen_type(types, form.type.data or "")) is not None:
        # The type is part of the draft, and so are the answers to its own fields.
        form, own = open_with_own_fields(context, DeskCaseForm, kind, "/desk/new", prefilled=prefilled)
    form.once.data = uuid.uuid4().hex
    asked = text_parameter("caller", 200) or ("" if form.contact.data else form.phone.data or "")
    files = draft_files(context, form)
    return render_page(context, form, own, types, files, asked=asked, looks_for_caller=not form.account.data)


@desk.get("/new/callers")
@requires(Permission.CASE_OPEN_FOR_OTHERS)
def callers() -> Any:
    """The people whom the words in `?caller=` can mean."""
    asked = text_parameter("caller", 200)
    if not wants_fragment():
        return see(url_for("desk.new_form", caller=asked))
    return page("desk/_callers.html", **caller_values(ctx(), asked))


def caller_values(context: Context, asked: str) -> dict[str, Any]:
    """What `desk/_callers.html` shows for *asked*; a single letter, and up to three digits, ask for nobody."""
    asked = asked.strip()
    if len(asked) < (4 if asked.isdecimal() else 2):
        asked = ""
    found, more = find_callers(context, asked) if asked else ([], False)
    return {"asked": asked, "found": found, "more": more, "role_name": role_name}


@desk.post("/new")
@requires(Permission.CASE_OPEN_FOR_OTHERS)
def open_for_somebody() -> Any:
    """Open the case. A refused form is shown again with its text and files."""
    context, types = ctx(), request_types(ctx())
    form, own = make_form(context, DeskCaseForm, chosen_type(types, request.form.get("type", "")))
    if "channel" not in request.form:
        form.channel.data = "desk"
    files = collect_files(context, form)
    choices = fill_desk_choices(context, form, types)
    if picked := request.form.get("caller"):
        form.account.data, _colon, form.contact.data = picked[:60].partition(":")
        return render_page(context, form, own, types, files, picked=True)
    if request.form.get("refresh"):
        return render_page(context, form, own, types, files)
    opened: list[Opened] = []

    def act() -> None:
        context.channel = form.channel.data
        account = choices.accounts.valid
        opening = replace(parse_opening(form, files, own), anyway=form.send_anyway())
        case = submit(context, account, choices.types[form.type.data], opening)
        opened.append(Opened(case, same_words=case.idempotency_key != opening.idempotency_key))

    account = choices.accounts.chosen
    place = account.organization_id if account is not None else None

    def check() -> bool:
        answered = own.check(account.id if account is not None else None, enforce=False)
        return is_copy_confirmed(context, form, place) and answered

    status = submit_form(form, act, check=check)
    if status:
        return render_page(context, form, own, types, files, status)
    case = by_key(context, f"{choices.accounts.valid.key}-{opened[0].case.number}")
    flash(same_words_sentence() if opened[0].same_words else _("Case %(key)s is open.", key=case.key))
    return see(url_for("desk.show", key=case.key))


@desk.get("/new/promise")
@requires(Permission.CASE_OPEN_FOR_OTHERS)
def beside_new() -> Any:
    """The panels beside the form, for the values chosen so far."""
    context, form = ctx(), DeskCaseForm(request.args)
    choices = fill_desk_choices(context, form, request_types(context))
    account = choices.accounts.chosen
    question, kind = severity_question(context), choices.types.get(form.type.data or "")
    return page_or_fragment(
        "desk/side_panels.html",
        "cases/_levels.html" if request.args.get("levels") else "cases/_side_panels.html",
        form=form,
        kind=kind,
        question=question,
        account=account,
        base="/desk/new",
        **side_panels(context, form, account, question, kind),
    )


def chosen_type(types: Sequence[RequestType], key: str) -> RequestType | None:
    """The request type *key*; the only one where there is no other; else None."""
    return types[0] if len(types) == 1 else next((row for row in types if row.key == key), None)


def fill_desk_choices(context: Context, form: DeskCaseForm, offered: Sequence[RequestType]) -> Choices:
    """Fill the choices of the form with what the actor may use, of the types *offered*."""
    types = {row.key: row for row in offered}
    form.type.choices = [("", _("Choose a request type")), *((row.key, row.name) for row in types.values())]
    if len(types) == 1:
        form.type.choices = form.type.choices[1:]
        form.type.data = form.type.data or form.type.choices[0][0]
    first = next(iter(types.values()), None)
    accounts = fill_choices(context, first, form) if first is not None else OfferedAccounts((), None)
    return Choices(accounts, types)


def render_page(
    context: Context,
    form: DeskCaseForm,
    own: OwnFields,
    types: Sequence[RequestType],
    files: list[uuid.UUID],
    status: int = 200,
    *,
    asked: str = "",
    picked: bool = False,
    looks_for_caller: bool = False,
) -> Any:
    """The page of the form: people of the account, open cases of the person, expected readers.

    *asked*: the words in "Caller". *picked*: the person was just chosen there, and their number is filled in.
    *looks_for_caller*: the page begins there.
    """
    choices = fill_desk_choices(context, form, types)
    if not choices.accounts.rows:
        raise Forbidden(_("There is no account for which you could open a case."), ("agent", "lead", "admin"))
    account = choices.accounts.chosen
    if account is not None:
        usable = {row.key for row in request_types(context, [account.id])}
        form.type.choices = [c for c in form.type.choices if c[0] in ("", form.type.data) or c[0] in usable]
    people = list(people_of(context, account.id, limit=PEOPLE_LIMIT)) if account else []
    wanted = ids.parse_id(form.contact.data)
    if account and wanted and len(people) == PEOPLE_LIMIT and all(row.id != wanted for row, _user in people):
        people += people_of(context, account.id, contact_id=wanted)
    contact = next((user for row, user in people if row.id == wanted), None)
    if picked and contact and not form.phone.data:
        form.phone.data = contact.phone
    kind = choices.types.get(form.type.data or "")
    if not form.visibility.data:
        form.visibility.data = "private"
    question = severity_question(context)
    return page(
        "desk/new.html",
        status,
        **side_panels(context, form, account, question, kind),
        form=form,
        account=account,
        accounts=choices.accounts.rows,
        people=contact_options(context, people),
        contact=contact,
        kind=kind,
        own_fields=own.shown(account.id if account else None),
        question=question,
        readers=expected_readers(context, account) if account else None,
        waiting=open_cases_of(context, contact.id) if contact else [],
        picked=picked,
        looks_for_caller=looks_for_caller,
        typed=asked,
        **caller_values(context, asked),
        staged=upload_rows(context, files),
    )
