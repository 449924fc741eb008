"""…/cases/<key>/proposals on both sides: people whom a mail proposes for a case, let in or left out."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.people import PARTICIPANTS, count_participants
from portal.cases.queries.shown_people import copied_organization
from portal.channels.mail.actions import copies as actions
from portal.channels.mail.forms import CopyProposalForm
from portal.channels.mail.queries.copies import open_proposals
from portal.channels.mail.routes.blueprint import case_mail, portal_mail
from portal.kernel.errors import Refused
from portal.kernel.ids import parse_id
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal, requires
from portal.web.htmx import page, see


@case_mail.get("/cases/<key:key>/proposals")
@requires(Permission.CASE_PEOPLE)
def proposals(key: str) -> Any:
    """The people whom mails of the case propose."""
    return _show(_load(key), CopyProposalForm(formdata=None))


@case_mail.post("/cases/<key:key>/proposals")
@requires(Permission.CASE_PEOPLE)
def decide_proposal(key: str) -> Any:
    """Let one of them in, or leave them out."""
    return _decide(key)


@portal_mail.get("/cases/<key:key>/proposals")
@on_portal
def own_proposals(key: str) -> Any:
    """The people whom mails of one's own propose."""
    return _show(_load(key), CopyProposalForm(formdata=None))


@portal_mail.post("/cases/<key:key>/proposals")
@on_portal
def decide_own_proposal(key: str) -> Any:
    """Let one of them in, or leave them out."""
    return _decide(key)


def _load(key: str, *, lock: bool = False) -> Case:
    case = by_key(ctx(), key, lock=lock)
    require(ctx().actor, Permission.CASE_PEOPLE, case)
    return case


def _base(case: Case) -> str:
    return f"/cases/{case.key}" if ctx().actor.is_contact else f"/desk/cases/{case.key}"


def _show(case: Case, form: CopyProposalForm, status: int = 200) -> Any:
    side = "portal" if ctx().actor.is_contact else "desk"
    return page(
        f"channels/mail/copies_{side}.html",
        status,
        case=case,
        form=form,
        base=_base(case),
        proposals=open_proposals(ctx(), case),
        organization=copied_organization(ctx(), case.organization_id),
        may_add_contacts=side == "desk" and can(ctx().actor, Permission.CASE_OPEN_FOR_OTHERS, case.account),
        limit=PARTICIPANTS,
        is_full=count_participants(case) >= PARTICIPANTS,
    )


def _decide(key: str) -> Any:
    form = CopyProposalForm()
    case = _load(key, lock=True)
    said: list[str] = []

    def act() -> None:
        chosen = next((name for name in ("accept", "contact", "dismiss") if form[name].data), None)
        proposal_id = parse_id(form[chosen].data) if chosen else None
        if proposal_id is None:
            raise Refused(_("Choose one of the people"))
        if chosen == "dismiss":
            row = actions.dismiss(ctx(), case, proposal_id)
            said.append(_("%(email)s was left out.", email=row.email))
        else:
            row = actions.accept(ctx(), case, proposal_id, as_contact=chosen == "contact")
            said.append(_("%(email)s is in copy now.", email=row.email))

    status = submit_form(form, act)
    if status:
        return _show(_load(key), form, status)
    flash(said[0])
    return see(f"{_base(case)}/proposals" if open_proposals(ctx(), case) else _base(case))
