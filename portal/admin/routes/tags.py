"""/admin/tags: the words that staff put on cases."""

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.tags import TagForm, TagMergeForm
from portal.admin.routes.blueprint import admin, configures, last_changed_by, reads
from portal.cases.actions import tags as tag_actions
from portal.cases.models import Tag
from portal.cases.queries import tags as tag_queries
from portal.kernel import ids
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@admin.get("/tags")
@reads
def tags() -> Response:
    """The provider's tags, with the number of cases that the reader sees."""
    return page("admin/tags.html", rows=tag_queries.known_tags(ctx()), cases=tag_queries.count_cases(ctx()))


@admin.get("/tags/new")
@configures
def new_tag() -> Response:
    """The form of a new tag."""
    return page("admin/tag.html", row=None, form=TagForm())


@admin.post("/tags/new")
@configures
def add_tag() -> Response:
    """Put a tag on the list."""
    form = TagForm()
    status = submit_form(form, lambda: tag_actions.add_tag(ctx(), name=form.name.data))
    if status:
        return page("admin/tag.html", status, row=None, form=form)
    flash(_("%(name)s was added.", name=form.name.data), "success")
    return see(url_for("admin.tags"))


@admin.get("/tags/<uuid:tag_id>")
@reads
def tag(tag_id: uuid.UUID) -> Response:
    """One tag."""
    row = tag_queries.tag(ctx(), tag_id)
    return page("admin/tag.html", row=row, form=TagForm(obj=row, version=tag_version(row)))


@admin.post("/tags/<uuid:tag_id>")
@configures
def change_tag(tag_id: uuid.UUID) -> Response:
    """Rename, retire or restore a tag."""
    row, form = tag_queries.tag(ctx(), tag_id, lock=True), TagForm()
    status = submit_form(
        form,
        lambda: tag_actions.change_tag(ctx(), row, name=form.name.data, active=form.active.data),
        current=tag_version(row),
        changed_by=last_changed_by(row.id),
    )
    if status:
        return page("admin/tag.html", status, row=row, form=form)
    flash(_("Saved."), "success")
    return see(url_for("admin.tags"))


@admin.get("/tags/<uuid:tag_id>/merge")
@configures
def tag_question(tag_id: uuid.UUID) -> Response:
    """Which tag takes the place of this one."""
    row = tag_queries.tag(ctx(), tag_id)
    return show_merge(row, merge_form(row, TagMergeForm(formdata=None, version=tag_version(row))))


@admin.post("/tags/<uuid:tag_id>/merge")
@configures
def merge_tag(tag_id: uuid.UUID) -> Response:
    """Put another tag in place of this one on every case."""
    row = tag_queries.tag(ctx(), tag_id)
    form = merge_form(row, TagMergeForm())

    def act() -> None:
        target = ids.parse_id(form.target.data)
        tag_actions.merge_tags(ctx(), row, tag_queries.tag(ctx(), target or tag_id))

    name = row.name
    status = submit_form(form, act, current=tag_version(row), changed_by=last_changed_by(row.id))
    if status:
        return show_merge(row, form, status)
    flash(_("%(name)s was merged.", name=name), "success")
    return see(url_for("admin.tags"))


def merge_form(row: Tag, form: TagMergeForm) -> TagMergeForm:
    """*form* with the tags that may take the place of *row*."""
    others = [(str(tag_id), name) for tag_id, name in tag_queries.tag_choices(ctx()) if tag_id != row.id]
    form.target.choices = [("", _("Choose a tag")), *others]
    return form


def show_merge(row: Tag, form: TagMergeForm, status: int = 200) -> Response:
    """The question which tag takes the place of *row*."""
    return page("admin/tag_merge.html", status, row=row, form=form)


def tag_version(row: Tag) -> str:
    """What a form of *row* was drawn from."""
    return fingerprint(row.name, row.active)
