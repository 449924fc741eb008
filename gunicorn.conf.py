"""How gunicorn serves Parley: `gunicorn 'app:create_app()'` reads this file by itself; its options override it.

WEB_CONCURRENCY is gunicorn's own variable for the number of processes.
"""

import os
import shutil
import sys
import tempfile

from portal.config import WEB, SettingsError, read_config, require_settings

# The processes count requests in files of one folder (portal/web/metrics.py). Each start begins anew, as Prometheus
# expects; a reload (HUP) goes on with the folder, a second master (USR2) makes its own.
COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
own_folders = f"parley-metrics-{os.getpid()}-"


def on_exit(server):
    """Delete the folder of this master."""
    folder = os.environ.get(COUNTERS, "")
    if os.path.basename(folder).startswith(own_folders):
        shutil.rmtree(folder, ignore_errors=True)


# A missing or wrong setting is said once, before anything starts. The benchmark serves another application from here.
if any(word.startswith("app:") for word in sys.argv):
    try:
        chosen = read_config()
        require_settings(chosen, WEB)
    except SettingsError as problem:
        problem.show(sys.stderr)
        sys.exit(problem.exit_code)
    # Before prometheus-client is imported, which looks for it once.
    if chosen.metrics_token and own_folders not in os.environ.get(COUNTERS, ""):
        os.environ[COUNTERS] = tempfile.mkdtemp(prefix=own_folders)

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
