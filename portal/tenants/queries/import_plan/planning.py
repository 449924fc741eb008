"""What a file of people would change: each row held against what there is and against the rows above it.

Nothing is written here; `actions.people_import` does what the plan says, by the actions of the forms.
"""

from collections.abc import Sequence

from flask_babel import gettext as _

from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.preconditions import check_not_oneself
from portal.tenants.queries.import_plan.loading import load_plan
from portal.tenants.queries.import_plan.objects import (
    Fate,
    ImportPlan,
    ImportRow,
    Place,
    PlannedAccount,
    PlannedContact,
    PlannedEnvironment,
    PlannedOrganization,
    PlannedPerson,
    Problem,
    RowFate,
)


def plan_import(ctx: Context, rows: Sequence[ImportRow]) -> ImportPlan:
    """What becomes of *rows* at the provider of *ctx*, in their order; a later row sees what an earlier one makes."""
    plan = load_plan(ctx, rows)
    for row in rows:
        result = RowFate(row, problems=list(row.problems))
        plan.fates.append(result)
        if not result.problems:
            RowPlanner(ctx, plan, result).plan_row()
        if result.problems:
            result.fate, result.made, result.changed = Fate.REFUSED, [], []
        elif result.made:
            result.fate = Fate.MADE
        elif result.changed:
            result.fate = Fate.CHANGED
    return plan


class RowPlanner:
    """Plans one row: finds all that is wrong with it, and only then lets the plan hold what it makes."""

    def __init__(self, ctx: Context, plan: ImportPlan, result: RowFate) -> None:
        self.ctx, self.plan, self.result, self.row = ctx, plan, result, result.row

    def refuse(self, column: str, sentence: str) -> None:
        """The row cannot be taken, because of *column*."""
        self.result.problems.append(Problem(column, sentence))

    def plan_row(self) -> None:
        """Find out what the row does; where nothing is wrong with it, the plan holds it from now on."""
        row = self.row
        account = self.plan.accounts.get(row.account_key)
        if account is None and row.account_key in self.plan.aliases:
            self.refuse(
                "account_key",
                _("%(key)s is or was the key of another account. Case numbers never change", key=row.account_key),
            )
        home = row.organization.casefold() or (account.home if account else "")
        if not home:
            self.refuse("organization", _("Write the name of the organization"))
            return
        organization = self.plan.organizations.get(home)
        if organization is not None and not organization.active:
            self.refuse("organization", _("%(name)s is archived", name=organization.name))
        account = self.find_account(home, organization, account)
        environment = self.find_environment(account)
        if row.email:
            self.check_person(home, account)
        elif row.name or row.role or row.phone or row.title:
            self.refuse("email", _("Write the person's email"))
        if not self.result.problems:
            self.hold(home, organization, account, environment)

    def find_account(
        self, home: str, organization: PlannedOrganization | None, account: PlannedAccount | None
    ) -> PlannedAccount | None:
        """The account of the row; a new one that the plan does not hold yet, or None where the row needs none."""
        row, keys = self.row, organization.keys if organization else []
        if account is None and not row.account_key and len(keys) == 1:
            account = self.plan.accounts[keys[0]]
        if account is not None:
            if account.home != home:
                self.refuse("account_key", _("%(key)s is an account of another organization", key=account.key))
            elif row.account_name and row.account_name.casefold() != account.name.casefold():
                self.refuse(
                    "account_name",
                    _(
                        "%(key)s is called “%(name)s”. Leave this empty, or rename it on its page",
                        key=account.key,
                        name=account.name,
                    ),
                )
            return account
        if row.account_key:
            name = row.account_name or (organization.name if organization else row.organization)
            return PlannedAccount(row.account_key, name, home)
        if len(keys) > 1:
            self.refuse("account_key", _("Write which account: %(keys)s", keys=", ".join(keys[:5])))
        elif row.email or row.environment or row.account_name:
            self.refuse("account_key", _("Write the key of its first account, for example ACME"))
        return None

    def find_environment(self, account: PlannedAccount | None) -> PlannedEnvironment | None:
        """The environment of the row; a new one that the plan does not hold yet, or None."""
        row = self.row
        if not row.environment:
            if not row.whole_account:
                self.refuse("environment", _("Write the environment that the access is for"))
            return None
        known = account.environments.get(row.environment.casefold()) if account else None
        if known is None:
            return PlannedEnvironment(row.environment, row.kind or "production")
        if not known.active:
            self.refuse("environment", _("%(name)s is retired", name=known.name))
        elif row.kind and row.kind != known.kind:
            self.refuse(
                "kind", _("%(name)s is of another kind. Leave this empty, or change it on its page", name=known.name)
            )
        return known

    def check_person(self, home: str, account: PlannedAccount | None) -> None:
        """Refuse a person without a name, one who has left, and what contradicts a row above."""
        row, folded = self.row, self.row.email.casefold()
        contact = self.plan.contacts.get((home, folded))
        person = contact.person if contact is not None else self.plan.people.get(folded)
        if person is None and not row.name:
            self.refuse("name", _("Write the person's name"))
        if person is not None and person.ended:
            self.refuse("email", _("The access of %(name)s was ended", name=person.values["name"]))
        if contact is not None and not contact.active:
            self.refuse(
                "email",
                _(
                    "%(name)s no longer belongs here. Let them in again on their page",
                    name=contact.person.values["name"],
                ),
            )
        if person is not None and person.id is not None:
            self.check_not_oneself(person.id)
        for column in ("name", "phone", "language", "zone"):
            self.check_said(person.said if person else {}, column, getattr(row, column))
        said = contact.said if contact else {}
        self.check_said(said, "title", row.title)
        if account is not None and row.role:
            self.check_said(said, "role", row.role, "/".join(self.place(account)))

    def check_not_oneself(self, user_id: Id) -> None:
        """Refuse a place for somebody who sees no cases and would give it to themself."""
        try:
            check_not_oneself(self.ctx, user_id)
        except Refused as refusal:
            self.refuse("email", refusal.message)

    def check_said(self, said: dict[str, tuple[str, int]], column: str, value: str, place: str = "") -> None:
        """Refuse *value* where a row above said something else of the same person in the same column."""
        before = said.get(f"{column} {place}")
        if value and before and before[0] != value:
            self.refuse(
                column,
                _("Line %(number)d says something else: %(value)s", number=before[1], value=before[0]),
            )

    def place(self, account: PlannedAccount) -> Place:
        """Where the access of the row holds."""
        return account.key, "" if self.row.whole_account else self.row.environment.casefold()

    def hold(
        self,
        home: str,
        organization: PlannedOrganization | None,
        account: PlannedAccount | None,
        environment: PlannedEnvironment | None,
    ) -> None:
        """Let the plan hold what the row says, and note what is new."""
        made = self.result.made
        if organization is None:
            organization = self.plan.organizations[home] = PlannedOrganization(self.row.organization)
            made.append("organization")
        if account is not None and account.key not in self.plan.accounts:
            self.plan.accounts[account.key] = account
            organization.keys.append(account.key)
            made.append("account")
        if account is not None and environment and environment.name.casefold() not in account.environments:
            account.environments[environment.name.casefold()] = environment
            made.append("environment")
        if self.row.email and account is not None:
            self.hold_person(home, account)

    def hold_person(self, home: str, account: PlannedAccount) -> None:
        """Let the plan hold the person of the row and their access."""
        row, folded, changed = self.row, self.row.email.casefold(), self.result.changed
        contact = self.plan.contacts.get((home, folded))
        person = contact.person if contact is not None else self.plan.people.get(folded)
        if person is None:
            values = {"name": row.name, "phone": row.phone, "language": row.language, "zone": row.zone}
            person = self.plan.people[folded] = PlannedPerson(row.email, values)
        is_new = contact is None
        if contact is None:
            contact = self.plan.contacts[home, folded] = PlannedContact(home, person, title=row.title, new=True)
            self.result.made.append("staff_place" if person.is_staff else "place" if person.id else "person")
        else:
            self.change_person(contact)
        place = self.place(account)
        held = contact.grants.get(place)
        if held is None:
            contact.grants[place] = row.role or "requester"
            if not is_new:
                changed.append("access")
        elif row.role and row.role != held:
            contact.grants[place] = row.role
            changed.append("role")
        contact.touched = contact.touched or bool(changed) or is_new
        for column in ("name", "phone", "language", "zone"):
            if value := getattr(row, column):
                person.said.setdefault(f"{column} ", (value, row.number))
        if row.title:
            contact.said.setdefault("title ", (row.title, row.number))
        if row.role:
            contact.said.setdefault(f"role {'/'.join(place)}", (row.role, row.number))

    def change_person(self, contact: PlannedContact) -> None:
        """Correct name, phone and title; language and zone are the person's own, and only filled where empty."""
        row, values = self.row, contact.person.values
        for column in ("name", "phone"):
            if (value := getattr(row, column)) and value != values[column]:
                values[column] = value
                self.result.changed.append(column)
        for column in ("language", "zone"):
            if (value := getattr(row, column)) and not values[column]:
                values[column] = value
                self.result.changed.append(column)
        if row.title and row.title != contact.title:
            contact.title = row.title
            self.result.changed.append("title")
