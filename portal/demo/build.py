"""Turning a plan into a provider, through the actions that people use: nothing here could not be made by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.admin import get_started
from portal.admin.actions.get_started import skip_steps
from portal.authz.roles import ContactRole
from portal.cases.actions import request_types as request_types_actions
from portal.cases.actions import severity_levels as severity_levels_actions
from portal.cases.actions.request_types import RequestTypeSettings
from portal.cases.models import RequestType, SeverityLevel
from portal.cases.queries import request_types, severity_levels
from portal.demo.specs import ContactSpec, OrganizationSpec, ProviderSpec, StaffSpec
from portal.identity import actions as identity
from portal.identity.models import User
from portal.identity.queries import addresses
from portal.kernel.context import Context
from portal.presets import actions as presets
from portal.sla import import_config as promises
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import departments as department_actions
from portal.tenants.actions import environments as environment_actions
from portal.tenants.actions import organizations as organization_actions
from portal.tenants.actions import providers, staff
from portal.tenants.actions import services as service_actions
from portal.tenants.actions.contacts import Grant
from portal.tenants.models import (
    Account,
    Contact,
    Department,
    Environment,
    Organization,
    Provider,
    Service,
    StaffMember,
)
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import services as service_queries


@dataclass(slots=True)
class BuiltProvider:
    """The result of `build`, by the keys of the plan."""

    provider: Provider
    departments: Mapping[str, Department] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    environments: dict[tuple[str, str], Environment] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    levels: dict[int, SeverityLevel] = field(default_factory=dict)
    types: dict[str, RequestType] = field(default_factory=dict)


def build_provider(ctx: Context, plan: ProviderSpec, password_hash: str) -> BuiltProvider:
    """The provider of *plan* with everybody in it; those who sign in get *password_hash*. Binds *ctx* to it."""
    provider = providers.create_provider(ctx, name=plan.name, host=plan.hosts[0], locale=plan.locale, zone=plan.zone)
    for host in plan.hosts[1:]:
        providers.add_host(ctx, host)
    built = BuiltProvider(provider)
    if plan.preset:
        apply_preset(ctx, built, plan.preset)
    providers.change_provider(ctx, provider, **plan.settings)
    built.departments = dict(built.departments) | {
        k: department_actions.add_department(ctx, key=k, name=v) for k, v in plan.departments.items()
    }
    built.services = dict(built.services) | {
        k: service_actions.add_service(ctx, key=k, name=v) for k, v in plan.services.items()
    }
    for organization in plan.organizations:
        add_organization(ctx, built, organization)
    for member in plan.staff:
        add_staff(ctx, built, member, password_hash)
    for contact in plan.contacts:
        add_contact(ctx, built, contact, password_hash)
    add_case_design(ctx, built, plan)
    if plan.promises:
        promises.apply_config(ctx, plan.promises)
    skip_steps(ctx, provider, get_started.OPTIONAL)
    return built


def apply_preset(ctx: Context, built: BuiltProvider, name: str) -> None:
    """Apply the preset *name*, and store its rows in *built* by their keys."""
    presets.install_preset(ctx, name)
    built.departments = {row.key: row for row in department_queries.active_departments(ctx)}
    built.services = {row.key: row for row in service_queries.all_services(ctx)}
    built.levels = {row.rank: row for row in severity_levels(ctx)}
    built.types = {row.key: row for row in request_types(ctx)}


def add_organization(ctx: Context, built: BuiltProvider, plan: OrganizationSpec) -> None:
    """A client with its accounts, their environments and the services they bought."""
    organization = organization_actions.add_organization(
        ctx, name=plan.name, default_visibility=plan.default_visibility
    )
    if plan.rules:
        organization_actions.change_organization(ctx, organization, **plan.rules)
    built.organizations[plan.name] = organization
    for account_plan in plan.accounts:
        account = account_actions.add_account(ctx, organization, key=account_plan.key, name=account_plan.name)
        built.accounts[account.key] = account
        for name, kind in account_plan.environments.items():
            built.environments[account.key, name] = environment_actions.add_environment(
                ctx, account, name=name, kind=kind
            )
        if account_plan.services:
            account_actions.change_account(
                ctx,
                account,
                key=account.key,
                name=account.name,
                suspended="",
                services=[built.services[key].id for key in account_plan.services],
            )


def add_staff(ctx: Context, built: BuiltProvider, plan: StaffSpec, password_hash: str) -> None:
    """Somebody of the provider, ready to sign in."""
    person = add_person(ctx, plan.name, plan.email, password_hash)
    built.people[plan.key] = person
    built.staff[plan.key] = staff.add_staff(
        ctx,
        person,
        role=plan.role,
        tier=plan.tier,
        all_accounts=not plan.accounts,
        accounts=[built.accounts[key].id for key in plan.accounts],
        departments=[built.departments[key].id for key in plan.departments],
    )


def add_contact(ctx: Context, built: BuiltProvider, plan: ContactSpec, password_hash: str) -> None:
    """Somebody of a client, with their access rows."""
    person = add_person(
        ctx, plan.name, plan.email, password_hash if plan.signs_in else "", locale=plan.locale, phone=plan.phone
    )
    built.people[plan.key] = person
    built.contacts[plan.key] = contact_actions.add_contact(
        ctx,
        built.organizations[plan.organization],
        person,
        title=plan.title,
        grants=[Grant(built.accounts[key].id, None, ContactRole(role)) for key, role in plan.access.items()],
    )


def add_person(ctx: Context, name: str, email: str, password_hash: str, *, locale: str = "", phone: str = "") -> User:
    """A person whose address is proven, as after an accepted invitation; without a hash they cannot sign in."""
    person = identity.add_person(ctx, name=name, email=email, locale=locale, phone=phone)
    if password_hash:
        identity.store_password_hash(ctx, person, password_hash)
        for address in addresses(ctx, person.id):
            address.verified_at = ctx.now
    return person


def add_case_design(ctx: Context, built: BuiltProvider, plan: ProviderSpec) -> None:
    """Add the choices of the form that opens a case."""
    for level in plan.levels:
        built.levels[level.rank] = severity_levels_actions.add_severity_level(
            ctx, name=level.name, description=level.description
        )
    for kind in plan.types:
        department, service = built.departments.get(kind.department), built.services.get(kind.requires)
        design = RequestTypeSettings(
            name=kind.name,
            description=kind.description,
            icon=kind.icon,
            template=kind.template,
            asks_severity=kind.asks_severity,
            default_rank=kind.default_rank,
            department_id=department.id if department else None,
            requires_service_id=service.id if service else None,
        )
        built.types[kind.key] = request_types_actions.add_request_type(ctx, design, key=kind.key)
