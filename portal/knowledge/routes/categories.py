"""/desk/help/categories: the headings under which articles stand."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.knowledge.actions import categories as actions
from portal.knowledge.forms.categories import CategoryForm, category_form
from portal.knowledge.labels import language_choices
from portal.knowledge.models import HelpCategory
from portal.knowledge.queries import editing, reading
from portal.knowledge.routes.blueprint import knowledge, press, publishes, reads, show
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import see


@knowledge.get("/desk/help/categories")
@reads
def categories() -> Any:
    """Every category, with the number of its articles."""
    context = ctx()
    return show(
        "knowledge/desk/categories.html", rows=reading.categories(context), sizes=editing.category_sizes(context)
    )


@knowledge.route("/desk/help/categories/new", methods=["GET", "POST"])
@publishes
def new_category() -> Any:
    """Add a category."""
    form = category_form(language_choices(ctx()))
    return _write(form, None, lambda: actions.add_category(ctx(), names=form.names(), position=form.position.data or 0))


@knowledge.route("/desk/help/categories/<category>", methods=["GET", "POST"])
@publishes
def change_category(category: str) -> Any:
    """Rename and move a category."""
    row = editing.category(ctx(), category, lock=request.method == "POST")
    form = category_form(language_choices(ctx()), row)

    def act() -> None:
        actions.change_category(ctx(), row, names=form.names(), position=form.position.data or 0)

    return _write(form, row, act)


@knowledge.route("/desk/help/categories/<category>/delete", methods=["GET", "POST"])
@publishes
def delete_category(category: str) -> Any:
    """Delete a category without articles."""
    row = editing.category(ctx(), category, lock=request.method == "POST")
    return press(
        "knowledge/desk/category_delete.html",
        lambda: actions.remove_category(ctx(), row),
        lambda: url_for("knowledge.categories"),
        _("The category was deleted."),
        category=row,
    )


def _write(form: CategoryForm, row: HelpCategory | None, act: Any) -> Any:
    current = row.version if row else None
    status = submit_form(form, act, current=current) if request.method == "POST" else 200
    if status:
        return show("knowledge/desk/category.html", status, form=form, category=row, languages=language_choices(ctx()))
    flash(_("Saved."), "success")
    return see(url_for("knowledge.categories"))
