"""Finding people of the clients by parts of their name, mail address or phone number. Every read starts at a scope."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, column, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import contains_eager, joinedload

from portal.authz.scopes import scope
from portal.identity.models import Address, Password, User
from portal.kernel import text
from portal.kernel.context import Context
from portal.tenants.models import Account, Contact, ContactAccess, Environment
from portal.tenants.queries.name_search import fold_column

# The number of accounts or people with a word that are considered: the index knows the whole provider. Who sees a part
# of it only must not lose somebody of that part behind hundreds of others.
NAMED_LIMIT, SCOPED_LIMIT = 500, 20_000
# The number of words of a question that people are looked up by; the others only narrow what was found.
LOOKUPS = 3
# A part of a phone number has at least so many digits.
PHONE_PART = 4
_PHONE = re.compile(r"[\d\s+()./–-]+")


def searched_words(asked: str) -> list[str]:
    """The folded words of *asked*; a phone number is one word of digits.

    Of a number only the last nine digits count, without leading zeros: people write the country's code in several ways,
    or leave it out.
    """
    digits = "".join(c for c in asked if c.isascii() and c.isdigit())
    if len(digits) >= PHONE_PART and _PHONE.fullmatch(asked.strip()):
        return [digits.lstrip("0")[-9:] or digits]
    return text.folded_words(asked[:200])


def ids_by_beginning(ctx: Context, search: Any, word: str) -> Select[Any]:
    """The ids that *search* finds at the provider for words that begin with *word*, a bounded number.

    It is a function of the search role: under row-level security an index of words is not used.
    """
    limit = NAMED_LIMIT if ctx.actor.all_accounts else SCOPED_LIMIT
    return select(column("found_id")).select_from(search(ctx.provider_id, word, limit).alias())


def find_contacts(ctx: Context, asked: str, limit: int = 10) -> Sequence[Contact]:
    """Visible contacts whose name, address or phone number has every word of *asked*, by name."""
    words = searched_words(asked)
    if not words:
        return []
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.active, _has_beginning(ctx, words, 1), *(or_(*_of_person(word)) for word in words))
        .options(contains_eager(Contact.user), joinedload(Contact.organization, innerjoin=True))
    )
    return ctx.session.scalars(rows.order_by(User.name_folded, Contact.id).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Caller:
    """A person in one account: as whom somebody who calls or writes can be entered in a form."""

    contact_id: uuid.UUID
    name: str
    title: str
    email: str
    phone: str
    account_key: str
    account_name: str
    role: str
    has_password: bool
    # What of the account they have access to; empty: all of it.
    environments: tuple[str, ...]


def find_callers(ctx: Context, asked: str, limit: int = 12) -> tuple[list[Caller], bool]:
    """People with access to a visible account, one row for each of their accounts, by name; and whether there are more.

    Every word of *asked* is a part of the name, an address, the phone number, or the account's name or key.
    """
    words = searched_words(asked)
    if not words:
        return [], False
    email = select(Address.email).where(Address.user_id == User.id).order_by(Address.id).limit(1).scalar_subquery()
    role = func.min(ContactAccess.role)
    environments = func.array_agg(aggregate_order_by(Environment.name, fold_column(Environment.name)))
    named = func.concat_ws(" ", fold_column(Account.name), func.lower(Account.key))
    rows = (
        scope(ctx.actor, ContactAccess)
        .join(Contact, Contact.id == ContactAccess.contact_id)
        .join(User, User.id == Contact.user_id)
        .join(Account, Account.id == ContactAccess.account_id)
        .join(Environment, Environment.id == ContactAccess.environment_id, isouter=True)
        .where(
            Contact.active,
            User.ended_at.is_(None),
            Account.id.in_(scope(ctx.actor, Account).with_only_columns(Account.id)),
            _has_beginning(ctx, words, LOOKUPS),
            *(or_(*_of_person(word), named.contains(word, autoescape=True)) for word in words),
        )
        .with_only_columns(
            Contact.id,
            User.name,
            Contact.title,
            func.coalesce(email, ""),
            User.phone,
            Account.key,
            Account.name,
            role,
            exists().where(Password.user_id == User.id),
            environments,
        )
        .group_by(Contact.id, User.id, Account.id)
        .order_by(User.name_folded, fold_column(Account.name), Contact.id)
        .limit(limit + 1)
    )
    found = []
    for row in ctx.session.execute(rows):
        caller = Caller(*row)
        found.append(replace(caller, environments=tuple(caller.environments) if all(caller.environments) else ()))
    return found[:limit], len(found) > limit


@dataclass(frozen=True, slots=True)
class NumberHolder:
    """A person in one account, found by their phone number."""

    contact_id: uuid.UUID
    name: str
    phone: str
    account_id: uuid.UUID
    account_key: str
    account_name: str

    def has_number(self, number: str) -> bool:
        """Whether *number* is theirs, however each is written."""
        words = searched_words(number)
        return bool(words) and words[0] in "".join(sign for sign in self.phone if sign.isdigit())


def holders_of_numbers(ctx: Context, numbers: Sequence[str], limit: int = 100) -> Sequence[NumberHolder]:
    """People with access to a visible account who have one of *numbers*, one row for each of their accounts, by name.
    One statement."""
    words = {word for number in numbers for word in searched_words(number)[:1] if word.isdecimal()}
    if not words:
        return []
    digits = func.regexp_replace(User.phone, "[^0-9]", "", "g")
    rows = (
        scope(ctx.actor, ContactAccess)
        .join(Contact, Contact.id == ContactAccess.contact_id)
        .join(User, User.id == Contact.user_id)
        .join(Account, Account.id == ContactAccess.account_id)
        .where(
            Contact.active,
            User.ended_at.is_(None),
            Account.id.in_(scope(ctx.actor, Account).with_only_columns(Account.id)),
            or_(*(and_(_has_beginning(ctx, [word], 1), digits.contains(word)) for word in sorted(words))),
        )
        .with_only_columns(Contact.id, User.name, User.phone, Account.id, Account.key, Account.name)
        .group_by(Contact.id, User.id, Account.id)
        .order_by(User.name_folded, fold_column(Account.name), Contact.id)
    )
    return [NumberHolder(*row) for row in ctx.session.execute(rows.limit(limit))]


def _has_beginning(ctx: Context, words: Sequence[str], number: int) -> ColumnElement[bool]:
    """Whether one of the *number* longest of *words* is the beginning of a word about the user, by the indexes."""
    lookups = [ids_by_beginning(ctx, func.search_people, word) for word in sorted(words, key=len)[-number:]]
    return or_(*(User.id == any_(func.array(lookup.scalar_subquery())) for lookup in lookups))


def _of_person(word: str) -> list[ColumnElement[bool]]:
    """The conditions of which one holds for a user with *word* in the name, an address or the phone number."""
    address = exists().where(Address.user_id == User.id, Address.email_folded.contains(word, autoescape=True))
    parts: list[ColumnElement[bool]] = [User.name_folded.contains(word, autoescape=True), address]
    if word.isdecimal() and len(word) >= PHONE_PART:
        parts.append(func.regexp_replace(User.phone, "[^0-9]", "", "g").contains(word))
    return parts
