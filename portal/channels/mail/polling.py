"""Reading mailboxes, and carrying on their tests: a periodic job, and `flask mailbox poll`.

Each message is a unit of work of its own, and the place in the mailbox is stored with what became of the message. So
reading can end at any moment, by a kill too, and goes on after the last message that was taken in. One run reads at
most BATCH messages of a mailbox, so that one large mailbox does not keep others waiting. Whatever goes wrong with one
mailbox is its failure: it is noted there, and the next mailbox is read.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from flask import current_app

from portal.channels.mail.actions import connections, mailbox_tests, reading
from portal.channels.mail.actions.intake import take_in
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.queries.test_mails import derive_test_token, find_test_id
from portal.channels.mail.rules import POLL_JOB, IntakeRules, MailDelivery
from portal.channels.mail.servers import imap, smtp
from portal.channels.mail.servers.failures import MailServerFailure
from portal.config import Config
from portal.kernel import clock, jobs, mail, uow
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.system_context import create_system_context
from portal.tenants.queries import providers

log = logging.getLogger(__name__)

# Messages of a mailbox in one run.
BATCH = 200
# UIDs that are asked for at once: the answer names each.
WINDOW = 10_000
# Windows without a message in one run.
WINDOWS = 200
# Seconds after which a run of the job begins with no further mailbox.
BUDGET = 60.0
# Pauses between looks for the mail of a test that was just sent.
_TEST_PAUSES = (0.5, 1, 2, 3)


@dataclass(slots=True)
class PollResult:
    """What came of reading one mailbox: how many mails were taken in, whether there are more, or why it failed."""

    address: str
    taken: int = 0
    more: bool = False
    failure: MailServerFailure | None = None


def poll_mailboxes() -> int:
    """The periodic job: carry on tests, then read every mailbox that is due; returns how many mails were taken in."""
    ends, taken, more = time.monotonic() + BUDGET, 0, False
    for provider_id in _list_provider_ids():
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
        continue_test(provider_id, test_id)
    for connection_id in _connections(provider_id):
        if time.monotonic() > ends:
            yield PollResult("", more=True)
            return
        result = read_mailbox(provider_id, connection_id)
        if result is not None:
            yield result


def poll_all_now() -> Iterator[PollResult]:
    """Read every mailbox that is on to its end, also before it is due."""
    for provider_id in _list_provider_ids():
        for connection_id in _connections(provider_id):
            total: PollResult | None = None
            while result := read_mailbox(provider_id, connection_id, now_wanted=True):
                result.taken += total.taken if total else 0
                total = result
                if not result.more:
                    break
            if total is not None:
                yield total


def read_mailbox(provider_id: Id, connection_id: Id, *, now_wanted: bool = False) -> PollResult | None:
    """Take in at most BATCH new messages of a mailbox; None where it is off, paused, not due or read by another.

    Whatever goes wrong is noted as the failure of the mailbox. Raises JobTimeout, after that is noted too.
    """
    plan: reading.ReadingPlan | None = None
    result = PollResult("")
    try:
        with _work(provider_id) as ctx:
            plan = reading.claim_mailbox(ctx, connection_id, now_wanted=now_wanted)
        if plan is None:
            return None
        result.address = plan.address
        server = plan.server
        sign_in = imap.sign_in_with_password(server.address.user, server.password)
        with imap.open_folder(server.address, sign_in) as folder:
            _read_folder(provider_id, plan, folder, result)
        with _work(provider_id) as ctx:
            reading.finish_reading(ctx, connection_id, more=result.more)
    except Exception as problem:
        failure = _name_failure(problem, connection_id)
        log.warning("a mailbox could not be read", extra={"mailbox": str(connection_id), "failure": failure.code})
        result.failure, result.more = failure, False
        _note_failure(provider_id, lambda ctx: reading.fail_reading(ctx, connection_id, failure))
        if isinstance(problem, jobs.JobTimeout):
            raise
    return result


def _name_failure(problem: Exception, piece: Id) -> MailServerFailure:
    """*problem* as the failure of a mailbox or of a test (*piece*). What nobody foresaw is logged."""
    if isinstance(problem, MailServerFailure):
        return problem
    log.error("a mailbox failed unexpectedly", exc_info=problem, extra={"piece": str(piece)})
    code = "timeout" if isinstance(problem, jobs.JobTimeout) else "unexpected"
    return MailServerFailure(code)


def _note_failure(provider_id: Id, note: Callable[[Context], None]) -> None:
    """Store a failure. Where that fails too, it is logged, and the next mailbox is read all the same."""
    try:
        with _work(provider_id) as ctx:
            note(ctx)
    except jobs.JobTimeout:
        raise
    except Exception:
        log.exception("the failure of a mailbox could not be stored", extra={"provider": str(provider_id)})


def _read_folder(provider_id: Id, plan: reading.ReadingPlan, folder: imap.ImapFolder, result: PollResult) -> None:
    with _work(provider_id) as ctx:
        last, first = reading.begin_reading(ctx, plan.connection_id, folder.state)
    uids, covered = _find_new_uids(folder, last, first)
    if uids:
        with _work(provider_id) as ctx:
            reading.count_stall(ctx, plan.connection_id)
    done: list[int] = []
    try:
        for uid in uids[:BATCH]:
            if not _take_in_one(provider_id, plan, folder, uid, set_aside=plan.sets_aside and not done):
                return
            done.append(uid)
    finally:
        folder.mark_read(done)
        result.taken = len(done)
    if len(uids) > BATCH:
        result.more = True
    elif covered > (uids[-1] if uids else last):
        with _work(provider_id) as ctx:  # what lies between is of no interest, and is not asked for again
            reading.move_on(ctx, plan.connection_id, folder.state, covered)
        result.more = covered < folder.state.uid_next - 1


def _find_new_uids(folder: imap.ImapFolder, last: int, first: int) -> tuple[list[int], int]:
    """(the next UIDs after *last*, at least BATCH where there are so many, the UID up to which was looked).

    Below *first*, what was there before reading began, only what nobody has read.
    """
    found: list[int] = []
    end = folder.state.uid_next - 1
    for _window in range(WINDOWS):
        if last >= end or len(found) > BATCH:
            break
        # A window lies wholly before or after the first new message.
        limit = min(last + WINDOW, end) if last + 1 >= first else min(last + WINDOW, end, first - 1)
        found += folder.find_uids(last + 1, limit, unread=last + 1 < first)
        last = limit
    return found, last


def _take_in_one(
    provider_id: Id, plan: reading.ReadingPlan, folder: imap.ImapFolder, uid: int, *, set_aside: bool
) -> bool:
    """Take the message *uid* in, and store the place after it, in one unit of work. False where another reader has
    been further."""
    fetched = None
    try:
        fetched = folder.fetch(uid)
    except MailServerFailure:
        if not set_aside:
            raise
        fetched = imap.FetchedMail(b"", None)
    with _work(provider_id) as ctx:
        if not reading.move_on(ctx, plan.connection_id, folder.state, uid):
            return False
        if fetched is None:  # somebody deleted it meanwhile
            return True
        received_at = min(fetched.received_at or ctx.now, ctx.now)
        if set_aside:
            reading.set_aside(ctx, plan, uid, fetched.raw, received_at)
        else:
            take_in(ctx, fetched.raw, MailDelivery("imap", received_at, mailbox_id=plan.mailbox_id), intake_rules())
    return True


# -- tests of mailboxes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TestPlan:
    """What the steps of a test need: where the mailbox is read (None: a server passes its mail on), through which
    server it sends (None: SMTP_URL), and the mail."""

    test_id: Id
    mailbox_id: Id
    connection_id: Id | None
    reads: connections.Server | None
    sends: connections.Server | None
    message: EmailMessage


def continue_test(provider_id: Id, test_id: Id) -> None:
    """Do the next steps of a test: sign in, send, and look whether the mail came back.

    Whatever goes wrong is the failure of the test. Raises JobTimeout, after that is noted too.
    """
    step = "read"
    try:
        with _work(provider_id) as ctx:
            test = queries.mailbox_test(ctx, test_id)
            box = queries.mailbox(ctx, test.mailbox_id)
            connection = queries.find_connection(ctx, box)
            if not test.is_open:
                return
            plan = TestPlan(
                test_id,
                box.id,
                connection.id if connection else None,
                connections.imap_server(connection) if connection else None,
                connections.smtp_server(connection) if connection else None,
                mailbox_tests.build_test_message(test, box, ctx.provider.called, ctx.now),
            )
            waiting, overdue = test.state == "waiting", mailbox_tests.is_overdue(test, ctx.now)
        if waiting:
            _sign_in(provider_id, plan)
            step = "send"
            _send_test_message(plan)
            with _work(provider_id) as ctx:
                mailbox_tests.note_sent(ctx, test_id)
        step = "return"
        for pause in _TEST_PAUSES if waiting else (0,):
            time.sleep(pause)
            if _has_returned(provider_id, plan):
                return
    except Exception as problem:
        failure, failed_step = _name_failure(problem, test_id), step
        _note_failure(
            provider_id,
            lambda ctx: mailbox_tests.fail_test(ctx, test_id, failed_step, failure.code, failure.words),
        )
        if isinstance(problem, jobs.JobTimeout):
            raise
        return
    if overdue:
        _note_failure(provider_id, lambda ctx: mailbox_tests.fail_test(ctx, test_id, "return", "not_returned"))


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """How a test ended: with *failure* at *step*, or with neither because its mail came back."""

    failure: str = ""
    step: str = ""
    words: str = ""


def run_test(provider_id: Id, address: str) -> TestOutcome:
    """Test the mailbox *address* to the end. A test that runs already is carried on."""
    with _work(provider_id) as ctx:
        box = next(box for box in queries.list_mailboxes(ctx) if box.address == address)
        running = queries.latest_test(ctx, box)
        test_id = running.id if running and running.is_open else mailbox_tests.start_test(ctx, box).id
    while True:
        continue_test(provider_id, test_id)
        with _work(provider_id) as ctx:
            test = queries.mailbox_test(ctx, test_id)
            if not test.is_open:
                return TestOutcome(test.failure, test.failed_step, test.failure_words)
        time.sleep(_TEST_PAUSES[-1])


def _sign_in(provider_id: Id, plan: TestPlan) -> None:
    """Open the folder once. What is in it now was there before reading began."""
    if plan.reads is None or plan.connection_id is None:
        return
    with imap.open_folder(plan.reads.address, _password_of(plan.reads)) as folder, _work(provider_id) as ctx:
        reading.begin_reading(ctx, plan.connection_id, folder.state)


def _password_of(server: connections.Server) -> imap.Authenticate:
    return imap.sign_in_with_password(server.address.user, server.password)


def _send_test_message(plan: TestPlan) -> None:
    """Send through the mailbox's own server, or else through SMTP_URL."""
    if plan.sends is not None:
        user = plan.sends.address.user
        sign_in = smtp.sign_in_with_password(user, plan.sends.password) if user else None
        smtp.send_message(plan.sends.address, sign_in, plan.message)
        return
    smtp_url = _config().smtp_url
    if not smtp_url:
        raise MailServerFailure("no_smtp_url")
    try:
        mail.send_mail(smtp_url, plan.message)
    except mail.MailNotSent as problem:
        raise MailServerFailure("refused", str(problem)) from problem


def _has_returned(provider_id: Id, plan: TestPlan) -> bool:
    """Whether the test has ended. Looks for its mail in the mailbox, without taking anything in."""
    if plan.reads is not None:
        with imap.open_folder(plan.reads.address, _password_of(plan.reads)) as folder:
            for uid in folder.find_subject(derive_test_token(plan.test_id)):
                fetched = folder.fetch(uid)
                message = parse_message(fetched.raw) if fetched else None
                if message is not None and find_test_id(message) == plan.test_id:
                    with _work(provider_id) as ctx:
                        arrived_at = queries.mailbox(ctx, plan.mailbox_id)
                        mailbox_tests.note_arrival(ctx, plan.test_id, message, arrived_at)
    with _work(provider_id) as ctx:
        return not queries.mailbox_test(ctx, plan.test_id).is_open


# -- the surroundings -------------------------------------------------------------------------------------------------


def intake_rules() -> IntakeRules:
    """What the settings say about mail that arrives."""
    return IntakeRules.of(_config())


def _config() -> Config:
    config: Config = current_app.config["PARLEY"]
    return config


class _work:
    """A unit of work of the system at one provider."""

    def __init__(self, provider_id: Id) -> None:
        self._provider_id = provider_id
        self._unit = uow.unit_of_work(db.session)

    def __enter__(self) -> Context:
        self._unit.__enter__()
        return create_system_context(self._provider_id, channel="mail")

    def __exit__(self, *problem: object) -> None:
        try:
            self._unit.__exit__(*problem)  # type: ignore[arg-type]
        finally:
            db.session.remove()


def _list_provider_ids() -> list[Id]:
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="mail")
    try:
        return [provider_id for provider_id, _host in providers.list_providers(reader)]
    finally:
        db.session.remove()


def _connections(provider_id: Id) -> Sequence[Id]:
    with _work(provider_id) as ctx:
        return queries.connection_ids(ctx)


def _open_tests(provider_id: Id) -> Sequence[Id]:
    with _work(provider_id) as ctx:
        return queries.open_test_ids(ctx)
