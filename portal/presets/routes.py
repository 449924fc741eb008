"""The page of presets: one can be chosen once, before the first case."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.presets import actions, queries
from portal.presets.forms import PresetForm
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import FeatureBlueprint, requires
from portal.web.htmx import page, see

presets = FeatureBlueprint("presets", __name__, url_prefix="/admin/preset")


@presets.get("")
@requires(Permission.PROVIDER_READ)
def choose() -> Response:
    """The available presets, or the one that this portal began with."""
    return show(PresetForm())


@presets.post("")
@requires(Permission.PROVIDER_CONFIGURE)
def load() -> Response:
    """Load the chosen one, by the actions that a person would use."""
    form = PresetForm()
    status = submit_form(form, lambda: actions.install_preset(ctx(), form.preset.data))
    if status:
        return show(form, status)
    flash(_("The portal is set up. You can change everything by hand from now on."), "success")
    return see(url_for("admin.request_types"))


def show(form: PresetForm, status: int = 200) -> Response:
    offered = [(name, queries.preset(name)) for name in queries.preset_names()]
    began = queries.loaded_preset(ctx())
    return page(
        "presets/choose.html",
        status,
        form=form,
        offered=offered,
        untouched=queries.is_untouched(ctx()),
        began=queries.preset(began).title if began in queries.preset_names() else began,
    )
