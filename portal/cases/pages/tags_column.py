"""The column of lists on the desk with the tags of cases."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from portal.cases.panels import Cells, Column
from portal.cases.queries.tags import tags_by_case
from portal.kernel.context import Context


def tags_column(ctx: Context, rows: Sequence[Any]) -> Column | None:
    """The tags of the cases of a list, for staff; None where none of them has any. No statement where the provider has
    no tags, else one."""
    found = tags_by_case(ctx, [row.id for row in rows])
    if not found:
        return None
    tag = Markup('<span class="tag"><bdi>{}</bdi></span>')
    between = Markup('<span class="visually-hidden">,</span> ')
    cells = {case_id: between.join(tag.format(name) for _id, name in tags) for case_id, tags in found.items()}
    return Column(_("Tags"), "tags", cells=Cells(cells), key="tags")
