"""/metrics for Prometheus: requests of all processes of this web server, and what the machinery has to do.

Counters of requests are shared by the processes through files (prometheus-client's multiprocess mode; gunicorn.conf.py
makes the folder). Everything else is counted when it is asked for. No label names anything of a tenant.
"""

import hmac
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import structlog
from flask import Flask, Response, g, make_response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

import portal
from portal.kernel import clock, jobs, uow, workers
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.gauges import ProviderGauge, count_due_work
from portal.kernel.outbox import DELIVERY
from portal.kernel.system_context import create_system_context
from portal.web.guards import public

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# Twice as many series, which one process would show and several do not.
disable_created_metrics()  # type: ignore[no-untyped-call]

log = structlog.get_logger()


def register_metrics(
    app: Flask,
    token: str,
    folder: str,
    gauges: Mapping[str, ProviderGauge],
    list_providers: Callable[[], Iterable[Id]],
) -> None:
    """Add the view, and the counters if a *token* is set; without one the page is not there.

    *folder* holds the counters of all processes; empty: this process is the only one.
    """
    counters = count_requests(app) if token else []

    @app.get("/metrics")
    @public("Prometheus has a token, no sign-in; numbers only, no tenant's data")
    def metrics() -> Response:
        if not token:
            return make_response("There is no METRICS_TOKEN.\n", 404, {"Content-Type": "text/plain"})
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
            return make_response("Wrong token.\n", 401, {"WWW-Authenticate": "Bearer", "Content-Type": "text/plain"})
        registry = CollectorRegistry()
        if folder:
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        else:
            for counter in counters:
                registry.register(counter)
        registry.register(MachineryCollector(gauges, list_providers))
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return make_response(encode(registry), 200, {"Content-Type": content_type})


def count_requests(app: Flask) -> list[Collector]:
    """Count every answer from now on, and how long it took to make; returns the two metrics."""
    requests = Counter(
        "parley_http_requests",
        "Requests that were answered; the endpoint is the name of a route, or none.",
        ("method", "endpoint", "status"),
        registry=None,
    )
    durations = Histogram(
        "parley_http_request_duration_seconds",
        "Time to make an answer, without waiting for a thread.",
        ("endpoint",),
        buckets=SECONDS,
        registry=None,
    )

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        method = request.method if request.method in METHODS else "other"
        requests.labels(method, endpoint, str(response.status_code)).inc()
        if "started" in g:
            durations.labels(endpoint).observe(time.perf_counter() - g.started)
        return response

    return [requests, durations]


class MachineryCollector(Collector):
    """The gauges that are counted at the moment of a scrape. What does not answer is left out, and `…_up` is 0."""

    def __init__(self, gauges: Mapping[str, ProviderGauge], list_providers: Callable[[], Iterable[Id]]) -> None:
        self.gauges, self.list_providers = gauges, list_providers

    def collect(self) -> Iterator[Metric]:
        """The samples, each part from one place."""
        yield _gauge("parley_build_info", "1, with the versions as labels.", version=portal.__version__, python=PYTHON)
        for name, read, description in (
            ("parley_redis_up", _read_redis, "Whether Redis answers."),
            ("parley_database_up", self._read_database, "Whether PostgreSQL answers."),
        ):
            try:
                found = list(read())
            except (RedisError, SQLAlchemyError, RuntimeError) as problem:
                log.warning("a part of the metrics cannot be read", part=name, problem=type(problem).__name__)
                found = []
                uow.roll_back(db.session)
                yield _gauge(name, description, 0)
            else:
                yield _gauge(name, description, 1)
            yield from found

    def _read_database(self) -> Iterator[Metric]:
        reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="system")
        due = count_due_work(reader)
        pieces = GaugeMetricFamily(
            "parley_due_work", "Pieces of work that are due and not done, counted to 10,000.", labels=["kind"]
        )
        for kind in sorted({DELIVERY, *jobs.handled_kinds()}):
            pieces.add_metric([kind], due[kind].pieces if kind in due else 0)
        yield pieces
        oldest = max((count.oldest_seconds for count in due.values()), default=0.0)
        yield _gauge("parley_due_work_oldest_seconds", "Seconds since the oldest piece became due; 0: none.", oldest)
        provider_ids = list(self.list_providers())
        yield _gauge("parley_providers", "Providers of this installation.", len(provider_ids))
        totals = {name: dict.fromkeys(gauge.states, 0) for name, gauge in self.gauges.items()}
        for provider_id in provider_ids:
            ctx = create_system_context(provider_id)
            for name, gauge in self.gauges.items():
                for state, number in gauge.count(ctx).items():
                    totals[name][state] += number
        for name, gauge in self.gauges.items():
            family = GaugeMetricFamily(name, gauge.description, labels=["state"])
            for state, number in totals[name].items():
                family.add_metric([state], number)
            yield family


def _read_redis() -> Iterator[Metric]:
    redis = jobs.redis()
    for kind, key in (("worker", workers.WORKERS), ("scheduler", workers.SCHEDULERS)):
        yield _gauge(f"parley_{kind}s", f"{kind.capitalize()}s that are alive.", workers.count_live(redis, key))
        seconds = workers.seconds_since_life(redis, key)
        if seconds is not None:
            yield _gauge(f"parley_{kind}_last_seen_seconds", f"Seconds since a {kind} showed a sign of life.", seconds)
    yield _gauge("parley_jobs_queued", "Jobs of RQ that wait for a worker.", jobs.queue().count)
    yield _gauge("parley_job_oldest_seconds", "Age of the oldest of them; 0: none waits.", jobs.oldest_job_seconds())
    swept = jobs.last_sweep_at()
    if swept is not None:
        age = max(0, clock.milliseconds() / 1000 - swept.timestamp())
        yield _gauge("parley_last_sweep_seconds", "Seconds since a worker found nothing more to do.", age)


def _gauge(name: str, description: str, value: float = 1, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, description, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


PYTHON = platform.python_version()
