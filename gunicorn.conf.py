"""How gunicorn serves Parley: `gunicorn 'app:create_app()'` reads this file by itself; its options override it.

WEB_CONCURRENCY is gunicorn's own variable for the number of processes.
"""

import os
import sys

from portal.config import WEB, SettingsError, read_config, require_settings

# A missing or wrong setting is said once, before anything starts. The benchmark serves another application from here.
if any(word.startswith("app:") for word in sys.argv):
    try:
        require_settings(read_config(), WEB)
    except SettingsError as problem:
        problem.show(sys.stderr)
        sys.exit(problem.exit_code)

host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 4)
worker_class = "gthread"
threads = 8
limit_request_line = 8190
control_socket_disable = True
# gunicorn's own lines are JSON as all others.
logconfig_dict = {
    "formatters": {"json": {"()": "portal.kernel.logs.json_formatter"}},
    "handlers": {"error": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"level": "INFO", "handlers": ["error"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error"], "propagate": False}},
}
