"""Health: /healthz says that the process answers, /readyz that everything behind it does."""

from collections.abc import Callable
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask, Response, jsonify, make_response

from portal.kernel import jobs, workers
from portal.kernel.database import db
from portal.web.guards import public


def register_health_checks(app: Flask) -> None:
    """Add the two views."""
    heads = set(ScriptDirectory(str(Path(app.root_path) / "migrations")).get_heads())

    def database() -> str:
        with db.engine.connect() as connection:
            # Alembic would log two lines at each probe.
            current = {row[0] for row in connection.exec_driver_sql("SELECT version_num FROM alembic_version")}
        return "" if current == heads else "migrations have not run"

    def redis() -> str:
        jobs.redis().ping()
        return ""

    def worker() -> str:
        return "" if workers.count_live_workers(jobs.redis()) else "no worker is running"

    def scheduler() -> str:
        return "" if workers.count_live_schedulers(jobs.redis()) else "no scheduler is running"

    checks: dict[str, Callable[[], str]] = {
        "database": database,
        "redis": redis,
        "worker": worker,
        "scheduler": scheduler,
    }

    @app.get("/healthz")
    @public("a load balancer asks before anybody signs in")
    def healthz() -> Response:
        return make_response("ok\n", 200, {"Content-Type": "text/plain"})

    @app.get("/readyz")
    @public("a load balancer asks before anybody signs in; names parts, never tenants")
    def readyz() -> Response:
        problems = {}
        for name, check in checks.items():
            try:
                found = check()
            except Exception as problem:
                found = type(problem).__name__
            if found:
                problems[name] = found
        return make_response(jsonify(ready=not problems, problems=problems), 503 if problems else 200)
