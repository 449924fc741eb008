"""Putting cases aside: one, or several of a queue."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.bulk import BULK_LIMIT, apply_to_each
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.detail import split_key
from portal.cases.queries.lists import rows_by_keys, views
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.snoozes import actions
from portal.snoozes.forms import BACK, OWN, SnoozeForm
from portal.snoozes.labels import due_warning, offer_label
from portal.snoozes.queries import own_snooze, support_hours
from portal.snoozes.rules import offered_moments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import FeatureBlueprint, requires
from portal.web.htmx import page, see
from portal.web.times import reader_zone, time_words
from portal.web.urls import carried_query

snoozes = FeatureBlueprint("snoozes", __name__)
notes = requires(Permission.CASE_NOTE)


@snoozes.get("/desk/cases/<key:key>/snooze")
@notes
def ask(key: str) -> Any:
    """Ask until when."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_NOTE, case)
    return render_question(ctx(), case, SnoozeForm(formdata=None))


def render_question(context: Context, case: Case, form: SnoozeForm, status: int = 200) -> Any:
    """The moments that are offered; those after the next promise are marked, or once that one is late already."""
    late = due_warning(case.due_at, context.now, context.now)
    options = choices(context, case, warn=not late)
    if not form.until.data and options:
        form.until.data = options[0]["value"]
    snoozed = own_snooze(context, case)
    return page(
        "snoozes/form.html",
        status,
        options=options,
        snoozed=snoozed,
        late=late,
        case=case,
        form=form,
        base=f"/desk/cases/{case.key}",
    )


def choices(context: Context, case: Any, *, warn: bool = False) -> list[dict[str, str]]:
    """The options of the form by the hours of the account of *case*."""
    offers = offered_moments(context.now, reader_zone(), support_hours(context, case))
    found = [
        {
            "value": offer.at.isoformat(),
            "label": offer_label(offer),
            "hint": due_warning(case.due_at, offer.at, context.now) if warn else "",
        }
        for offer in offers
    ]
    return [*found, {"value": OWN, "label": _("A date and time"), "hint": ""}]


@snoozes.post("/desk/cases/<key:key>/snooze")
@notes
def change(key: str) -> Any:
    """Put the case aside until the chosen moment, or take it back."""
    context, form = ctx(), SnoozeForm()
    case = by_key(context, key, lock=True)
    said: list[str] = []

    def act() -> None:
        if form.until.data == BACK:
            actions.end_snooze(context, case)
            said.append(_("The case is back in your queue."))
            return
        until = form.moment(reader_zone())
        actions.snooze(context, case, until)
        warning = due_warning(case.due_at, until, context.now)
        sentence = _("Snoozed until %(when)s.", when=time_words(until))
        said.append(f"{sentence} {warning}".strip())

    failed = submit_form(form, act)
    if failed:
        return render_question(context, by_key(context, key), form, failed)
    flash(said[0])
    # The address of the form carries the queue that the reader came from.
    return see(url_for("desk.show", key=case.key) + carried_query())


@snoozes.get("/desk/snooze")
@notes
def ask_for_several() -> Any:
    """Ask until when for several cases, with the choice in the URL."""
    return render_several(ctx(), SnoozeForm(formdata=None), request.args.getlist("case"))


def render_several(context: Context, form: SnoozeForm, keys: list[str], status: int = 200) -> Any:
    """The question for the cases with *keys*; the moments are those of the first one's account."""
    cases = rows_by_keys(context, keys[:BULK_LIMIT])
    options = choices(context, cases[0]) if cases else []
    if not form.until.data and options:
        form.until.data = options[0]["value"]
    return page("snoozes/several.html", status, form=form, cases=cases, options=options)


@snoozes.post("/desk/snooze")
@notes
def change_several() -> Any:
    """Put several cases aside until the chosen moment."""
    context, form = ctx(), SnoozeForm()
    keys = request.form.getlist("case")
    said: list[str] = []

    def act() -> None:
        if not keys:
            raise Refused(_("Choose at least one case"))
        if len(keys) > BULK_LIMIT:
            raise Refused(_("Choose at most %(most)d cases at a time", most=BULK_LIMIT))
        until = form.moment(reader_zone())
        actions.check_moment(context, until)
        known = [key.upper() for key in keys if split_key(key) is not None]
        late: list[str] = []

        def put_aside(case: Case) -> None:
            actions.snooze(context, case, until)
            if due_warning(case.due_at, until, context.now):
                late.append(case.key)

        outcome = apply_to_each(context, known, put_aside)
        number = len(outcome.changed)
        words = [ngettext("%(num)d case is snoozed.", "%(num)d cases are snoozed.", number)]
        if late:
            words.append(_("A promise is late, or falls due before that: %(keys)s.", keys=", ".join(late)))
        words += [f"{key}: {reason}" for key, reason in outcome.refused[:5]]
        said.append(" ".join(words))

    failed = submit_form(form, act)
    if failed:
        return render_several(context, form, keys, failed)
    flash(said[0])
    return see(queue_address())


def queue_address() -> str:
    """The queue that the reader came from, with its filters, else their own."""
    view = request.args.get("view", "")
    if view not in views():
        return url_for("desk.queue", view="mine")
    return url_for("desk.queue", view=view) + carried_query("view", "case")
