"""Periodic work: one table, dotted function → seconds between runs."""

from portal import wiring
from portal.web.feature import join_mappings

TABLE: dict[str, int] = {
    # Does what falls due at a time (a reply waits ten seconds), and covers a lost wake-up.
    "portal.kernel.jobs.work_due": 5,
    # Deletes old rows (kernel.retention); hourly, so that runs are short.
    "portal.kernel.retention.prune": 3600,
    **join_mappings(wiring.FEATURES, "periodic_jobs"),
}
