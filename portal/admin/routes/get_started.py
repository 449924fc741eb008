"""/admin/get-started: the way from an empty portal to the first answered case."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin import get_started as steps
from portal.admin.actions.get_started import skip_steps
from portal.admin.forms.get_started import SkipStepForm
from portal.admin.routes.blueprint import admin, configures, reads
from portal.kernel.errors import Refused
from portal.tenants.queries import providers as provider_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see

# The value of the button that skips every step that is left and can be.
ALL = "all"

admin.add_app_template_global(steps.next_setup_step)


@admin.get("/get-started")
@reads
def get_started() -> Response:
    return show_steps(SkipStepForm())


@admin.post("/get-started")
@configures
def skip_step() -> Response:
    """Skip a step, or take it up again."""
    provider, form = provider_queries.own_provider(ctx(), lock=True), SkipStepForm()

    def act() -> None:
        if form.step.data not in (ALL, *steps.OPTIONAL):
            raise Refused(_("Choose a step that can be skipped"), "step")
        chosen = steps.OPTIONAL if form.step.data == ALL else (form.step.data,)
        skip_steps(ctx(), provider, chosen, skipped=not form.resume.data)

    status = submit_form(form, act)
    if status:
        return show_steps(form, status)
    flash(_("The step is open again.") if form.resume.data else _("Skipped. You can take it up again here."), "info")
    return see(url_for("admin.get_started"))


def show_steps(form: SkipStepForm, status: int = 200) -> Response:
    found = steps.find_steps(ctx())
    return page("admin/get_started.html", status, form=form, steps=found, next=steps.next_step(found))
