"""/admin/sla-policies/runs: long work with progress: recomputing clocks, replaying the past under a draft."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.sla.actions import runs as actions
from portal.sla.queries import runs as run_queries
from portal.sla.routes.blueprint import configures, promises, reads
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, page_or_fragment, see


@promises.get("/admin/sla-policies/runs")
@reads
def runs() -> Any:
    """The newest runs."""
    return page("sla/runs/index.html", rows=run_queries.runs(ctx(), limit=50))


@promises.get("/admin/sla-policies/runs/<uuid:run_id>")
@reads
def run(run_id: uuid.UUID) -> Any:
    """One run: its progress and findings. A page with a script is refreshed until the run is over."""
    context = ctx()
    row = run_queries.run(context, run_id)
    return page_or_fragment(
        "sla/runs/show.html",
        "sla/runs/_run.html",
        row=row,
        findings=run_queries.findings(context, row) if row.kind == "backtest" else [],
    )


@promises.get("/admin/sla-policies/runs/<uuid:run_id>/cancel")
@configures
def cancel_question(run_id: uuid.UUID) -> Any:
    """The question before a run is stopped."""
    return page("sla/runs/cancel.html", row=run_queries.run(ctx(), run_id), form=PressForm())


@promises.post("/admin/sla-policies/runs/<uuid:run_id>/cancel")
@configures
def cancel_run(run_id: uuid.UUID) -> Any:
    """Stop the run before its next batch."""
    context, form = ctx(), PressForm()
    row = run_queries.run(context, run_id)
    status = submit_form(form, lambda: actions.cancel_run(context, row))
    if status == 409:
        flash(_("This is already finished."))
        return see(url_for("promises.run", run_id=row.id))
    if status:
        return page("sla/runs/cancel.html", status, row=row, form=form)
    flash(_("Stopped. What was recalculated stays."))
    return see(url_for("promises.run", run_id=row.id))
