"""/admin/jobs: workers, queue, failed deliveries and timers, and retrying them."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.admin import labels
from portal.admin.actions import background_jobs as job_actions
from portal.admin.queries import background_jobs as reads
from portal.admin.routes.blueprint import admin, parse_id_or_404
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.notifications import queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see


@admin.get("/jobs")
@requires(Permission.PROVIDER_CONFIGURE)
def jobs() -> Any:
    """Workers and queue, and what they could not do."""
    return page(
        "admin/background_jobs.html",
        machine=reads.worker_status(),
        late=reads.count_late_work(ctx()),
        dead=reads.deliveries(ctx(), "dead"),
        failing=reads.deliveries(ctx(), "pending"),
        timers=reads.failing_timers(ctx()),
        mails=queries.dead_mails(ctx()) if can(ctx().actor, Permission.MAIL_SEE) else (),
        shown=reads.SHOWN,
        task=labels.task_label,
        cause=labels.failure_reason,
        kind_word=labels.mail_kind_label,
    )


@admin.route("/jobs/<delivery_id>/run-again", methods=["GET", "POST"])
@requires(Permission.PROVIDER_CONFIGURE)
def run_again(delivery_id: str) -> Any:
    """Give a dead delivery its tries back."""
    form, row = PressForm(), reads.delivery(ctx(), parse_id_or_404(delivery_id))
    status = submit_form(form, lambda: job_actions.retry_delivery(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page(
            "admin/background_job_retry.html",
            status,
            form=form,
            delivery=row,
            task=labels.task_label,
            cause=labels.failure_reason,
        )
    flash(_("The job is running again."), "success")
    return see("/admin/jobs")
