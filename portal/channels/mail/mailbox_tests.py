"""The steps of the test of a mailbox: sign in, send its mail, and look whether it came back."""

import time
from dataclasses import dataclass
from email.message import EmailMessage

from flask import current_app

from portal.channels.mail.actions import connections, mailbox_tests, reading
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.failure_notes import name_failure, note_failure
from portal.channels.mail.mailbox_access import find_messages, open_graph, open_imap, send_message
from portal.channels.mail.models import GRAPH
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.queries.test_mails import derive_test_token, find_test_id
from portal.channels.mail.servers.accounts import MailAccount
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.system_work import system_work
from portal.kernel import jobs, mail
from portal.kernel.actor import Id

# Pauses between looks for the mail of a test that was just sent.
_PAUSES = (0.5, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class TestPlan:
    """What the steps of a test need: how the mailbox signs in (None: a server passes its mail on), and the mail."""

    test_id: Id
    mailbox_id: Id
    connection_id: Id | None
    account: MailAccount | None
    message: EmailMessage


def continue_test(provider_id: Id, test_id: Id) -> None:
    """Do the next steps of a test: sign in, send, and look whether the mail came back.

    Whatever goes wrong is the failure of the test. Raises JobTimeout, after that is noted too.
    """
    step = "read"
    try:
        with system_work(provider_id) as ctx:
            test = queries.mailbox_test(ctx, test_id)
            box = queries.mailbox(ctx, test.mailbox_id)
            connection = queries.find_connection(ctx, box)
            if not test.is_open:
                return
            plan = TestPlan(
                test_id,
                box.id,
                connection.id if connection else None,
                connections.read_account(box, connection) if connection else None,
                mailbox_tests.build_test_message(test, box, ctx.provider.called, ctx.now),
            )
            waiting, overdue = test.state == "waiting", mailbox_tests.is_overdue(test, ctx.now)
        if waiting:
            _sign_in(provider_id, plan)
            step = "send"
            _send_test_message(plan)
            with system_work(provider_id) as ctx:
                mailbox_tests.note_sent(ctx, test_id)
        step = "return"
        for pause in _PAUSES if waiting else (0,):
            time.sleep(pause)
            if _has_returned(provider_id, plan):
                return
    except Exception as problem:
        failure, failed_step = name_failure(problem, test_id), step
        note_failure(
            provider_id,
            lambda ctx: mailbox_tests.fail_test(ctx, test_id, failed_step, failure.code, failure.words),
        )
        if isinstance(problem, jobs.JobTimeout):
            raise
        return
    if overdue:
        note_failure(provider_id, lambda ctx: mailbox_tests.fail_test(ctx, test_id, "return", "not_returned"))


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """How a test ended: with *failure* at *step*, or with neither because its mail came back."""

    failure: str = ""
    step: str = ""
    words: str = ""


def run_test(provider_id: Id, address: str) -> TestOutcome:
    """Test the mailbox *address* to the end. A test that runs already is carried on."""
    with system_work(provider_id) as ctx:
        box = next(box for box in queries.list_mailboxes(ctx) if box.address == address)
        running = queries.latest_test(ctx, box)
        test_id = running.id if running and running.is_open else mailbox_tests.start_test(ctx, box).id
    while True:
        continue_test(provider_id, test_id)
        with system_work(provider_id) as ctx:
            test = queries.mailbox_test(ctx, test_id)
            if not test.is_open:
                return TestOutcome(test.failure, test.failed_step, test.failure_words)
        time.sleep(_PAUSES[-1])


def _sign_in(provider_id: Id, plan: TestPlan) -> None:
    """Open the folder once. What is in it now was there before reading began."""
    if plan.account is None or plan.connection_id is None:
        return
    if plan.account.protocol == GRAPH:
        with open_graph(plan.account) as inbox:
            inbox.list_subjects()
        with system_work(provider_id) as ctx:
            reading.begin_changes(ctx, plan.connection_id)
        return
    with open_imap(plan.account) as folder, system_work(provider_id) as ctx:
        reading.begin_reading(ctx, plan.connection_id, folder.state)


def _send_test_message(plan: TestPlan) -> None:
    """Send through the mailbox's own server, or else through SMTP_URL."""
    if plan.account is not None and plan.account.sends_itself:
        send_message(plan.account, plan.message)
        return
    smtp_url = current_app.config["PARLEY"].smtp_url
    if not smtp_url:
        raise MailServerFailure("no_smtp_url")
    try:
        mail.send_mail(smtp_url, plan.message)
    except mail.MailNotSent as problem:
        raise MailServerFailure("refused", str(problem)) from problem


def _has_returned(provider_id: Id, plan: TestPlan) -> bool:
    """Whether the test has ended. Looks for its mail in the mailbox, without taking anything in."""
    if plan.account is not None:
        for raw in find_messages(plan.account, derive_test_token(plan.test_id)):
            message = parse_message(raw)
            if find_test_id(message) == plan.test_id:
                with system_work(provider_id) as ctx:
                    arrived_at = queries.mailbox(ctx, plan.mailbox_id)
                    mailbox_tests.note_arrival(ctx, plan.test_id, message, arrived_at)
    with system_work(provider_id) as ctx:
        return not queries.mailbox_test(ctx, plan.test_id).is_open
