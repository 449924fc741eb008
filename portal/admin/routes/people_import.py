"""/admin/import: people and their companies from a file, and several people at once: preview first, then the import."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.admin.forms.import_file import COLUMNS, ImportFile, column_name, read_file
from portal.admin.forms.import_rows import clean_rows
from portal.admin.forms.people_import import ImportFileForm, ImportForm, SeveralPeopleForm, file_content
from portal.admin.labels import fate_label, part_names
from portal.admin.routes.blueprint import admin, configures
from portal.authz.roles import ContactRole
from portal.kernel.spreadsheets import write_csv
from portal.tenants.actions import import_drafts as actions
from portal.tenants.models import ImportDraft, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import import_drafts as draft_queries
from portal.tenants.queries import organizations as organization_queries
from portal.tenants.queries.import_plan.objects import Fate
from portal.tenants.queries.import_plan.planning import plan_import
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, page_or_fragment, see, wants_fragment
from portal.web.role_labels import role_choices
from portal.web.urls import list_page

# Rows on one page of a preview.
SIZE = 100
# The states of a draft in which its rows are shown; in the others a worker is at it.
SHOWN = ("ready", "done")
OUTDATED = _l(
    "Since this list was made, something changed for some of its rows, so nothing was imported. Look at the list again."
)
ENCODINGS = {"cp1250": "Windows-1250", "cp1252": "Windows-1252", "utf-16": "UTF-16"}
EXAMPLE = {
    "organization": "Acme",
    "account_key": "ACME",
    "account_name": "Acme Support",
    "environment": "Production",
    "kind": "production",
    "access": "account",
    "name": "Una Novak",
    "email": "una@acme.example",
    "phone": "+48 22 000 00 00",
    "title": "Head of IT",
    "role": "organization_admin",
    "language": "en",
    "zone": "Europe/Warsaw",
}


@admin.get("/import")
@configures
def people_import() -> Response:
    return show_upload(ImportFileForm())


@admin.post("/import")
@configures
def upload_people() -> Response:
    form, made = ImportFileForm(), list[ImportDraft]()

    def act() -> None:
        name, content = file_content(form)
        made.append(keep(name, read_file(content)))

    status = submit_form(form, act)
    if status:
        return show_upload(form, status)
    return see(url_for("admin.import_preview", draft_id=made[0].id))


def show_upload(form: ImportFileForm, status: int = 200) -> Response:
    """The form beside what each column holds."""
    names = [(column, column_name(column)) for column in COLUMNS if column in EXAMPLE]
    return page(
        "admin/import.html",
        status,
        form=form,
        columns=names,
        example=EXAMPLE,
        roles=role_choices(ContactRole),
        recent=draft_queries.recent_imports(ctx()),
    )


@admin.get("/import/template.csv")
@configures
def import_template() -> Response:
    """A file with the headings and one row that shows what goes where."""
    return csv_file("parley-people.csv", [[column_name(column) for column in EXAMPLE], list(EXAMPLE.values())])


def keep(name: str, file: ImportFile) -> ImportDraft:
    return actions.store_draft(ctx(), name=name, encoding=file.encoding, headings=file.headings, rows=file.rows)


def file_of(draft: ImportDraft) -> ImportFile:
    """The file as it was read."""
    return ImportFile(draft.headings, [(number, cells) for number, cells in draft.rows], draft.encoding)


@admin.get("/import/<uuid:draft_id>")
@configures
def import_preview(draft_id: uuid.UUID) -> Response:
    """The preview, or what became of the rows; while a worker is at it how far it is, refreshed by a page with a script
    until it is over."""
    if draft_queries.import_progress(ctx(), draft_id).state not in SHOWN:
        return show_progress(draft_id)
    if wants_fragment():
        return see(url_for("admin.import_preview", draft_id=draft_id))
    draft = draft_queries.import_draft(ctx(), draft_id)
    fates = current_fates(draft)
    return show_draft(draft, fates, ImportForm(version=fingerprint(fates)))


def show_progress(draft_id: uuid.UUID, form: PressForm | None = None, status: int = 200) -> Response:
    """How far the worker is."""
    draft = draft_queries.import_progress(ctx(), draft_id)
    values = {"draft": draft, "form": form or PressForm(formdata=None)}
    return page_or_fragment("admin/import_progress.html", "admin/_import_progress.html", status, **values)


@admin.post("/import/<uuid:draft_id>")
@configures
def import_rows(draft_id: uuid.UUID) -> Response:
    """Import what was previewed, or let a worker do it. Where something changed since, the preview is shown again and
    nothing is done."""
    draft, form = draft_queries.import_draft(ctx(), draft_id, lock=True), ImportForm()
    if draft.state not in SHOWN:
        return show_progress(draft_id, status=409)
    fates = current_fates(draft)

    def act() -> None:
        if len(fates) > actions.IMPORTED_AT_ONCE:
            actions.start_import(ctx(), draft, fates, invite=form.invite.data)
        else:
            actions.import_draft(ctx(), draft, clean_rows(file_of(draft)), invite=form.invite.data)

    status = submit_form(form, act, current=fingerprint(fates), changed_by=lambda: str(OUTDATED))
    if status:
        return show_draft(draft, fates, form, status)
    if draft.state != "done":
        return see(url_for("admin.import_preview", draft_id=draft.id))
    number = sum(1 for facts in draft.fates if facts["fate"] in ("made", "changed"))
    flash(ngettext("%(num)d row was imported.", "%(num)d rows were imported.", number), "success")
    return see(url_for("admin.import_preview", draft_id=draft.id))


@admin.get("/import/<uuid:draft_id>/stop")
@configures
def show_stop_import(draft_id: uuid.UUID) -> Response:
    """A reload of the verb: the page that has its button."""
    draft = draft_queries.import_progress(ctx(), draft_id)
    return see(url_for("admin.import_preview", draft_id=draft.id))


@admin.post("/import/<uuid:draft_id>/stop")
@configures
def stop_import(draft_id: uuid.UUID) -> Response:
    """Stop before the next batch; what is in stays."""
    draft, form = draft_queries.import_draft(ctx(), draft_id, lock=True), PressForm()
    status = submit_form(form, lambda: actions.stop_work(ctx(), draft))
    if status == 409:
        flash(_("This is already finished."))
        return see(url_for("admin.import_preview", draft_id=draft.id))
    if status:
        return show_progress(draft.id, form, status)
    flash(_("Stopped. Nothing was imported yet.") if draft.state == "ready" else _("Stopped. What is done stays."))
    return see(url_for("admin.import_preview", draft_id=draft.id))


@admin.get("/import/<uuid:draft_id>/refused.csv")
@configures
def refused_rows(draft_id: uuid.UUID) -> Response:
    """The refused rows as they came, with a column that says why: to be repaired and sent again."""
    draft = draft_queries.import_draft(ctx(), draft_id)
    problems = {
        facts["number"]: "; ".join(f"{column_name(column)}: {sentence}" for column, sentence in facts["problems"])
        for facts in current_fates(draft)
        if facts["fate"] == "refused"
    }
    file = file_of(draft)
    # The reason of an earlier round gives way to that of this one.
    kept = [n for n, heading in enumerate(file.headings) if not file.is_reason(heading)]
    head = [*(file.headings[n] for n in kept), _("Why it was refused")]
    lines = [
        [*(cells[n] if n < len(cells) else "" for n in kept), problems[number]]
        for number, cells in file.rows
        if number in problems
    ]
    return csv_file("refused.csv", [head, *lines])


@admin.get("/import/<uuid:draft_id>/invite")
@configures
def show_invite_imported(draft_id: uuid.UUID) -> Response:
    """A reload of the verb: the page that has its button."""
    draft = draft_queries.import_draft(ctx(), draft_id)
    return see(url_for("admin.import_preview", draft_id=draft.id))


@admin.post("/import/<uuid:draft_id>/invite")
@configures
def invite_imported(draft_id: uuid.UUID) -> Response:
    draft, sent, form = draft_queries.import_draft(ctx(), draft_id, lock=True), list[int | None](), PressForm()
    if draft.state not in SHOWN:
        return show_progress(draft_id, status=409)
    status = submit_form(form, lambda: sent.append(actions.invite_imported(ctx(), draft)))
    if status:
        fates = current_fates(draft)
        return show_draft(draft, fates, ImportForm(formdata=None, version=fingerprint(fates)), status)
    if sent[0] is not None:
        flash(ngettext("%(num)d invitation was sent.", "%(num)d invitations were sent.", sent[0]), "success")
    return see(url_for("admin.import_preview", draft_id=draft.id))


def current_fates(draft: ImportDraft) -> list[dict[str, Any]]:
    """What became of each row, or what would at this moment."""
    if draft.fates:
        return list(draft.fates)
    return [actions.fate_facts(result) for result in plan_import(ctx(), clean_rows(file_of(draft))).fates]


def show_draft(draft: ImportDraft, fates: Sequence[dict[str, Any]], form: ImportForm, status: int = 200) -> Response:
    """The rows with their fates, a page of them, and the question; after the import what became of them."""
    file, done = file_of(draft), draft.state == "done"
    counts = {fate.value: sum(1 for facts in fates if facts["fate"] == fate.value) for fate in Fate}
    chosen = request.args.get("show", "")
    shown = [facts for facts in fates if not counts.get(chosen) or facts["fate"] == chosen]
    number = max(1, min(list_page(), -(-len(shown) // SIZE)))
    cells = dict(file.cells())
    return page(
        "admin/import_preview.html",
        status,
        draft=draft,
        file=file,
        form=form,
        done=done,
        at_once=len(fates) <= actions.IMPORTED_AT_ONCE,
        counts=counts,
        chosen=chosen if counts.get(chosen) else "",
        good=counts["made"] + counts["changed"],
        rows=shown[(number - 1) * SIZE : number * SIZE],
        total=len(fates),
        found={"number": number, "has_previous": number > 1, "has_next": number * SIZE < len(shown)},
        cells=cells,
        outdated=(form.conflict or OUTDATED) if form.conflict or draft.outdated else "",
        encoding=ENCODINGS.get(draft.encoding, ""),
        fate_label=fate_label,
        part_names=part_names,
        column_name=column_name,
        uninvited=draft_queries.uninvited_count(ctx(), draft) if done else 0,
    )


@admin.get("/organizations/<slug>/people/several")
@configures
def several_people(slug: str) -> Response:
    row, form = organization_queries.organization(ctx(), slug), SeveralPeopleForm()
    offer_access(form, row)
    return page("admin/contacts_several.html", row=row, form=form)


@admin.post("/organizations/<slug>/people/several")
@configures
def preview_several(slug: str) -> Response:
    """Make of the pasted lines what a file would hold, and show the same preview."""
    row, form, made = organization_queries.organization(ctx(), slug), SeveralPeopleForm(), list[ImportDraft]()
    offer_access(form, row)

    def act() -> None:
        key, environment = contact_queries.place_names(ctx(), row, form.place.data)
        access = "environment" if environment else "account"
        head = ["Organization", "Account key", "Environment", "Access", "Role", "Name", "Email"]
        rows = [
            (number, [row.name, key, environment, access, form.role.data or "", name, email])
            for number, (name, email) in enumerate(form.people(), 1)
        ]
        made.append(keep("", ImportFile(head, rows)))

    status = submit_form(form, act)
    if status:
        return page("admin/contacts_several.html", status, row=row, form=form)
    return see(url_for("admin.import_preview", draft_id=made[0].id))


def offer_access(form: SeveralPeopleForm, row: Organization) -> None:
    """Let *form* offer the places of *row*, and the roles."""
    form.place.choices = contact_queries.access_choices(ctx(), account_queries.accounts_of(ctx(), row))
    form.role.choices = role_choices(ContactRole)


def csv_file(name: str, rows: Sequence[Sequence[str]]) -> Response:
    """*rows* as a file to save."""
    answer = Response(write_csv(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
