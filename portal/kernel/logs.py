"""Structured logs, one JSON object a line, each with the request's id.

No bodies, no tokens, no names: a request is told by its route (never the path, which may hold a token), the ids of
provider and person, and the address it came from.
"""

import logging
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request


def _request_facts(_logger: Any, _name: str, fields: structlog.types.EventDict) -> structlog.types.EventDict:
    if has_request_context():
        fields.setdefault("request_id", g.get("request_id", ""))
    return fields


def _shared_processors() -> list[Any]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _request_facts,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
    ]


def json_formatter() -> logging.Formatter:
    """What makes a line of any logger one JSON object; gunicorn's own lines too (gunicorn.conf.py)."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )


def configure_logging(app: Flask, level: str) -> None:
    """Send every logger through structlog to standard error, and log one line a request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(json_formatter())
    root = logging.getLogger()
    if not app.testing:
        root.handlers = [handler]
        root.setLevel(level.upper() if level.upper() in logging.getLevelNamesMapping() else "INFO")
    structlog.configure(
        processors=[*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    access = logging.getLogger("portal.access")

    @app.after_request
    def line(response: Response) -> Response:
        if not request.path.startswith(("/static/", "/healthz")):
            spent = (time.perf_counter() - g.started) * 1000 if "started" in g else 0
            actor = g.ctx.actor if "ctx" in g else None
            access.info(
                "request",
                extra={
                    "method": request.method,
                    "route": request.url_rule.rule if request.url_rule else "",
                    "status": response.status_code,
                    "ms": round(spent, 1),
                    "provider": str(actor.provider_id or "") if actor else "",
                    "actor": str(actor.user_id or "") if actor else "",
                    "address": request.remote_addr or "",
                },
            )
        return response
