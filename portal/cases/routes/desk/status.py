"""The status of a case, changed by staff."""

import datetime as dt
from typing import Any

from babel.dates import format_date
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, upload_rows
from portal.authz.permissions import Permission
from portal.cases.actions import reply_with_status
from portal.cases.actions.reply_with_status import NextStatus
from portal.cases.forms.desk import StatusForm
from portal.cases.forms.fields import feature_answers, form_version, idempotency_key, parse_local_time
from portal.cases.models import Case
from portal.cases.pages.desk_case import available_verbs
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.queries.question_days import unanswered_since
from portal.cases.routes.blueprints import desk
from portal.cases.states import State
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.times import load_zone, reader_zone
from portal.web.urls import text_parameter

STATUS_VERBS = (
    ("start", State.IN_PROGRESS),
    ("wake", State.IN_PROGRESS),
    ("ask", State.WAITING),
    ("hold", State.ON_HOLD),
    ("resolve", State.RESOLVED),
    ("reopen", State.OPEN),
    ("close", State.CLOSED),
)


# What comes with a text that customers read.
PUBLIC_TEXTS = (State.WAITING, State.ON_HOLD, State.RESOLVED, State.OPEN, State.CLOSED)


@desk.get("/cases/<key:key>/status")
@requires(Permission.CASE_STATUS)
def status_form(key: str) -> Any:
    """Show the verbs that change the status; `?set=` selects one."""
    case = load_permitted_case(ctx(), key, Permission.CASE_STATUS)
    form = StatusForm(formdata=None)
    form.status.data = text_parameter("set", 20)
    asked_at = unanswered_since(ctx(), case) if text_parameter("unanswered", 1) else None
    if asked_at is not None:
        form.body.data = no_answer_text(ctx(), case, asked_at)
    return render_page(ctx(), case, form)


def no_answer_text(context: Context, case: Case, asked_at: dt.datetime) -> str:
    """A solution for a question that nobody answered, in the language and zone of whom the case is about."""
    reader = case.contact_user
    with force_locale(reader.locale or context.provider.locale):
        zone = load_zone(reader.zone or context.provider.zone)
        day = str(format_date(asked_at.astimezone(zone), "long", get_locale()))
        return _(
            "We asked on %(day)s and have not heard from you, so we take it that this is solved. If it is not, reject "
            "this solution or simply reply.",
            day=day,
        )


def render_page(context: Context, case: Case, form: StatusForm, status: int = 200, staged: Any = ()) -> Any:
    """The selected verb with its fields, or all verbs."""
    verbs = available_verbs(context, case)
    ways = list(
        dict.fromkeys((to.value, vocabulary(context, "staff").word(to)) for verb, to in STATUS_VERBS if verb in verbs)
    )
    chosen = form.status.data if form.status.data in dict(ways) else ""
    form.once.data = form.once.data or ids.new_id().hex
    values = reading_values(context, case) if chosen in PUBLIC_TEXTS else {"contact_reads": True}
    return render_verb_page(
        context, "desk/status.html", case, form, status, ways=ways, chosen=chosen, staged=staged, **values
    )


@desk.post("/cases/<key:key>/status")
@requires(Permission.CASE_STATUS)
def change_status(key: str) -> Any:
    """Start, ask, hold, wake, resolve, reopen or close."""
    context = ctx()
    load_permitted_case(context, key, Permission.CASE_STATUS)
    form = StatusForm()
    files = collect_files(context, form)
    case = by_key(context, key, lock=True)
    next_status = NextStatus(
        form.status.data or "",
        form.check.data or "",
        form.reason.data or "",
        parse_local_time(form.until.data or "", reader_zone()),
        feature_answers(),
    )
    failed = submit_form(
        form,
        lambda: reply_with_status.change_status(
            context,
            case,
            body=form.body.data or "",
            next_status=next_status,
            staged=files,
            idempotency_key=idempotency_key(form),
            expected_version=form_version(form),
            anyway=form.send_anyway(),
        ),
    )
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed, upload_rows(context, files))
    return back_to_case(case, _("The case is “%(state)s” now.", state=vocabulary(context, "staff").of(case)), "latest")
