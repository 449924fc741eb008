"""What of other clients is in something that is about to be sent: bounded look-ups by index."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, String, Uuid, any_, bindparam, exists, false, func, not_, select, true, union
from sqlalchemy.orm import aliased

from portal.attachments.models import Attachment
from portal.authz.scopes import scope
from portal.cases.engine.other_clients import (
    PUBLIC_DOMAINS,
    ClientName,
    NameIndex,
    OwnClient,
    Trace,
    TraceKind,
    build_index,
    find_domains,
    find_names,
    foreign_owner,
)
from portal.cases.models import Case, CaseGrant
from portal.identity.models import Address
from portal.kernel.actor import Actor, Id
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.system_context import as_system
from portal.tenants.models import Account, AccountAlias, Contact, Organization

SENT_ANYWAY = "case.sent_anyway"
# How many addresses of one domain, and files of one hash, are looked at.
_SAMPLE = 200
TRACE_LIMIT = 20


def is_public_domain(domain: str) -> bool:
    """Whether anybody can have an address under *domain*."""
    return domain in PUBLIC_DOMAINS


def find_traces(
    ctx: Context, case: Case, texts: Iterable[str], *, files: Sequence[Attachment] = (), emails: Iterable[str] = ()
) -> list[Trace]:
    """What belongs to other clients than that of *case* in *texts*, *files*, the addresses *emails* that are put in
    copy, and among those who read the case; at most TRACE_LIMIT. Two statements, and one more with files."""
    with as_system(ctx) as inner:
        index = cached_config(inner, for_side, _client_index)
        grants: Sequence[Any] = fetch_rows(inner, _grants, case_id=case.id)
        readers = frozenset(row[1] for row in grants if row[1] is not None)
        names = (*index.names.get(case.account_id, ()), ctx.provider.name)
        own = OwnClient(case.account_id, case.organization_id, readers, names)
        text = "\n".join(texts)
        found = find_names(text, index, own)
        reporter = [case.reported_by_id] if case.reported_side == "contact" else []
        people = [case.contact_user_id, *reporter, *(row[0] for row in grants if row[0] is not None)]
        typed = find_domains("\n".join((text, *emails)))
        found += _foreign_domains(inner, own, typed, people)
        if files:
            found += _foreign_files(inner, own, files)
    return found[:TRACE_LIMIT]


def confirmed_fingerprints(ctx: Context, case: Case) -> set[str]:
    """What somebody of support confirmed before in *case*."""
    rows = select(Event.facts).where(Event.case_id == case.id, Event.name == SENT_ANYWAY).limit(100)
    return {str(mark) for facts in ctx.session.scalars(rows) for mark in facts.get("fingerprints", ())}


def client_names(ctx: Context, traces: Collection[Trace]) -> dict[Id, str]:
    """The names of the accounts and organizations of *traces* that the actor may see, by id."""
    accounts = {trace.account_id for trace in traces if trace.account_id is not None}
    organizations = {trace.organization_id for trace in traces if trace.account_id is None}
    found: dict[Id, str] = {}
    for model, wanted in ((Account, accounts), (Organization, organizations)):
        if wanted:
            rows = scope(ctx.actor, model).where(model.id.in_(wanted)).with_only_columns(model.id, model.name)
            found |= {row.id: row.name for row in ctx.session.execute(rows)}
    return found


def _client_index(ctx: Context) -> NameIndex:
    aliases: dict[Id, list[str]] = {}
    for account_id, key in ctx.session.execute(
        select(AccountAlias.account_id, AccountAlias.key).where(AccountAlias.provider_id == ctx.provider_id)
    ):
        aliases.setdefault(account_id, []).append(key)
    rows = (
        select(Account.id, Account.organization_id, Account.key, Account.name, Organization.name)
        .join(Organization, Organization.id == Account.organization_id)
        .where(Account.provider_id == ctx.provider_id)
        .order_by(Account.id)
    )
    return build_index(
        ClientName(id_, organization_id, (key, *aliases.get(id_, ())), name, organization)
        for id_, organization_id, key, name, organization in ctx.session.execute(rows)
    )


def _grants(actor: Actor) -> Any:
    rows = scope(actor, CaseGrant).where(CaseGrant.case_id == bindparam("case_id", None, Uuid()))
    return rows.with_only_columns(CaseGrant.user_id, CaseGrant.to_organization_id)


def _foreign_domains(ctx: Context, own: OwnClient, typed: Sequence[str], people: Sequence[Id]) -> list[Trace]:
    """Domains of other clients: those of *typed*, and those of the *people* who read the case and are no members of its
    organization."""
    rows: Sequence[Any] = fetch_rows(
        ctx, _domain_owners, typed=list(typed), people=list(people), own=own.organization_id
    )
    owners: dict[tuple[str, bool], set[Id]] = {}
    for row in rows:
        owners.setdefault((row[0], row[1]), set()).add(row[2])
    found = []
    for (domain, reads), organizations in owners.items():
        owner = foreign_owner(organizations, {own.organization_id, *own.readers})
        if owner is not None and domain not in PUBLIC_DOMAINS:
            found.append(Trace(TraceKind.RECIPIENT if reads else TraceKind.DOMAIN, domain, None, owner))
    return found


def _domain_owners(actor: Actor) -> "Select[Any]":
    """(domain, whether it is that of a reader, organization that has it), from a sample of the addresses of each."""
    typed = select(func.unnest(bindparam("typed", None, ARRAY(String()))).label("domain"), false().label("reads"))
    member = exists().where(
        Contact.user_id == Address.user_id,
        Contact.organization_id == bindparam("own", None, Uuid()),
        Contact.active,
    )
    people = bindparam("people", None, ARRAY(Uuid()))
    readers = select(Address.domain, true()).where(
        Address.provider_id == actor.provider_id, Address.user_id == any_(people), not_(member)
    )
    wanted = union(typed, readers).subquery("wanted")
    known = aliased(Address)
    sample = (
        select(Contact.organization_id)
        .join(known, known.user_id == Contact.user_id)
        .where(
            known.provider_id == actor.provider_id,
            known.domain == wanted.c.domain,
            not_(known.claimed),
            Contact.active,
        )
        .limit(_SAMPLE)
        .lateral("sample")
    )
    rows = select(wanted.c.domain, wanted.c.reads, sample.c.organization_id).join(sample, true())
    return rows.distinct().order_by(wanted.c.domain, wanted.c.reads)


def _foreign_files(ctx: Context, own: OwnClient, files: Sequence[Attachment]) -> list[Trace]:
    """The *files* that are known from cases of other accounts, and from none of this account."""
    names = {file.sha256: file.filename for file in files}
    places: dict[str, set[tuple[Id, Id]]] = {}
    rows: Sequence[Any] = fetch_rows(ctx, _file_places, hashes=list(names))
    for row in rows:
        places.setdefault(row[0], set()).add((row[1], row[2]))
    found = []
    for sha256, where in places.items():
        owner = foreign_owner({account for account, _organization in where}, {own.account_id})
        organization = dict(where).get(owner) if owner is not None else None
        if organization is not None and organization not in own.readers:
            found.append(Trace(TraceKind.FILE, names[sha256], owner, organization))
    return found


def _file_places(actor: Actor) -> "Select[Any]":
    """(hash, account, organization) of the cases that have a file, from a sample for each hash."""
    hashes = func.unnest(bindparam("hashes", None, ARRAY(String()))).table_valued("sha256").render_derived("wanted")
    sample = (
        select(Attachment.account_id, Attachment.organization_id)
        .where(
            Attachment.provider_id == actor.provider_id,
            Attachment.sha256 == hashes.c.sha256,
            Attachment.case_id.is_not(None),
        )
        .limit(_SAMPLE)
        .lateral("sample")
    )
    rows = select(hashes.c.sha256, sample.c.account_id, sample.c.organization_id).join(sample, true())
    return rows.distinct().order_by(hashes.c.sha256)
