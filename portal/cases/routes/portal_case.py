"""The case page as the client sees it (P-06)."""

from typing import Any

from flask import redirect, request, url_for

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.actions.details import may_edit_own_text
from portal.cases.forms.conversation import ReplyForm
from portal.cases.models import Case
from portal.cases.panels import panels_at, panels_of
from portal.cases.queries import by_key, conversation, detail, links, people, redirected_key
from portal.cases.queries.names import names_in
from portal.cases.routes import cases
from portal.cases.rules import may_close
from portal.cases.timeline import entries
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page, page_or_fragment, wants_fragment
from portal.web.urls import id_parameter


@cases.get("/cases/<key:key>")
@on_portal
def show(key: str) -> Any:
    """The case, its conversation and what can be done; another spelling or a merged case leads to the right page."""
    context = ctx()
    case = by_key(context, key)
    target = redirected_key(context, case)
    if target and "stay" not in request.args:
        return redirect(url_for("cases.show", key=target, merged=case.key), 308)
    if key != case.key:
        return redirect(url_for("cases.show", key=case.key), 308)
    return show_case(context, case, ReplyForm(formdata=None))


def show_case(
    context: Context,
    case: Case,
    form: ReplyForm,
    status: int = 200,
    staged: Any = (),
    template: str = "cases/show.html",
) -> Any:
    """The page with *form* as the composer."""
    context.notes[detail.SHOWN] = case.id
    before = id_parameter("before")
    messages, older = conversation.conversation(context, case, before=before)
    happened = conversation.case_events(context, case)
    names = names_in(context, happened)
    solution = next((m for m in reversed(messages) if m.kind == "resolution"), None)
    question = next((m for m in reversed(messages) if m.asks), None) if case.state == "waiting" else None
    return page(
        template,
        status,
        case=case,
        form=form,
        staged=staged,
        older=older,
        messages=messages,
        timeline=entries(
            case,
            messages,
            happened,
            names,
            staff_side=False,
            opening_files=conversation.opening_files(context, case),
            older=older,
        ),
        grants=people.grants(context, case),
        wish=people.subscription(context, case),
        linked=links.linked_cases(context, case),
        severity_name=names.get(f"severity:{case.severity}", str(case.severity)),
        asked_name=names.get(f"severity:{case.severity_asked}", ""),
        words=labels,
        solution=solution,
        question=question,
        panels=panels_of(context, case),
        may=permissions(context, case),
    )


def permissions(context: Context, case: Case) -> dict[str, bool]:
    """What the buttons of the page depend on: the same question the actions ask."""
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
    found["close"] = found["close"] and may_close(context.provider.who_closes, "contact")
    found["edit"] = may_edit_own_text(context, case)
    return found


@cases.get("/cases/<key:key>/print")
@on_portal
def printed(key: str) -> Any:
    """The record of the case for paper: the same timeline, without the chrome."""
    context = ctx()
    case = by_key(context, key)
    messages, older = conversation.conversation(context, case)
    happened = conversation.case_events(context, case)
    names = names_in(context, happened)
    return page(
        "cases/print.html",
        case=case,
        panels=panels_at(context, "print", case),
        words=labels,
        severity_name=names.get(f"severity:{case.severity}", ""),
        timeline=entries(
            case,
            messages,
            happened,
            names,
            staff_side=False,
            opening_files=conversation.opening_files(context, case),
            older=older,
        ),
    )


@cases.get("/cases/<key:key>/news")
@on_portal
def news(key: str) -> Any:
    """Whether something was said since the page was loaded; asked every 30 seconds by a visible page, 204 if not."""
    context = ctx()
    case = by_key(context, key)
    since = id_parameter("since") or case.id
    fresh = [
        m for m in conversation.public_messages_since(context, case, since) if m.author_id != context.actor.user_id
    ]
    if wants_fragment() and not fresh:
        return "", 204
    return page_or_fragment("cases/news.html", "cases/_news.html", case=case, fresh=fresh, since=since)
