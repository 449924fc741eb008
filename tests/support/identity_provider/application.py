"""The provider as an application: its endpoints, faults before them, and the endpoint by which tests give orders."""

import socket
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from tests.support.identity_provider import graph, oauth
from tests.support.identity_provider.state import Fault, State

# What a test may order: the public methods of State that take and return JSON.
ORDERS = (
    *("tenant", "user", "remove_user", "client", "redirect", "sign_in_as", "rotate_keys"),
    *("fault", "end_faults", "token_fault", "change_claims", "set", "requests", "reset"),
    *("revoke", "reassign", "forget_codes", "tokens", "owner_of"),
    *("deliver", "mails", "delete_mail", "sent"),
)


def create(base: str) -> Flask:
    """The application of the provider at *base*."""
    app = Flask(__name__)
    state = State()
    state.base = base
    app.extensions["state"] = state
    # Authlib refuses http:// unless told that this is wanted (__main__.py sets the variable that it reads).
    oauth.begin(app)
    app.register_blueprint(graph.blueprint)

    @app.before_request
    def go_wrong() -> Any:
        if request.path.startswith("/control/"):
            return None
        state.seen.append(f"{request.method} {request.path}")
        blueprint, _dot, name = (request.endpoint or "").partition(".")
        names = ["graph", f"graph_{name}"] if blueprint == "graph" else [name]
        for one in names:
            fault = state.take_fault(one)
            if fault is not None:
                return carry_out(fault)
        return None

    orders: dict[str, Callable[..., Any]] = {name: getattr(state, name) for name in ORDERS}
    orders["logout"] = oauth.send_logout

    @app.post("/control/<order>")
    def control(order: str) -> Response:
        return jsonify({"result": orders[order](**request.get_json())})

    @app.get("/control/ready")
    def ready() -> str:
        return "ready"

    return app


def carry_out(fault: Fault) -> Any:
    """Do what *fault* says instead of answering; None: answer all the same."""
    time.sleep(fault.delay)
    if fault.drop:
        connection = request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        return "", 500
    if not fault.status:
        return None
    words = " ".join(request.form.values()) if fault.echo else "AADSTS70008: it has expired. Trace ID: 1-2-3"
    if request.blueprint == "graph":
        content: Any = {"error": {"code": fault.error or "TooManyRequests", "message": words if fault.echo else ""}}
    else:
        content = {"error": fault.error, "error_description": words} if fault.error else "slow down"
    answer = jsonify(content)
    answer.status_code = fault.status
    if fault.retry_after:
        answer.headers["Retry-After"] = fault.retry_after
    return answer
