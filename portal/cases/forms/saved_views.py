"""The forms of saved views of the desk and of saved filters of the portal."""

from flask_babel import lazy_gettext as _l

from portal.cases.actions.saved_views import NAME_LIMIT
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field, flag_field, line_field


class SavedFilterForm(VersionedForm):
    """`POST /cases/filters/new`: the name; the filters stand in the address."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=NAME_LIMIT)


class SavedViewForm(SavedFilterForm):
    """`POST /desk/views/new`: also who finds the view, and whether it stands in one's own menu."""

    audience = choice_field(_l("Who finds it"), wrong=_l("Choose who finds it"))
    department = choice_field(_l("Department"), wrong=_l("Choose one of the departments"))
    pinned = flag_field(_l("Show it in my menu, with the number of its cases"))
