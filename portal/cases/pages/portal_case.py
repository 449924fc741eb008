"""The case page of the portal (P-06)."""

from collections.abc import Sequence
from typing import Any

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.actions.details import may_edit_own_text
from portal.cases.actions.joins import may_join
from portal.cases.actions.reopening import leads_to_new_case
from portal.cases.forms.conversation import ReplyForm
from portal.cases.models import Case, Message
from portal.cases.panels import panels_of
from portal.cases.queries import conversation, joins, links, people, shown_people
from portal.cases.queries.mentions import people_on_case
from portal.cases.queries.names import names_in
from portal.cases.queries.nobody_reads import absent_people
from portal.cases.queries.shown_people import ShownGrant
from portal.cases.rules import may_close
from portal.cases.timeline import entries
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.web.htmx import page
from portal.web.urls import id_parameter


def render_case(
    context: Context,
    case: Case,
    form: ReplyForm,
    status: int = 200,
    staged: Any = (),
    template: str = "cases/show.html",
    **values: Any,
) -> Any:
    """The page with *form* as the composer; *values* are for another *template*."""
    before = id_parameter("before")
    shown = conversation.conversation(context, case, before=before)
    events = conversation.case_events(context, case)
    names = names_in(context, events)
    grants = shown_people.shown_grants(context, case)
    return page(
        template,
        status,
        case=case,
        form=form,
        staged=staged,
        older=shown.has_older,
        messages=shown.messages,
        timeline=entries(case, shown, events, names, staff_side=False, grants=grants),
        grants=grants,
        subscription=people.subscription(context, case),
        linked=links.linked_cases(context, case),
        severity_name=names.get(f"severity:{case.severity}", str(case.severity)),
        asked_name=names.get(f"severity:{case.severity_asked}", ""),
        labels=labels,
        solution=shown.solution,
        workaround=conversation.pinned_workaround(context, case, shown.messages) if case.unresolved else None,
        question=shown.question if case.state == "waiting" else None,
        panels=panels_of(context, case),
        **composer_values(context, case, grants),
        has_accepted=joins.has_accepted(context, case),
        taken_as_thanks=not case.unresolved and is_taken_as_thanks(context, shown.messages, events),
        **values,
    )


def mentionable_names(context: Context, case: Case, grants: Sequence[ShownGrant] | None) -> list[str]:
    """The names that a reply can call behind an @."""
    shown = shown_people.shown_grants(context, case) if grants is None else grants
    return [name for _id, name in people_on_case(context, case, shown)]


def composer_values(context: Context, case: Case, grants: Sequence[ShownGrant] | None = None) -> dict[str, Any]:
    """The values of the composer, on the case page and on its own page. *grants*: those of the case, if they are read
    already."""
    may = case_permissions(context, case)
    return {
        "may": may,
        "mentionable": mentionable_names(context, case, grants) if may["reply"] else [],
        "absent": absent_people(context, case) if may["reply"] else [],
        "names_new_contact": can(context.actor, Permission.ORGANIZATION_PEOPLE, case),
    }


def is_taken_as_thanks(context: Context, messages: Sequence[Message], events: Sequence[Event]) -> bool:
    """Whether the last public message is the reader's own, and only thanked: they may have meant more."""
    last = messages[-1] if messages else None
    if last is None or last.author_id != context.actor.user_id:
        return False
    return any(e.name == "case.replied" and e.facts["thanks"] and e.facts["message"] == str(last.id) for e in events)


def case_permissions(context: Context, case: Case) -> dict[str, bool]:
    """What the actor may do with the case, by button. The actions check the same."""
    wanted = {
        "reply": Permission.CASE_REPLY,
        "accept": Permission.CASE_ACCEPT,
        "close": Permission.CASE_CLOSE,
        "reopen": Permission.CASE_REOPEN,
        "share": Permission.CASE_SHARE,
        "people": Permission.CASE_PEOPLE,
        "exclude": Permission.CASE_EXCLUDE,
        "follow": Permission.CASE_FOLLOW,
    }
    found = {name: can(context.actor, permission, case) for name, permission in wanted.items()}
    found["join"] = may_join(context, case)
    found["close"] = found["close"] and may_close(context.provider.who_closes, "contact")
    found["edit"] = may_edit_own_text(context, case)
    found["new_case"] = leads_to_new_case(context, case)
    return found
