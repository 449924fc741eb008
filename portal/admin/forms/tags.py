"""Forms of tags."""

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field, flag_field, line_field


class TagForm(VersionedForm):
    """`POST /admin/tags/new` and `POST /admin/tags/<id>`."""

    name = line_field(_l("Name"), need=_l("Write a tag"), limit=80)
    active = flag_field(_l("In use"), default=True)


class TagMergeForm(VersionedForm):
    """`POST /admin/tags/<id>/merge`: the tag that takes its place."""

    target = choice_field(_l("Tag that takes its place"), need=_l("Choose another tag"))
