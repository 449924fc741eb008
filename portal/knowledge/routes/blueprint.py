"""The blueprint of articles, and what its pages share."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.knowledge import labels
from portal.knowledge.models import HelpPicture
from portal.knowledge.queries.editing import newest_title
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import FeatureBlueprint, public, requires
from portal.web.htmx import page, see
from portal.web.page_frame import MenuItem, current_frame
from portal.web.rich_text.pictures import TextPicture
from portal.web.rich_text.sections import Section, draw_sections
from portal.web.urls import text_parameter

knowledge = FeatureBlueprint("knowledge", __name__)

reads = requires(Permission.ARTICLE_READ)
writes = requires(Permission.ARTICLE_WRITE)
publishes = requires(Permission.ARTICLE_PUBLISH)
readable = public("articles for everybody are read before sign-in; the scope of articles admits nothing else")


def show(template: str, status: int = 200, /, **values: Any) -> Any:
    """The page *template*, with what every page about articles uses."""
    languages = labels.reader_languages(ctx())
    return page(
        template,
        status,
        category_name=lambda category: labels.category_name(category, languages),
        article_title=lambda article: newest_title(ctx(), article, languages),
        audience_label=labels.audience_label,
        date_label=labels.date_label,
        state_label=labels.state_label,
        language_name=labels.language_name,
        **values,
    )


def draw_article(shown: Sequence[HelpPicture], body: str) -> Sequence[Section]:
    """*body* in sections, with those pictures of *shown* that it names; their addresses are those of the page's
    article."""
    article = (request.view_args or {}).get("article", "")
    view = "knowledge.desk_picture" if request.path.startswith("/desk/") else "knowledge.picture"
    places = {
        row.key: TextPicture(url_for(view, article=article, picture=row.key), row.width, row.height) for row in shown
    }
    return draw_sections(body, places)


def asked_language() -> str:
    """The language that the address asks for."""
    return text_parameter("language", 8)


def show_to_reader(template: str, status: int = 200, /, **values: Any) -> Any:
    """Like `show`; before sign-in the header has the two ways from here."""
    if ctx().person is None:
        frame = current_frame()
        here = request.full_path.rstrip("?")
        frame.surface = "portal"
        frame.nav = [
            MenuItem("help", _("Help"), url_for("knowledge.home"), "book", current=True),
            MenuItem("sign-in", _("Sign in"), url_for("identity.sign_in", next=here), "user"),
        ]
    return show(template, status, **values)


def press(template: str, act: Callable[[], object], after: Callable[[], str], said: str, /, **values: Any) -> Any:
    """Show the page with one button, or do what it says and go on *after* it."""
    form = PressForm()
    status = submit_form(form, act) if request.method == "POST" else 200
    if status:
        return show(template, status, form=form, **values)
    flash(said, "success")
    return see(after())
