"""Reading mailboxes, and carrying on their tests: a periodic job, and `flask mailbox poll`.

Each message is a unit of work of its own, and the place in the mailbox is stored with what became of the message. So
reading can end at any moment, by a kill too, and goes on after the last message that was taken in. One run reads at
most BATCH messages of a mailbox, so that one large mailbox does not keep others waiting. Whatever goes wrong with one
mailbox is its failure: it is noted there, and the next mailbox is read. After `jobs.RUN_SECONDS` a run ends after the
message in hand, and the next run goes on.
"""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import current_app

from portal.channels.mail.actions import reading
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.failure_notes import name_failure, note_failure
from portal.channels.mail.graph_reading import GraphReader
from portal.channels.mail.imap_reading import ImapReader
from portal.channels.mail.mailbox_access import open_graph, open_imap
from portal.channels.mail.mailbox_tests import continue_test
from portal.channels.mail.models import GRAPH
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.rules import POLL_JOB, IntakeRules, MailDelivery
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.system_work import system_work
from portal.kernel import jobs
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.queries.providers import every_provider_id

log = logging.getLogger(__name__)

# Messages of a mailbox in one run.
BATCH = 200


@dataclass(slots=True)
class PollResult:
    """What came of reading one mailbox: how many mails were taken in, whether there are more, or why it failed."""

    address: str
    taken: int = 0
    more: bool = False
    failure: MailServerFailure | None = None


def poll_mailboxes() -> int:
    """The periodic job: carry on tests, then read every mailbox that is due; returns how many mails were taken in."""
    ends, taken, more = time.monotonic() + jobs.RUN_SECONDS, 0, False
    for provider_id in every_provider_id():
        try:
            for result in _poll_provider(provider_id, ends):
                taken += result.taken
                more = more or result.more
        except jobs.JobTimeout:
            raise
        except Exception:
            log.exception("the mailboxes of a provider could not be read", extra={"provider": str(provider_id)})
    if more:
        jobs.wake_job(POLL_JOB)
    return taken


def _poll_provider(provider_id: Id, ends: float) -> Iterator[PollResult]:
    """Carry on the tests of a provider, then read its mailboxes, until *ends* (monotonic)."""
    for test_id in _open_tests(provider_id):
        if time.monotonic() > ends:
            break
        continue_test(provider_id, test_id)
    for connection_id in _connections(provider_id):
        if time.monotonic() > ends:
            yield PollResult("", more=True)
            return
        result = read_mailbox(provider_id, connection_id, ends=ends)
        if result is not None:
            yield result


def poll_all_now() -> Iterator[PollResult]:
    """Read every mailbox that is on to its end, also before it is due."""
    for provider_id in every_provider_id():
        for connection_id in _connections(provider_id):
            total: PollResult | None = None
            while result := read_mailbox(provider_id, connection_id, now_wanted=True):
                result.taken += total.taken if total else 0
                total = result
                if not result.more:
                    break
            if total is not None:
                yield total


def read_mailbox(
    provider_id: Id, connection_id: Id, *, now_wanted: bool = False, ends: float = math.inf
) -> PollResult | None:
    """Take in at most BATCH new messages of a mailbox until *ends* (monotonic), one at least; None where it is off,
    paused, not due or read by another.

    Whatever goes wrong is noted as the failure of the mailbox. Raises JobTimeout, after that is noted too.
    """
    plan: reading.ReadingPlan | None = None
    result = PollResult("")
    try:
        with system_work(provider_id) as ctx:
            result.address = queries.connected_address(ctx, connection_id)
            plan = reading.claim_mailbox(ctx, connection_id, now_wanted=now_wanted)
        if plan is None:
            return None
        with _open_reader(plan, ends) as reader:
            try:
                result.more = reader.read()
            finally:
                result.taken = len(reader.done)
        with system_work(provider_id) as ctx:
            reading.finish_reading(ctx, connection_id, more=result.more)
    except Exception as problem:
        failure = name_failure(problem, connection_id)
        log.warning("a mailbox could not be read", extra={"mailbox": str(connection_id), "failure": failure.code})
        result.failure, result.more = failure, False
        note_failure(provider_id, lambda ctx: reading.fail_reading(ctx, connection_id, failure))
        if isinstance(problem, jobs.JobTimeout):
            raise
    return result


@contextmanager
def _open_reader(plan: reading.ReadingPlan, ends: float) -> Iterator[ImapReader | GraphReader]:
    if plan.account.protocol == GRAPH:
        with open_graph(plan.account) as inbox:
            yield GraphReader(plan, inbox, _take_in, BATCH, ends)
    else:
        with open_imap(plan.account) as folder:
            yield ImapReader(plan, folder, _take_in, BATCH, ends)


def _take_in(ctx: Context, raw: bytes, delivery: MailDelivery) -> None:
    take_in(ctx, raw, delivery, intake_rules())


# -- the surroundings -------------------------------------------------------------------------------------------------


def intake_rules() -> IntakeRules:
    """What the settings say about mail that arrives."""
    return IntakeRules.of(current_app.config["PARLEY"])


def _connections(provider_id: Id) -> Sequence[Id]:
    with system_work(provider_id) as ctx:
        return queries.connection_ids(ctx)


def _open_tests(provider_id: Id) -> Sequence[Id]:
    with system_work(provider_id) as ctx:
        return queries.open_test_ids(ctx)
