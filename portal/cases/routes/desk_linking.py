"""Cases that belong together: merging two of one account, moving one to another account."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import links
from portal.cases.forms.links import MergeForm, MoveForm
from portal.cases.models import Case
from portal.cases.queries import by_key, detail
from portal.cases.queries.links import readers_gained_by_merge
from portal.cases.queries.people import people_of
from portal.cases.routes import desk
from portal.cases.routes.desk_pages import again, attempt, small
from portal.cases.routes.desk_verbs import PEOPLE_LIMIT, asked
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.tenants.queries import places
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import see


@desk.get("/cases/<key:key>/merge")
@requires(Permission.CASE_MERGE)
def merge_form(key: str) -> Any:
    """Which case stays?"""
    return merge_page(ctx(), asked(ctx(), key, Permission.CASE_MERGE), MergeForm(formdata=None))


def merge_page(context: Context, case: Case, form: MergeForm, status: int = 200, target: Case | None = None) -> Any:
    """The form; with a target, what it is and who would come to read it."""
    gains = readers_gained_by_merge(context, case, target) if target is not None else []
    return small(context, "desk/merge.html", case, form, status, target=target, gains=gains)


def target_of(context: Context, form: MergeForm) -> Case:
    """The case that the form names; Refused where there is none for this reader."""
    try:
        return by_key(context, (form.target.data or "").strip())
    except NotFound:
        raise Refused(_("There is no such case"), "target") from None


@desk.post("/cases/<key:key>/merge")
@requires(Permission.CASE_MERGE)
def merge(key: str) -> Any:
    """Let it go on in the target; with `preview` only say what would happen."""
    context, form = ctx(), MergeForm()
    case = asked(context, key, Permission.CASE_MERGE)
    found: list[Case] = []
    if request.form.get("preview"):
        failed = attempt(context, form, lambda: found.append(target_of(context, form)))
        return merge_page(context, case, form, failed or 200, found[0] if found else None)
    # Both rows are locked in one order, so that two merges cannot wait for each other.
    wanted = (form.target.data or "").strip().upper()
    for one_key in sorted({case.key, wanted}):
        try:
            by_key(context, one_key, lock=True)
        except NotFound:
            continue

    def act() -> None:
        target = target_of(context, form)
        found.append(target)
        links.merge(context, by_key(context, key), target)

    failed = attempt(context, form, act)
    if failed:
        return merge_page(context, again(context, key, form), form, failed)
    flash(_("%(key)s goes on in this case.", key=case.key))
    return see(url_for("desk.show", key=found[0].key))


@desk.get("/cases/<key:key>/move")
@requires(Permission.CASE_MOVE)
def move_form(key: str) -> Any:
    """To which account, and to whom there?"""
    return move_page(ctx(), asked(ctx(), key, Permission.CASE_MOVE), MoveForm(formdata=None))


def move_page(context: Context, case: Case, form: MoveForm, status: int = 200) -> Any:
    """The accounts; once one is chosen, its people."""
    accounts = [a for a in places.accounts(context) if a.id != case.account_id]
    chosen = next((a for a in accounts if a.key == form.account.data), None)
    people = people_of(context, chosen.id, limit=PEOPLE_LIMIT) if chosen else []
    return small(context, "desk/move.html", case, form, status, accounts=accounts, chosen=chosen, people=people)


@desk.post("/cases/<key:key>/move")
@requires(Permission.CASE_MOVE)
def move(key: str) -> Any:
    """Open a linked case there and close this one; with `refresh` only show the people of the account."""
    context, form = ctx(), MoveForm()
    case = by_key(context, key, lock=True)
    moved: list[Case] = []

    def act() -> None:
        try:
            account = places.account_by_key(context, form.account.data or "")
        except NotFound:
            raise Refused(_("Choose an account"), "account") from None
        contact_id = ids.parse(form.contact.data)
        if contact_id is None:
            raise Refused(_("Choose the person who is affected"), "contact")
        moved.append(links.move_account(context, case, account, contact_id=contact_id))

    if request.form.get("refresh"):
        asked(context, key, Permission.CASE_MOVE)
        return move_page(context, case, form)
    failed = attempt(context, form, act)
    if failed:
        return move_page(context, again(context, key, form), form, failed)
    landed = detail.by_id(context, moved[0].id)
    flash(_("%(key)s goes on in this case.", key=case.key))
    return see(url_for("desk.show", key=landed.key))
