"""The form that selects a preset."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.presets import queries
from portal.web.forms import Form, choice_field


class PresetForm(Form):
    preset = choice_field(
        _l("Preset to start with"), need=_l("Choose one of the presets"), wrong=_l("Choose one of the presets")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preset.choices = [("", ""), *((name, queries.preset(name).title) for name in queries.preset_names())]
