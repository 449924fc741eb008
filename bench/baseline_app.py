"""The baselines: what the same machine, server, framework and database need for a minimal page and insert.

    GET  /list     one indexed query, 25 rows, one Jinja template; no session, no person, no rules
    POST /insert   one INSERT and COMMIT (durable), a redirect

Served by the same gunicorn with the same workers as Parley. The page reads Parley's own table of cases without scope
and policy; the insert writes a table of its own.
"""

import os
import threading

import psycopg
from flask import Flask, Response, render_template_string, request

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Cases</title></head>
<body><table><thead><tr><th>Number</th><th>Subject</th><th>Status</th><th>Updated</th></tr></thead><tbody>
{% for number, subject, state, updated in rows %}
<tr><td>{{ number }}</td><td><a href="/case/{{ number }}">{{ subject }}</a></td>
<td>{{ state }}</td><td>{{ updated }}</td></tr>
{% endfor %}
</tbody></table></body></html>"""
ROWS = """SELECT number, subject, state, updated_at FROM cases WHERE provider_id = %s
ORDER BY updated_at DESC, id DESC LIMIT 25"""
INSERT = "INSERT INTO bench_baseline (subject, body) VALUES (%s, %s)"
TABLE = """CREATE TABLE IF NOT EXISTS bench_baseline
(id bigserial PRIMARY KEY, subject text, body text, at timestamptz DEFAULT now())"""

_own = threading.local()


def connection() -> "psycopg.Connection[tuple[object, ...]]":
    """One connection a thread, kept open."""
    found: psycopg.Connection[tuple[object, ...]] | None = getattr(_own, "connection", None)
    if found is None:
        found = _own.connection = psycopg.connect(os.environ["BENCH_OWNER_URL"], autocommit=True)
    return found


def create_app() -> Flask:
    app = Flask(__name__)
    provider = os.environ["BENCH_PROVIDER"]
    with psycopg.connect(os.environ["BENCH_OWNER_URL"], autocommit=True) as once:
        once.execute(TABLE)

    @app.get("/list")
    def listing() -> str:
        return render_template_string(PAGE, rows=connection().execute(ROWS, [provider]).fetchall())

    @app.post("/insert")
    def insert() -> Response:
        with connection().transaction():
            connection().execute(INSERT, [request.form["subject"], request.form["body"]])
        return Response(status=303, headers={"Location": "/list"})

    return app
