"""The periodic job of time rules: each case in a unit of work of its own.

A rule runs once for a case and a moment, because its row in the log is written with what it does: a worker that is
killed has done a case completely or not at all, and two workers do it once.
"""

import datetime as dt
import logging
import time
from collections.abc import Sequence

from portal.cases.queries.detail import by_id_unless_busy
from portal.kernel import jobs
from portal.kernel.actor import Id
from portal.kernel.errors import NotFound
from portal.kernel.system_context import system_work
from portal.rules.actions.running import Occasion, run_time_rule
from portal.rules.queries.case_rules import rule, time_rules, to_rule_in_use
from portal.rules.queries.firings import due_cases, is_still_due
from portal.tenants.queries.providers import every_provider_id

log = logging.getLogger(__name__)
JOB = "portal.rules.jobs.run_time_rules"


def run_time_rules() -> int:
    """Run the time rules of every provider on the cases for which they are due; returns how many runs there were."""
    ends, count = time.monotonic() + jobs.RUN_SECONDS, 0
    for provider_id in every_provider_id():
        try:
            for rule_id, case_id, moment in _find_due(provider_id):
                if time.monotonic() >= ends:
                    jobs.wake_job(JOB)
                    return count
                count += _run(provider_id, rule_id, case_id, moment)
        except jobs.JobTimeout:
            raise
        except Exception:
            log.exception("the time rules of a provider could not be run", extra={"provider": str(provider_id)})
    return count


def _run(provider_id: Id, rule_id: Id, case_id: Id, moment: dt.datetime) -> int:
    """Run one rule on one case; 0 for a case that somebody writes on, which the next run finds again."""
    with system_work(provider_id) as ctx:
        try:
            row, case = rule(ctx, rule_id), by_id_unless_busy(ctx, case_id)
        except NotFound:
            return 0
        if case is None or not row.active or not is_still_due(ctx, row, case, moment):
            return 0
        return run_time_rule(ctx, case, to_rule_in_use(row), Occasion(moment.isoformat(), moment))


def _find_due(provider_id: Id) -> Sequence[tuple[Id, Id, dt.datetime]]:
    """(rule, case, moment) of what is due at a provider, in the order of the rules."""
    with system_work(provider_id) as ctx:
        return [(row.id, case_id, moment) for row in time_rules(ctx) for case_id, moment in due_cases(ctx, row)]
