"""What is missing, as the overview shows it: sentences and links."""

from dataclasses import dataclass, replace

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.admin.queries import setup_checklist as queries


@dataclass(frozen=True, slots=True)
class Todo:
    """The text of a gap: the sentence, the address of the page that closes it, the label of the link, and the first
    objects."""

    text: str
    href: str
    action: str
    tone: str = "warning"
    links: tuple[tuple[str, str], ...] = ()
    more: int = 0


def describe_item(gap: queries.MissingItem) -> Todo:
    """*gap* as a sentence with its way out."""
    n = gap.count
    organization = tuple((name, url_for("admin.organization", slug=slug)) for name, slug in gap.first)
    account = tuple((name, url_for("admin.account", key=key)) for name, key in gap.first)
    contact = tuple((name, f"{url_for('admin.organizations')}/{path}") for name, path in gap.first)
    member = tuple((name, url_for("admin.staff_member", staff_id=key)) for name, key in gap.first)
    kind = tuple((name, url_for("admin.request_type", type_id=key)) for name, key in gap.first)
    organizations, accounts = url_for("admin.organizations"), url_for("admin.accounts")
    staff, types = url_for("admin.staff"), url_for("admin.request_types")
    name = gap.first[0][0] if gap.first else ""
    todos = {
        "no_answering_staff": lambda: Todo(
            _("Nobody can answer cases: there is no agent, lead or administrator"),
            url_for("admin.new_staff"),
            _("Add staff"),
            "error",
        ),
        "no_accounts": lambda: Todo(
            ngettext("%(name)s has no account", "%(num)d organizations have no account", n, name=name),
            url_for("admin.new_account"),
            _("Add an account"),
            links=organization,
        ),
        "nobody_signs_in": lambda: Todo(
            ngettext("Nobody can sign in for %(name)s", "Nobody can sign in for %(num)d organizations", n, name=name),
            organizations,
            _("Invite people"),
            links=organization,
        ),
        "no_administrator": lambda: Todo(
            ngettext(
                "%(name)s has nobody who manages its people",
                "%(num)d organizations have nobody who manages their people",
                n,
                name=name,
            ),
            organizations,
            _("Choose an administrator"),
            "info",
            organization,
        ),
        "no_environments": lambda: Todo(
            ngettext("%(name)s has no environments", "%(num)d accounts have no environments", n, name=name),
            accounts,
            _("Add environments"),
            "info",
            account,
        ),
        "suspended": lambda: Todo(
            ngettext("%(name)s is suspended", "%(num)d accounts are suspended", n, name=name),
            accounts,
            _("Look at accounts"),
            "info",
            account,
        ),
        "no_request_types": lambda: Todo(
            _("No request types yet: nobody can open a case"),
            url_for("admin.new_request_type"),
            _("Add a request type"),
            "error",
        ),
        "no_severity": lambda: Todo(
            _("There are fewer than three severity levels"), url_for("admin.severity"), _("Add levels"), "error"
        ),
        "unreachable_types": lambda: Todo(
            ngettext(
                "No account has bought what %(name)s requires",
                "%(num)d request types require a service that no account has bought",
                n,
                name=name,
            ),
            types,
            _("Look at request types"),
            "info",
            kind,
        ),
        "no_access": lambda: Todo(
            ngettext(
                "%(name)s belongs to an organization but has access to nothing",
                "%(num)d people have access to nothing",
                n,
                name=name,
            ),
            organizations,
            _("Give access"),
            links=contact,
        ),
        "invitations_over": lambda: Todo(
            ngettext("The invitation for %(name)s expired", "%(num)d invitations expired", n, name=name),
            organizations,
            _("Send again"),
            links=contact,
        ),
        "staff_without_accounts": lambda: Todo(
            ngettext("%(name)s looks after no account", "%(num)d staff members look after no account", n, name=name),
            staff,
            _("Assign accounts"),
            links=member,
        ),
        "no_support_ways": lambda: Todo(
            _("Customers cannot see how to reach support"), url_for("admin.branding"), _("Add them"), "info"
        ),
        "registered": lambda: Todo(
            ngettext(
                "%(name)s registered and belongs to no company yet",
                "%(num)d people registered and belong to no company yet",
                n,
                name=name,
            ),
            organizations,
            _("Assign a company"),
            links=tuple((person, organizations) for person, _key in gap.first),
        ),
        "failed_jobs": lambda: Todo(
            ngettext("%(num)d background job failed for good", "%(num)d background jobs failed for good", n),
            "/admin/jobs",
            _("Look at the jobs"),
            "error",
        ),
    }
    todo = todos[gap.code]()
    # One object: the link leads straight to it.
    if n == 1 and todo.links:
        return Todo(todo.text, todo.links[0][1], todo.action, todo.tone)
    return replace(todo, more=n - len(todo.links)) if todo.links else todo
