"""The person on the phone. Every read starts at a scope."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.ids import parse_id
from portal.tenants.models import Account, Contact, ContactAccess


@dataclass(frozen=True, slots=True)
class PersonOfCall:
    """A contact in one account that the actor looks after."""

    contact_id: uuid.UUID
    user_id: uuid.UUID
    name: str
    phone: str
    account_id: uuid.UUID
    account_key: str
    account_name: str


def person_of_call(ctx: Context, picked: str) -> PersonOfCall:
    """The person whom "ACME:<contact id>" names. NotFound for anybody whom the actor does not see there."""
    key, _colon, written = picked.partition(":")
    contact_id = parse_id(written)
    if contact_id is None or not key.isalnum():
        raise NotFound
    account = load(ctx, Account, Account.key == key.upper()[:10])
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(
            Contact.id == contact_id,
            Contact.organization_id == account.organization_id,
            Contact.id.in_(
                scope(ctx.actor, ContactAccess)
                .where(ContactAccess.account_id == account.id)
                .with_only_columns(ContactAccess.contact_id)
            ),
        )
        .with_only_columns(Contact.id, Contact.user_id, User.name, User.phone)
    )
    found = ctx.session.execute(rows).one_or_none()
    if found is None:
        raise NotFound
    return PersonOfCall(*found, account.id, account.key, account.name)


def open_cases_of_person(ctx: Context, person: PersonOfCall) -> Sequence[Any]:
    """The open cases of the person in the account that the actor sees, the last change first."""
    rows = scope(ctx.actor, Case).where(
        Case.account_id == person.account_id, Case.contact_user_id == person.user_id, UNRESOLVED_CASE
    )
    rows = rows.options(joinedload(Case.account, innerjoin=True)).order_by(Case.updated_at.desc(), Case.id.desc())
    return ctx.session.scalars(rows.limit(20)).all()


def case_of_person(ctx: Context, case_id: Id) -> Case:
    """The case of a call that was logged, with its account."""
    return load(ctx, Case, Case.id == case_id, options=[joinedload(Case.account, innerjoin=True)])
