"""Builds the application. Reads like a table of contents."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from obstore.exceptions import BaseError as ObstoreError
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli, navigation, schedule, wiring
from portal.attachments import actions as attachments
from portal.authz import scopes
from portal.cases import history, panels, preconditions, receivers
from portal.cases import labels as case_labels
from portal.cases.queries import lists, live, people
from portal.channels.mail.queries import matching
from portal.config import Config, SettingsError, check_production, read_config
from portal.identity import actions as sign_ins
from portal.identity import passwords, registration_rules, sign_in, sign_in_ways, throttle
from portal.identity import queries as identity_queries
from portal.kernel import (
    change_stamps,
    clock,
    connections,
    encryption,
    events,
    gauges,
    jobs,
    logs,
    mail,
    outward,
    retention,
    security_events,
    storage,
    system_context,
    tenancy,
    tokens,
    uow,
)
from portal.kernel.actor import Id, Side, nobody
from portal.kernel.context import Context
from portal.kernel.database import Base, db, forget_inherited_connections
from portal.registrations.queries import is_registered
from portal.sso.queries.ways import counts_as_factor
from portal.tenants.queries import actors, factor_rules, live_sessions, open_cases
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import providers as provider_queries
from portal.web import (
    application,
    assets,
    compression,
    csrf,
    current,
    deferred_writes,
    drafts,
    errors,
    guards,
    headers,
    health,
    host_keys,
    language,
    metrics,
    own_pages,
    page_frame,
    refused_requests,
    tabs,
    template_gettext,
    template_globals,
    template_indentation,
    urls,
)
from portal.web.feature import join_lists, join_mappings, join_sequences, order_panels

FEATURES = wiring.FEATURES


def create_app(config: Config | None = None) -> Flask:
    """The whole portal, refusing to start where a convention is broken (DESIGN 6.5)."""
    config = config or read_config()
    app = application.Parley(__name__, root_path=str(wiring.ROOT), template_folder="templates", static_folder="static")
    check_production(config)
    if not config.database_url:
        raise SettingsError("DATABASE_URL is not set. `make run` starts a database of its own for a demo.")
    configure_clock(config)
    configure_flask(app, config)
    logs.configure_logging(app, config.log_level)
    init_database(app, config)
    open_storage(config)
    attachments.configure(config.upload_megabytes)
    tokens.configure_token_key(config.secret_key)
    encryption.configure_encryption_key(config.secret_key)
    outward.configure_outward(config.list_internal_hosts())
    passwords.configure(config.argon2_memory_kib, config.argon2_rounds)
    init_redis(app, config)
    language.init_babel(app, Babel())
    urls.register_url_rules(app)
    compression.register_compression(app)
    current.register_context(app, build_directory(config))
    deferred_writes.register_deferred_writes(app)
    refused_requests.register_refused_requests(app)
    csrf.register_csrf_check(app)
    errors.register_error_pages(app)
    headers.register_security_headers(app)
    template_globals.register_template_globals(app)
    assets.register_assets(app)
    template_indentation.register_template_indentation(app)
    template_gettext.register_template_gettext(app)
    page_frame.register_menus(navigation.fill_menus)
    health.register_health_checks(app)
    register_features(app)
    register_metrics(app, config)
    events.register_reactions(wiring.REACTIONS, wiring.CONSUMERS, wiring.FOR_MANY)
    jobs.register_handlers(wiring.DUE)
    register_retention(config)
    system_context.register_provider_loader(provider_queries.provider)
    security_events.register_organizations(contact_queries.only_organization)
    cli.register_commands(app, schedule.TABLE)
    check_conventions(app)
    return app


def list_provider_ids() -> list[Id]:
    """Every provider of the installation."""
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="system")
    return [provider_id for provider_id, _host in provider_queries.list_providers(reader)]


def register_metrics(app: Flask, config: Config) -> None:
    """Register /metrics with the gauges of the kernel and of all features."""
    kinds = {**gauges.KERNEL_GAUGES, **join_mappings(FEATURES, "gauges")}
    metrics.register_metrics(app, config.metrics_token, config.prometheus_multiproc_dir, kinds, list_provider_ids)


def register_retention(config: Config) -> None:
    """Register the kinds of rows that are deleted after their days, and the list of providers."""
    kernel = {"deliveries": retention.delete_done_deliveries, "security_events": security_events.delete_old}
    kinds = {**kernel, **join_mappings(FEATURES, "retention")}
    retention.register_retention(kinds, config.retention_days(), list_provider_ids)


def register_features(app: Flask) -> None:
    """Register the pages of all features, and what each adds to the pages of others."""
    for blueprint in join_sequences(FEATURES, "blueprints"):
        app.register_blueprint(blueprint)
    panels.set_panel_sources(order_panels(FEATURES))
    panels.set_view_observers(join_sequences(FEATURES, "view_observers"))
    preconditions.set_preconditions(join_lists(FEATURES, "preconditions"))
    preconditions.set_reply_steps(join_sequences(FEATURES, "reply_steps"))
    panels.set_insert_source(next((f.composer_insert for f in FEATURES if f.composer_insert is not None), None))
    mail.set_mail_readers(feature.reads_mail for feature in FEATURES if feature.reads_mail is not None)
    mail.set_reading_checks(f.is_reading_behind for f in FEATURES if f.is_reading_behind is not None)
    mail.set_transport_finder(next((f.mail_transport for f in FEATURES if f.mail_transport is not None), None))
    matching.register_sent_mail_finder(next((f.find_sent_mail for f in FEATURES if f.find_sent_mail), None))
    sign_in.register_first_page(next((f.first_page for f in FEATURES if f.first_page is not None), None))
    sign_in_ways.register_sign_in_ways(next((f.sign_in_ways for f in FEATURES if f.sign_in_ways is not None), None))
    registration_rules.register_registration_rules(
        next((f.registration_rules for f in FEATURES if f.registration_rules is not None), None)
    )
    sign_in.register_factor_rules(factor_rules.find_factor_rule, counts_as_factor)
    receivers.set_receiver_finder(next((f.receivers for f in FEATURES if f.receivers is not None), None))
    open_cases.set_contact_cases(next((f.contact_cases for f in FEATURES if f.contact_cases is not None), None))
    panels.set_slot_sources(join_lists(FEATURES, "slots"))
    panels.set_column_sources(join_sequences(FEATURES, "columns"))
    lists.set_views(join_sequences(FEATURES, "views"))
    lists.register_put_aside(next((feature.set_aside for feature in FEATURES if feature.set_aside is not None), None))
    panels.set_row_marks(join_sequences(FEATURES, "row_marks"), join_mappings(FEATURES, "bulk_pages"))
    live.set_count_parts(join_mappings(FEATURES, "counts"))
    tabs.register_tabs(join_lists(FEATURES, "tabs"))
    own_pages.register_own_pages(join_mappings(FEATURES, "own_pages"))
    history.set_history_lines(join_mappings(FEATURES, "history_lines"))
    stores = (feature.draft_store for feature in FEATURES if feature.draft_store is not None)
    drafts.register_drafts(join_mappings(FEATURES, "drafts"), next(stores, None))
    case_labels.set_timeline_lines(join_mappings(FEATURES, "timeline_lines"))
    lists.set_case_tabs(join_sequences(FEATURES, "case_tabs"))
    navigation.register_items(join_sequences(FEATURES, "navigation"))


def configure_flask(app: Flask, config: Config) -> None:
    """Flask's own settings, from ours."""
    app.session_interface = host_keys.HostSessions()
    app.config.update(
        SECRET_KEY=config.secret_key,
        PARLEY=config,
        REDIS_URL=config.redis_url,
        TRUSTED_PROXIES=config.trusted_proxies,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=connections.build_engine_options(config.pool_size),
        SESSION_COOKIE_NAME="__Host-parley" if config.secure_cookies else "parley",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        PERMANENT_SESSION_LIFETIME=dt.timedelta(days=7),
        # Room for ten files, and for a text far beyond every limit: the form answers that with a sentence.
        MAX_CONTENT_LENGTH=(config.upload_megabytes * 10 + 25) * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=24 * 1024 * 1024,
        MAX_FORM_PARTS=500,
        WTF_CSRF_TIME_LIMIT=None,
    )
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]


def init_database(app: Flask, config: Config) -> None:
    """Connect as the application role; drop inherited connections after a fork (RQ work-horse, gunicorn preload)."""
    import os

    db.init_app(app)
    Migrate(app, db, directory=str(wiring.ROOT / "migrations"))
    with app.app_context():
        engine = db.engine
    connections.check_rested_connections(engine)
    connections.keep_prepared_statements(engine)
    os.register_at_fork(after_in_child=lambda: forget_inherited_connections(engine))


def configure_clock(config: Config) -> None:
    """Only a demo's time may be moved (`config.check_production`)."""
    clock.follow_file(config.parley_data / "clock" if config.parley_time_travel else None)


def open_storage(config: Config) -> None:
    """Open the store of files. Raises SettingsError where it cannot be opened."""
    try:
        storage.open_storage(config.files_url())
    except (OSError, ValueError, ObstoreError) as problem:
        name = "STORAGE_URL" if config.storage_url else "PARLEY_DATA"
        reason = getattr(problem, "strerror", None) or type(problem).__name__
        raise SettingsError(f"{name} names no place for files: {reason}.") from None


def init_redis(app: Flask, config: Config) -> None:
    """Redis wakes the worker and counts tries; without it the sweep wakes, and each process counts for itself."""
    if config.redis_url:
        jobs.connect_redis(config.redis_url)
        uow.register_announcement(change_stamps.announce_change)
    throttle.init_throttle(app, config.redis_url)


# How stale the last-seen time of a sign-in may be.
SEEN_EVERY = dt.timedelta(minutes=1)


def build_directory(config: Config) -> current.Directory:
    """How the web layer finds out who is there."""
    idle = dt.timedelta(hours=config.session_hours)

    def person_of_session(ctx: Context, token: str) -> Any:
        entry = live_sessions.load_session(ctx, token, idle)
        if entry is None:
            return None
        session_id = entry.session_id
        if entry.last_seen_at <= ctx.now - SEEN_EVERY and not current.is_poll():
            deferred_writes.defer_write(lambda later: sign_ins.mark_seen(later, session_id))
        return entry.person, session_id

    def has_portal(ctx: Context, person: Any) -> bool:
        belongs = bool(actors.build_actor(ctx, person, Side.CONTACT).memberships)
        # Registered people may sign in if the provider allows it, and see nothing until they have a place.
        registered = ctx.provider.registration == "anyone" and person.ended_at is None
        return belongs or registered or people.has_grant(ctx, person.id) or is_registered(ctx, person.id)

    def keep_unsent_form(
        ctx: Context,
        token: str,
        path: str,
        fields: Mapping[str, list[str]],
        uploads: Sequence[Any],
        other_files: Sequence[str],
    ) -> Id | None:
        owner_id = identity_queries.user_of_ended_session(ctx, token)
        if owner_id is None:
            return None
        staged, lost = attachments.stage_what_can_be(ctx, uploads, owner_id)
        claimed = [*fields.get("staged", ()), *(str(row.id) for row in staged)]
        kept = {**fields, "staged": claimed} if staged else fields
        return sign_ins.keep_unsent_form(ctx, owner_id, path, kept, [*lost, *other_files])

    return current.Directory(
        provider_of_host=provider_queries.served_provider_of_host,
        provider=provider_queries.provider,
        person_of_session=person_of_session,
        actor=actors.build_actor,
        has_desk=actors.has_desk,
        has_portal=has_portal,
        organization_names=actors.organization_names,
        has_recent_proof=identity_queries.has_recent_proof,
        keep_unsent_form=keep_unsent_form,
    )


def check_conventions(app: Flask) -> None:
    """Fail closed: no view without a guard, no table without policy, no tenant model without scope."""
    unguarded = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and not hasattr(view, guards.GUARD)
    ]
    tables = set(Base.metadata.tables) - set(tenancy.POLICIES)
    models = {
        mapper.class_
        for mapper in Base.registry.mappers
        if tenancy.POLICIES.get(mapper.class_.__tablename__, tenancy.TablePolicy(None)).condition is not None
    }
    scopeless = [model.__name__ for model in models - set(scopes.registered_scopes())]
    for problem, found in (
        ("views without a guard", unguarded),
        ("tables without a policy", tables),
        ("models without a scope", scopeless),
    ):
        if found:
            raise RuntimeError(f"{problem}: {', '.join(sorted(found))}")


log = structlog.get_logger()
