"""Migrations run as the owner of the tables, never as the application."""

import os

from alembic import context
from flask import current_app
from sqlalchemy import create_engine

from portal.kernel.database import Base

config = context.config
url = os.environ.get("DATABASE_OWNER_URL") or current_app.config["SQLALCHEMY_DATABASE_URI"]


def run() -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
