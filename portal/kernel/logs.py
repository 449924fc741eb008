"""Structured logs, one JSON object a line, each with the request's id; no bodies, no tokens, no addresses."""

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


def configure_logging(app: Flask, level: str) -> None:
    """Send every logger through structlog to standard error, and log one line a request."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _request_facts,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    if not app.testing:
        root.handlers = [handler]
        root.setLevel(level.upper() if level.upper() in logging.getLevelNamesMapping() else "INFO")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    access = logging.getLogger("portal.access")

    @app.after_request
    def line(response: Response) -> Response:
        if not request.path.startswith(("/static/", "/healthz")):
            spent = (time.perf_counter() - g.started) * 1000 if "started" in g else 0
            access.info(
                "request",
                extra={
                    "method": request.method,
                    "endpoint": request.endpoint or "",
                    "status": response.status_code,
                    "ms": round(spent, 1),
                },
            )
        return response
