"""Service accounts: what cases are counted in."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from portal.admin.forms.accounts import AccountForm, NewAccountForm
from portal.admin.forms.environments import KINDS, NewEnvironmentForm
from portal.admin.routes.blueprint import (
    admin,
    configures,
    floor_choices,
    last_changed_by,
    parse_floor,
    reads,
)
from portal.channels.mail.queries.threads import sender_of_account
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import environments as environment_actions
from portal.tenants.models import Account, Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries
from portal.tenants.queries import organizations as organization_queries
from portal.tenants.queries import services as service_queries
from portal.tenants.queries import staff as staff_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see
from portal.web.urls import list_page, search_words


@admin.get("/accounts")
@reads
def accounts() -> Response:
    q = search_words()
    return page("admin/accounts.html", found=account_queries.accounts_page(ctx(), q=q, number=list_page()), q=q)


@admin.get("/accounts/new")
@configures
def new_account() -> Response:
    form, organizations = new_account_form()
    asked = request.args.get("organization")
    form.organization.data = asked if asked in {row.slug for row in organizations} else ""
    return page("admin/account_new.html", form=form)


@admin.post("/accounts/new")
@configures
def add_account() -> Response:
    form, organizations = new_account_form()
    chosen = next((row for row in organizations if row.slug == form.organization.data), None)
    made: list[Account] = []
    status = submit_form(
        form,
        lambda: made.append(
            account_actions.open_account(
                ctx(),
                organization=chosen,
                organization_name=form.organization_name.data,
                key=form.key.data,
                name=form.name.data,
                environment=form.environment.data,
                kind=form.environment_kind.data,
                admin=form.admin(),
            )
        ),
    )
    if status:
        return page("admin/account_new.html", status, form=form)
    flash(_("%(name)s is ready. Its first case will be %(key)s-1.", name=made[0].name, key=made[0].key), "success")
    return see(url_for("admin.account", key=made[0].key))


def new_account_form() -> tuple[NewAccountForm, list[Organization]]:
    """The form with the organizations to choose from."""
    form, organizations = NewAccountForm(), list(organization_queries.organization_choices(ctx()))
    form.organization.choices = [("", _("A new organization"))] + [(row.slug, row.name) for row in organizations]
    return form, organizations


@admin.get("/accounts/<key>")
@reads
def account(key: str) -> Response:
    try:
        row = account_queries.account(ctx(), key)
    except NotFound:
        renamed = account_queries.renamed_account(ctx(), key)
        if renamed is None:
            raise
        return redirect(url_for("admin.account", key=renamed.key), 308)  # type: ignore[return-value]
    return show_account(row, account_form(row))


@admin.post("/accounts/<key>")
@configures
def change_account(key: str) -> Response:
    account_queries.account(ctx(), key, lock=True)
    row = account_queries.account(ctx(), key)
    form = offer_choices(AccountForm(), row)

    def change() -> None:
        account_actions.set_account_manager(ctx(), row, parse_id(form.manager.data))
        account_actions.set_severity_floor(ctx(), row, parse_floor(form.severity_floor.data))
        account_actions.set_question_days(
            ctx(),
            row,
            first=form.first_reminder_days.data,
            second=form.second_reminder_days.data,
            proposal=form.proposal_days.data,
        )
        account_actions.change_account(
            ctx(), row, key=form.key.data, name=form.name.data, suspended=form.sentence(), services=form.services.ids()
        )

    status = submit_form(
        form,
        change,
        current=row.version,
        changed_by=last_changed_by(row.id),
    )
    if status:
        return show_account(row, form, status)
    flash(_("Saved."), "success")
    return see(url_for("admin.account", key=row.key))


@admin.get("/accounts/<key>/environments/new")
@configures
def new_environment(key: str) -> Response:
    return page(
        "admin/environment.html", account=account_queries.account(ctx(), key), form=NewEnvironmentForm(), row=None
    )


@admin.post("/accounts/<key>/environments/new")
@configures
def add_environment(key: str) -> Response:
    row, form = account_queries.account(ctx(), key), NewEnvironmentForm()
    status = submit_form(
        form, lambda: environment_actions.add_environment(ctx(), row, name=form.name.data, kind=form.kind.data)
    )
    if status:
        return page("admin/environment.html", status, account=row, form=form, row=None)
    flash(_("%(name)s can be chosen from now on.", name=form.name.data), "success")
    return see(url_for("admin.account", key=row.key) + "#environments")


def offer_choices(form: AccountForm, row: Account) -> AccountForm:
    """Let *form* offer the services, and who can manage the account."""
    form.services.choices = [(str(service.id), service.name) for service in service_queries.all_services(ctx())]
    people = staff_queries.account_manager_choices(ctx(), row.manager_id)
    form.manager.choices = [
        ("", _("Nobody")),
        *((str(i), name if works else _("%(name)s (no longer here)", name=name)) for i, name, works in people),
    ]
    form.severity_floor.choices = floor_choices()
    return form


def account_form(row: Account) -> AccountForm:
    """The form as *row* stands."""
    bought = [str(service) for service in service_queries.bought_services(ctx(), row.id)]
    form = AccountForm(
        obj=row,
        suspend=bool(row.suspended),
        services=bought,
        manager=str(row.manager_id or ""),
        severity_floor=str(row.severity_floor or ""),
    )
    return offer_choices(form, row)


def show_account(row: Account, form: AccountForm, status: int = 200) -> Response:
    return page(
        "admin/account.html",
        status,
        row=row,
        form=form,
        former=account_queries.former_keys(ctx(), row),
        environments=environment_queries.environments_of(ctx(), [row.id]),
        new=NewEnvironmentForm(formdata=None),
        sender=sender_of_account(ctx(), row),
        kinds=dict(KINDS),
    )
