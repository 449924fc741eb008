"""Periodic work: one table, dotted function → seconds between runs."""

from portal import wiring
from portal.web.feature import join_mappings

TABLE: dict[str, int] = {
    # Covers a lost wake-up: what is due stands in the database.
    "portal.kernel.jobs.work_due": 15,
    **join_mappings(wiring.FEATURES, "periodic_jobs"),
}
