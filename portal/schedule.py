"""Periodic work: one table, dotted function → seconds between runs."""

from portal import wiring
from portal.web.feature import join_mappings

TABLE: dict[str, int] = {
    # Covers a lost wake-up, because the database holds what is due.
    "portal.kernel.jobs.work_due": 15,
    # Deletes old rows (kernel.retention); hourly, so that runs are short.
    "portal.kernel.retention.prune": 3600,
    **join_mappings(wiring.FEATURES, "periodic_jobs"),
}
