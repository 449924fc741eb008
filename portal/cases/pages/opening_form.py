"""The form that opens a case, for both sides: choices, parsing, panels beside it, expected readers."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import form_fields
from portal.cases.actions.opening import Opening, OpeningLocation
from portal.cases.audience import Viewer, VisibilityFacts, find_viewers
from portal.cases.forms.fields import idempotency_key, select_options
from portal.cases.forms.opening import CaseForm
from portal.cases.forms.request_fields import with_own_fields
from portal.cases.labels import environment_label
from portal.cases.models import Case, RequestType
from portal.cases.pages.request_fields import OwnFields, languages
from portal.cases.panels import Draft, Panel, merge_panel_values, panels_at
from portal.cases.queries.people import candidate_viewers
from portal.cases.queries.request_fields import fields_of
from portal.cases.queries.severity_question import SeverityQuestion
from portal.identity.queries import primary_email
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.models import Account
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import environments as environment_queries
from portal.web.current import ctx
from portal.web.drafts import open_form

# Fields that keep people informed. With so many optional ones, those are folded away.
DETAIL_FIELDS = ("phone", "email", "cc", "visibility", "department", "notify")
FOLDED_FROM = 4


def parse_opening(form: CaseForm, files: list[uuid.UUID], own: OwnFields) -> Opening:
    """The content of the form; raises Refused with the field for a malformed value."""
    contact = (form.contact.data or "").strip()
    contact_id = ids.parse_id(contact)
    if contact and contact_id is None and contact not in ("me", "new"):
        raise Refused(_("Choose the person who is affected"), "contact")
    environment = (form.environment.data or "").strip()
    return Opening(
        subject=form.subject.data,
        description=form.description.data,
        contact_id=contact_id,
        environment_id=ids.parse_id(environment),
        severity=form.rank(),
        impact=(form.severity.data or "") if ctx().provider.severity_question == "impact" else "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        cc=form.addresses(),
        visibility=form.visibility.data or "",
        department_id=ids.parse_id(form.department.data),
        notify=form.notify.data,
        staged=files,
        person_name=form.person_name.data or "",
        person_email=form.person_email.data or "",
        idempotency_key=idempotency_key(form),
        form_shown_at=form.form_shown_at(),
        answers=own.typed(),
    )


F = TypeVar("F", bound=CaseForm)


def make_form(context: Context, base: type[F], kind: RequestType | None) -> tuple[F, OwnFields]:
    """The form *base* with the own fields of *kind*, as it was sent, and these."""
    fields = fields_of(kind)
    form = with_own_fields(base, fields, languages(context))()
    own = OwnFields(context, fields, form)
    own.collect_files()
    return form, own


def open_with_own_fields(
    context: Context, base: type[F], kind: RequestType | None, path: str, *, prefilled: bool
) -> tuple[F, OwnFields]:
    """The form *base* with the own fields of *kind* as a GET shows it (`web.drafts.open_form`), and these."""
    fields = fields_of(kind)
    form = open_form(with_own_fields(base, fields, languages(context)), path, prefilled=prefilled)
    own = OwnFields(context, fields, form)
    if form.draft is None:
        own.fill_defaults()
    else:
        own.take_files(form.draft.fields)
    return form, own


@dataclass(frozen=True, slots=True)
class Opened:
    """The result of the form: the case, and whether the same text had opened it shortly before."""

    case: Case
    same_words: bool


def same_words_sentence() -> str:
    """The sentence for a person who sent the same text shortly before, from another rendering of the form."""
    return _("You sent the same text a few minutes ago. This is the case that it opened; nothing was opened twice.")


@dataclass(frozen=True, slots=True)
class OfferedAccounts:
    """The accounts of the form: (id, key, name, organization_id) each, and the one that is chosen."""

    rows: Sequence[Any]
    chosen: Account | None

    @property
    def valid(self) -> Account:
        """The chosen account, once the form is found to be valid."""
        assert self.chosen is not None
        return self.chosen


def fill_choices(context: Context, kind: RequestType, form: CaseForm) -> OfferedAccounts:
    """Fill the choices of the form with what the actor may use; returns the accounts."""
    allowed = [row for row in account_queries.account_choices(context) if may_open_in(context, row)]
    if len(allowed) == 1 and not form.account.data:
        form.account.data = allowed[0].key
    form.account.choices = [("", _("Choose an account")), *((a.key, f"{a.name} ({a.key})") for a in allowed)]
    chosen = next((row for row in allowed if row.key == form.account.data), None)
    account = account_queries.account_by_key(context, chosen.key) if chosen is not None else None
    environments = environment_queries.active_environments(context, [account.id]) if account else []
    if environments and len(environments) == 1 and form.environment.data is None:
        form.environment.data = str(environments[0].id)
    form.environment.choices = [("", _("I don't know")), *((str(e.id), environment_label(e)) for e in environments)]
    asked = context.actor.is_contact and form_fields.mode_of(kind, "department") == form_fields.REQUIRED
    nothing = _("Choose a department") if asked else _("Choose for me")
    form.department.choices = select_options(department_queries.active_departments(context), ("", nothing))
    return OfferedAccounts(allowed, account)


def may_open_in(context: Context, account: Any) -> bool:
    """Whether the actor may open cases in *account* (an Account, or its row among the choices), or in one environment
    of it."""
    spots = [OpeningLocation(account.organization_id, account.id, row.environment_id) for row in context.actor.access]
    return any(
        can(context.actor, Permission.CASE_OPEN, spot)
        for spot in [OpeningLocation(account.organization_id, account.id, None), *spots]
    )


def side_panels(
    context: Context, form: CaseForm, account: Account | None, question: SeverityQuestion, kind: RequestType | None
) -> dict[str, Any]:
    """The panels beside the form (`panels`) and the notes beside its severities (`asides`).

    The form stores the current time, so that the panels can be computed again for the moment when they were shown.
    """
    wanted = ids.parse_id(form.environment.data)
    found = (
        environment_queries.active_environments(context, [account.id])
        if account is not None and wanted is not None
        else []
    )
    asks = question.cards and (kind is None or kind.asks_severity)
    rank = question.rank_of(form.severity.data) if asks else (kind.default_rank if kind else None)
    draft = Draft(
        account,
        next((row for row in found if row.id == wanted), None),
        question.ranks,
        rank,
        ids.parse_id(form.contact.data),
        kind,
    )
    panels: list[Panel] = panels_at(context, "form", draft)
    form.shown_at.data = context.now.isoformat()
    return {"panels": panels, "asides": merge_panel_values(panels, "asides")}


@dataclass(frozen=True, slots=True)
class DetailFields:
    """The fields that keep people informed: the shown and the folded ones, and whether the fold is open."""

    shown: list[str]
    folded: list[str]
    is_open: bool


def detail_fields(
    context: Context, form: CaseForm, fields: Mapping[str, str], account: Account | None, *, for_others: bool
) -> DetailFields:
    """Fold the optional ones of *fields* (with their modes) if there are `FOLDED_FROM` or more.

    The fold is open if one of its fields has an error, or a value that the form did not prefill.
    """
    present = {name: mode for name, mode in fields.items() if name in DETAIL_FIELDS}
    if len(form.department.choices) < 2:
        present.pop("department", None)
    if not for_others:
        present.pop("notify", None)
    if account is None:
        present.pop("visibility", None)
    optional = [name for name, mode in present.items() if mode == form_fields.OPTIONAL]
    folded = optional if len(optional) >= FOLDED_FROM else []
    # A form that nobody sent yet holds nothing but what was prefilled.
    sent = [name for name in folded if form[name].raw_data is not None]
    prefilled = prefilled_details(context, account) if sent else {}
    is_open = any(form[name].errors or (form[name].data or "") != prefilled[name] for name in sent)
    return DetailFields([name for name in present if name not in folded], folded, is_open)


def prefilled_details(context: Context, account: Account | None) -> dict[str, Any]:
    """The values of these fields in an empty form."""
    return {
        **dict.fromkeys(DETAIL_FIELDS, ""),
        "phone": context.person.phone,
        "email": primary_email(context, context.person.id),
        "visibility": account.organization.default_visibility if account is not None else "",
        "notify": True,
    }


@dataclass(frozen=True, slots=True)
class ExpectedReaders:
    """Who of the client's side would read a case that is not opened yet, if private and if shared."""

    private: list[Viewer]
    shared: list[Viewer]


def expected_readers(
    context: Context,
    account: Account,
    contact_user_id: uuid.UUID | None = None,
    *,
    let_in: Collection[uuid.UUID] = (),
) -> ExpectedReaders:
    """The readers of a case for the actor or for *contact_user_id* (DESIGN 2.4). Opening it lets *let_in* into it by
    name."""
    me = context.person.id
    grants = frozenset((one, "reader") for one in let_in)
    facts = VisibilityFacts(account.organization_id, account.id, None, "private", me, contact_user_id or me, grants)
    candidates = candidate_viewers(context, facts, with_staff=False)
    return ExpectedReaders(
        find_viewers(candidates, facts), find_viewers(candidates, replace(facts, visibility="shared"))
    )
