"""Periodic work: one table, dotted function → seconds between runs."""

TABLE = {
    # Covers a lost wake-up: what is due stands in the database.
    "portal.kernel.jobs.work_due": 15,
}
