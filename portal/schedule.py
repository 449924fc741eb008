"""Periodic work: one table, dotted function → seconds between runs."""

from portal import wiring
from portal.web.feature import join_mappings

TABLE: dict[str, int] = {
    # Covers a lost wake-up: what is due stands in the database.
    "portal.kernel.jobs.work_due": 15,
    # Deletes what is over (kernel.retention); hourly, so that no run is long.
    "portal.kernel.retention.prune": 3600,
    **join_mappings(wiring.FEATURES, "periodic_jobs"),
}
