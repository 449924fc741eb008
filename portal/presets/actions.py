"""Loading a preset: every line of it goes through an action that an administrator could have used by hand."""

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import request_fields as request_field_actions
from portal.cases.actions import request_types
from portal.cases.actions import severity_levels as severity_levels_actions
from portal.cases.actions.request_types import RequestTypeSettings
from portal.cases.actions.severity_question import ScaleAnswer, change_severity_question
from portal.cases.actions.status_words import change_status_words
from portal.cases.models import RequestType
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.presets import queries
from portal.presets.schema import Preset, RequestTypeConfig
from portal.sla import import_config as promises
from portal.surveys import import_config
from portal.tenants.actions import departments as department_actions
from portal.tenants.actions import phrases as phrase_actions
from portal.tenants.actions import providers
from portal.tenants.actions import services as service_actions
from portal.tenants.models import Department, Service
from portal.tenants.queries import departments as department_queries
from portal.tenants.queries import services as service_queries

SLA_FILE = "sla.toml"


def install_preset(ctx: Context, name: str) -> Preset:
    """Make the provider of *ctx* the portal of preset *name*, once, before its first case; records `preset.loaded`.

    Departments and services with the same key stay as they are; request types that the preset does not have are
    archived. Name, hosts, people and logo are the provider's own. Raises Conflict afterwards, PresetError for a
    preset that does not exist.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if not queries.is_untouched(ctx):
        raise Conflict(_("A preset can be loaded once, before the first case."))
    preset = queries.preset(name)
    provider = ctx.provider
    with force_locale(preset.place.language):
        providers.change_provider(
            ctx,
            provider,
            locale=preset.place.language,
            zone=preset.place.zone,
            object_word=preset.object_word,
            **preset.branding.model_dump(),
            **preset.life.model_dump(),
        )
        _severity(ctx, preset)
        _types(ctx, preset, _departments(ctx, preset), _services(ctx, preset))
        for language, parts in preset.statuses.items():
            change_status_words(ctx, provider, language, dict(parts))
        for language, words in preset.words.items():
            phrase_actions.change_phrases(ctx, provider, language, words)
        if preset.survey:
            import_config.import_survey(ctx, preset.survey)
        _import_sla(ctx, name)
    record(ctx, queries.LOADED, provider, preset=name)
    return preset


def _severity(ctx: Context, preset: Preset) -> None:
    wanted = preset.severity.levels
    there = len(severity_levels(ctx))
    # Other names first, so that a level that is added cannot collide with one that is about to be renamed.
    words = {rank: (level.name, level.description) for rank, level in enumerate(wanted, start=1) if rank <= there}
    change_severity_question(ctx, ctx.provider, kind="levels")
    severity_levels_actions.change_severity_levels(ctx, words)
    for level in wanted[there:]:
        severity_levels_actions.add_severity_level(ctx, name=level.name, description=level.description)
    change_severity_question(
        ctx,
        ctx.provider,
        kind=preset.severity.question,
        question=preset.severity.text,
        answers=[ScaleAnswer(a.name, a.level, a.description, a.key or "") for a in preset.severity.answers],
    )


def _departments(ctx: Context, preset: Preset) -> dict[str, Department]:
    known = {row.key: row for row in department_queries.active_departments(ctx)}
    return {
        key: known.get(key) or department_actions.add_department(ctx, key=key, name=name)
        for key, name in preset.departments.items()
    }


def _services(ctx: Context, preset: Preset) -> dict[str, Service]:
    known = {row.key: row for row in service_queries.all_services(ctx)}
    return {
        key: known.get(key) or service_actions.add_service(ctx, key=key, name=name)
        for key, name in preset.services.items()
    }


def _types(
    ctx: Context, preset: Preset, departments: dict[str, Department], services: dict[str, Service]
) -> list[RequestType]:
    there = {row.key: row for row in request_types.all_request_types(ctx)}
    for key, row in there.items():
        if key not in {kind.key for kind in preset.types} and row.active:
            request_types.archive_request_type(ctx, row)
    rows = []
    for kind in preset.types:
        design = _design(kind, departments, services)
        if kind.key in there:
            request_types.change_request_type(ctx, there[kind.key], design)
            rows.append(there[kind.key])
        else:
            rows.append(request_types.add_request_type(ctx, design, key=kind.key))
        own = [field.to_field(preset.place.language) for field in kind.form]
        request_field_actions.set_fields(ctx, rows[-1], own)
    request_types.arrange_request_types(ctx, rows)
    if len(severity_levels(ctx)) > len(preset.severity.levels):
        severity_levels_actions.remove_severity_level(ctx)
    return rows


def _design(
    kind: RequestTypeConfig, departments: dict[str, Department], services: dict[str, Service]
) -> RequestTypeSettings:
    return RequestTypeSettings(
        name=kind.name,
        description=kind.description,
        icon=kind.icon,
        template=kind.template,
        asks_severity=kind.asks_severity,
        default_rank=kind.severity,
        takes_files=kind.files,
        fields=kind.fields,
        only_roles=kind.roles,
        department_id=departments[kind.department].id if kind.department else None,
        requires_service_id=services[kind.requires].id if kind.requires else None,
    )


def _import_sla(ctx: Context, name: str) -> None:
    """Calendars, policies and escalation rules, where the preset brings them."""
    data = queries.extra_table(name, SLA_FILE)
    if data:
        promises.apply_config(ctx, data)
