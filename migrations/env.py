"""Migrations run as the owner of the tables, never as the application."""

import os

from alembic import context
from flask import current_app
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from portal.config import MIGRATE, SettingsError, require_settings
from portal.kernel.database import Base

settings = current_app.config["PARLEY"]
# A test migrates other databases than that of its application.
url = os.environ.get("DATABASE_OWNER_URL") or settings.database_owner_url
require_settings(settings.model_copy(update={"database_owner_url": url}), MIGRATE)


def run() -> None:
    engine = create_engine(url)
    try:
        connection = engine.connect()
    except OperationalError as problem:
        raise SettingsError(f"DATABASE_OWNER_URL leads to no database: {str(problem.orig).strip()}") from None
    with connection:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
