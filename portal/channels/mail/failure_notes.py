"""What goes wrong with one mailbox is its failure: it has a name, is stored with the mailbox, and the others go on."""

import logging
from collections.abc import Callable

from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.system_work import system_work
from portal.kernel import jobs
from portal.kernel.actor import Id
from portal.kernel.context import Context

log = logging.getLogger(__name__)


def name_failure(problem: Exception, piece: Id) -> MailServerFailure:
    """*problem* as the failure of a mailbox or of a test (*piece*). What nobody foresaw is logged."""
    if isinstance(problem, MailServerFailure):
        return problem
    log.error("a mailbox failed unexpectedly", exc_info=problem, extra={"piece": str(piece)})
    code = "timeout" if isinstance(problem, jobs.JobTimeout) else "unexpected"
    return MailServerFailure(code)


def note_failure(provider_id: Id, note: Callable[[Context], None]) -> None:
    """Store a failure. Where that fails too, it is logged, and the next mailbox is read all the same."""
    try:
        with system_work(provider_id) as ctx:
            note(ctx)
    except jobs.JobTimeout:
        raise
    except Exception:
        log.exception("the failure of a mailbox could not be stored", extra={"provider": str(provider_id)})
