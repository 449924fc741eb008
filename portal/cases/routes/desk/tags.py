"""The tags of a case."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import tags as tag_actions
from portal.cases.forms.tags import TagsForm
from portal.cases.models import Case
from portal.cases.pages.verb_page import back_to_case, load_permitted_case, reload_case, render_verb_page
from portal.cases.queries import by_key
from portal.cases.queries.tags import tag_choices, tags_of_case
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/tags")
@requires(Permission.CASE_NOTE)
def tags_form(key: str) -> Any:
    """The tags of a case, each with a button that takes it off."""
    case = load_permitted_case(ctx(), key, Permission.CASE_NOTE)
    return render_page(ctx(), case, TagsForm(formdata=None))


def render_page(context: Context, case: Case, form: TagsForm, status: int = 200) -> Any:
    """The page of the tags of *case*."""
    return render_verb_page(
        context,
        "desk/tags.html",
        case,
        form,
        status,
        tags=tags_of_case(context, case.id),
        tag_names=[name for _id, name in tag_choices(context)],
        most_letters=tag_actions.TAG_LETTERS,
    )


@desk.post("/cases/<key:key>/tags")
@requires(Permission.CASE_NOTE)
def change_tags(key: str) -> Any:
    """Add the tags that were typed, or take one off."""
    context, form = ctx(), TagsForm()
    case = by_key(context, key, lock=True)
    load_permitted_case(context, key, Permission.CASE_NOTE)
    done: list[str] = []

    def act() -> None:
        if form.remove.data:
            tag_id = ids.parse_id(form.remove.data)
            if tag_id is None:
                raise Refused(_("Choose from the list"), "tag")
            done.extend(tag_actions.remove_tag(context, case, tag_id))
        else:
            done.extend(tag_actions.add_tags(context, case, form.tag.data or ""))

    failed = submit_form(form, act)
    if failed:
        return render_page(context, reload_case(context, key, form), form, failed)
    if not done:
        return back_to_case(case, _("Nothing changed."))
    names = ", ".join(done)
    return back_to_case(
        case, _("Tag taken off: %(names)s", names=names) if form.remove.data else _("Tagged: %(names)s", names=names)
    )
