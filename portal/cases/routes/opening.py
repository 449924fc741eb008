"""Opening a case on the portal: the form of P-03."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from portal.attachments.actions import stage
from portal.attachments.queries import staged_files
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import form_fields, labels
from portal.cases.actions.opening import SHOWN_AT, CaseLocation, Opening, submit
from portal.cases.audience import Viewer, VisibilityFacts, find_viewers
from portal.cases.forms.fields import claimed_file_ids, idempotency_key, select_options
from portal.cases.forms.opening import CaseForm
from portal.cases.models import RequestType
from portal.cases.panels import Draft, Panel, merge_panel_values, panels_at
from portal.cases.queries import request_type, severity_question
from portal.cases.queries.lists import similar_shared_cases
from portal.cases.queries.people import candidate_viewers, people_of
from portal.cases.queries.severity_question import SeverityQuestion
from portal.cases.routes import cases
from portal.identity.models import User
from portal.identity.queries import primary_email
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.tenants.models import Account, Contact
from portal.tenants.queries import places
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page, page_or_fragment, see
from portal.web.uploading import stage_plain_files
from portal.web.urls import parameter

PEOPLE_LIMIT = 300


@cases.get("/new/<key>")
@on_portal
def opening_form(key: str) -> Any:
    """The empty form, prefilled from `?account=` and `?subject=`."""
    context = ctx()
    kind = request_type(context, key)
    form = CaseForm(formdata=None)
    form.subject.data = parameter("subject", 140)
    form.account.data = parameter("account", 10).upper()
    form.description.data = kind.template
    form.phone.data = context.person.phone
    form.email.data = primary_email(context, context.person.id)
    form.notify.data = True
    form.once.data = uuid.uuid4().hex
    return show(context, kind, form, [])


@cases.post("/new/<key>")
@on_portal
def open_case(key: str) -> Any:
    """Open the case; a refused form comes back with its text and its files."""
    context = ctx()
    kind = request_type(context, key)
    form = CaseForm()
    files = [*claimed_file_ids(), *stage_plain_files(context, form, stage)]
    accounts = prepare(context, kind, form)
    form_fields.clear_hidden_fields(form, kind)
    if request.form.get("refresh"):
        return show(context, kind, form, files)
    if valid(form) and not form_fields.reject_missing(form, kind):
        try:
            opening = opening_of(form, files)
            note_shown(context, form)
            case = submit(context, accounts[form.account.data], kind, opening)
            return see(url_for("cases.show", key=f"{accounts[form.account.data].key}-{case.number}", opened=1))
        except Refused as refusal:
            form.reject(refusal)
    return show(context, kind, form, files, 422)


def valid(form: Any) -> bool:
    """Validate, and add what went wrong with plain files."""
    fine: bool = form.validate_on_submit()
    problems = getattr(form, "upload_problems", [])
    if problems:
        form.attachments.errors = [*form.attachments.errors, *problems]
    return fine and not problems


def opening_of(form: CaseForm, files: list[uuid.UUID]) -> Opening:
    """What the form says, parsed; Refused with the field for what cannot be read."""
    contact = (form.contact.data or "").strip()
    contact_id = ids.parse(contact)
    if contact and contact_id is None and contact not in ("me", "new"):
        raise Refused(_("Choose the person who is affected"), "contact")
    environment = (form.environment.data or "").strip()
    return Opening(
        subject=form.subject.data,
        description=form.description.data,
        contact_id=contact_id,
        environment_id=ids.parse(environment),
        severity=form.rank(),
        impact=(form.severity.data or "") if ctx().provider.severity_question == "impact" else "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        cc=form.addresses(),
        visibility=form.visibility.data or "",
        department_id=ids.parse(form.department.data),
        notify=form.notify.data,
        staged=files,
        person_name=form.person_name.data or "",
        person_email=form.person_email.data or "",
        once=idempotency_key(form),
    )


def prepare(context: Context, kind: RequestType, form: CaseForm) -> dict[str, Account]:
    """Fill the choices from what the actor may reach; returns the accounts by key."""
    allowed = [a for a in places.accounts(context) if openable(context, a)]
    accounts = {account.key: account for account in allowed}
    if len(allowed) == 1 and not form.account.data:
        form.account.data = allowed[0].key
    form.account.choices = [("", _("Choose an account")), *((a.key, f"{a.name} ({a.key})") for a in allowed)]
    account = accounts.get(form.account.data or "")
    environments = places.environments(context, [account.id]) if account else []
    if environments and len(environments) == 1 and form.environment.data is None:
        form.environment.data = str(environments[0].id)
    form.environment.choices = [("", _("I don't know")), *((str(e.id), environment_label(e)) for e in environments)]
    form.department.choices = select_options(places.departments(context), ("", _("Choose for me")))
    return accounts


def openable(context: Context, account: Account) -> bool:
    """Whether the actor may open cases somewhere in *account*: as a whole, or in one environment of it."""
    spots = [CaseLocation(account.organization_id, account.id, row.environment_id) for row in context.actor.access]
    return any(
        can(context.actor, Permission.CASE_OPEN, spot)
        for spot in [CaseLocation(account.organization_id, account.id, None), *spots]
    )


def environment_label(environment: Any) -> str:
    """Name, and the kind where that matters for the severity."""
    if environment.kind == "production":
        return str(environment.name)
    return f"{environment.name} ({labels.kind_label(environment.kind)})"


def show(context: Context, kind: RequestType, form: CaseForm, files: list[uuid.UUID], status: int = 200) -> Any:
    """The page around the form: people, severities with their descriptions, who would see it."""
    accounts = prepare(context, kind, form)
    if not accounts:
        raise Forbidden(_("You can read cases here, but not open them."), ("requester", "member", "coordinator"))
    account = accounts.get(form.account.data or "")
    spots = [CaseLocation(account.organization_id, account.id, None)] if account else []
    spots += [
        CaseLocation(account.organization_id, account.id, row.environment_id) for row in context.actor.access if account
    ]
    fields = form_fields.visible_fields(kind)
    may_for_others = any(can(context.actor, Permission.CASE_OPEN_FOR_OTHERS, spot) for spot in spots)
    for_others = "contact" in fields and account is not None and may_for_others
    people = people_of(context, account.id, limit=PEOPLE_LIMIT) if for_others and account else []
    if not form.visibility.data and account is not None:
        form.visibility.data = account.organization.default_visibility
    question = severity_question(context)
    return page(
        "cases/new.html",
        status,
        **beside(context, form, account, question, kind),
        kind=kind,
        form=form,
        account=account,
        accounts=accounts,
        for_others=for_others,
        fields=fields,
        people=[(c, u) for c, u in people if u.id != context.actor.user_id],
        question=question,
        readers=readers(context, account, affected(people, form)) if account else None,
        words=labels,
        staged=[{"id": str(f.id), "name": f.filename, "size": f.size} for f in staged_files(context, files)],
    )


def beside(
    context: Context, form: CaseForm, account: Account | None, question: SeverityQuestion, kind: RequestType | None
) -> dict[str, Any]:
    """What later features say beside the form (`panels`) and beside its severities (`asides`); the form remembers
    when."""
    wanted = ids.parse(form.environment.data)
    found = places.environments(context, [account.id]) if account is not None and wanted is not None else []
    asks = question.cards and (kind is None or kind.asks_severity)
    rank = question.rank_of(form.severity.data) if asks else (kind.default_rank if kind else None)
    draft = Draft(
        account,
        next((row for row in found if row.id == wanted), None),
        question.ranks,
        rank,
        ids.parse(form.contact.data),
        kind,
    )
    panels: list[Panel] = panels_at(context, "form", draft)
    form.shown_at.data = context.now.isoformat()
    return {"panels": panels, "asides": merge_panel_values(panels, "asides")}


def note_shown(context: Context, form: CaseForm) -> None:
    """Remember for this request when what stood beside the form was reckoned; nonsense is nothing."""
    try:
        at = dt.datetime.fromisoformat(form.shown_at.data or "")
    except ValueError:
        return
    if at.tzinfo is not None:
        context.notes[SHOWN_AT] = at


@cases.get("/new/<key>/promise")
@on_portal
def beside_form(key: str) -> Any:
    """What stands beside the form, for the account, environment and severity chosen so far; with `?levels=1` the
    severities too. Without a script the form itself shows it."""
    context = ctx()
    kind = request_type(context, key)
    form = CaseForm(request.args)
    accounts = prepare(context, kind, form)
    account = accounts.get(form.account.data or "")
    question = severity_question(context)
    return page_or_fragment(
        "cases/beside.html",
        "cases/_levels.html" if request.args.get("levels") else "cases/_beside.html",
        form=form,
        kind=kind,
        question=question,
        account=account,
        base=f"/new/{kind.key}",
        **beside(context, form, account, question, kind),
    )


def affected(people: Iterable[tuple[Contact, User]], form: CaseForm) -> uuid.UUID | None:
    """The person whom the form is for, if it is not the one who fills it in."""
    return next((user.id for contact, user in people if str(contact.id) == form.contact.data), None)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who of the client's side would read a case that is not opened yet, by the same rules that will admit them."""

    private: list[Viewer]
    shared: list[Viewer]


def readers(context: Context, account: Account, contact_user_id: uuid.UUID | None = None) -> Readers:
    """The audience before submit (DESIGN 2.4), of a case for the actor or for *contact_user_id*."""
    me = context.person.id
    place = VisibilityFacts(account.organization_id, account.id, None, "private", me, contact_user_id or me)
    candidates = candidate_viewers(context, place, with_staff=False)
    return Readers(find_viewers(candidates, place), find_viewers(candidates, replace(place, visibility="shared")))


@cases.get("/new/<key>/alike")
@on_portal
def alike(key: str) -> Any:
    """Open cases of colleagues, shared ones only, that sound like the subject being typed."""
    context = ctx()
    request_type(context, key)
    asked = parameter("subject", 140)
    found = similar_shared_cases(context, asked) if len(asked) >= 3 else []
    return page_or_fragment("cases/alike.html", "cases/_alike.html", rows=found)
