"""A mailbox that nobody has read for years, on a real Dovecot: its reader is killed in the middle, another one goes on,
and neither holds more than a part of it in memory.

MESSAGES=50000 in the environment makes it as large (400 by default), UNREAD=1000 lets somebody have read all but so
many; `-s` prints the figures.
"""

import os
import threading
import time
from email.message import EmailMessage

import psycopg
import pytest

from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.servers.address import parse_server_url
from tests.support.dovecot import Dovecot, require_dovecot
from tests.support.mail_worker import MailWorker

pytestmark = [pytest.mark.crash, pytest.mark.slow]
MESSAGES = int(os.environ.get("MESSAGES", "400"))
UNREAD = int(os.environ.get("UNREAD", str(MESSAGES)))
ADDRESS = "everything@northwind.example"
# Most are of strangers and robots, as in every old mailbox; some of a customer, and some are large.
CUSTOMER_EVERY, ROBOT_EVERY, LARGE_EVERY, LARGE = 100, 7, 250, 400_000
CLAIM = 200
EARLY = min(100, UNREAD // 4)
# What a reader may hold more at its end than after its first hundred messages.
MOST_GROWTH = 64_000_000


def write_maildir(dovecot):
    """Write the messages as files, as a server does, instead of delivering each."""
    folder = dovecot.folder / "mail" / ADDRESS
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number in range(MESSAGES):
        name = f"{1_700_000_000 + number}.M{number}.old"
        file = folder / "new" / name if number >= MESSAGES - UNREAD else folder / "cur" / f"{name}:2,S"
        file.write_bytes(make_mail(number))
    if dovecot.user:
        for path in (folder.parent, folder, *folder.rglob("*")):
            os.chown(path, dovecot.user.uid, dovecot.user.gid)


def make_mail(number):
    mail = EmailMessage()
    is_customer, is_robot = number % CUSTOMER_EVERY == 0, number % ROBOT_EVERY == 1
    mail["From"] = "rita@acme.example" if is_customer else f"somebody{number % 997}@elsewhere.example"
    mail["To"], mail["Subject"] = ADDRESS, f"Number {number}"
    mail["Message-ID"] = f"<{number}@old.example>"
    if is_robot:
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(f"This is what number {number} says.\n\n> and what it quotes\n")
    if number % LARGE_EVERY == 0:
        mail.add_attachment(os.urandom(LARGE), maintype="application", subtype="pdf", filename="scan.pdf")
    return mail.as_bytes()


@pytest.fixture(scope="module")
def large_dovecot():
    require_dovecot()
    made = Dovecot()
    write_maildir(made)
    yield made
    made.close()


@pytest.fixture
def environment(live, large_dovecot):
    with live.inside() as world:
        ctx = world.system()
        box = add_mailbox(ctx, ADDRESS)
        imap = Server(*parse_server_url(large_dovecot.imap_url(ADDRESS), "imap"))
        connect_mailbox(ctx, box, imap=imap, smtp=None)
        box.proven_at = ctx.now
        switch_mailbox(ctx, box, on=True)
    return {**live.environment(), "MAIL_ACCEPT_UNCHECKED": "1"}


def test_a_large_mailbox_is_read_once_through_a_kill_within_bounds(live, tmp_path, environment, large_dovecot):
    with psycopg.connect(live.config.database_owner_url, autocommit=True) as database:

        def count():
            return database.execute("SELECT count(*) FROM inbound_mails WHERE subject LIKE 'Number %'").fetchone()[0]

        begun = time.monotonic()
        first = MailWorker(environment, tmp_path, "read")
        first.wait_for(lambda: count() >= EARLY)
        started, early = time.monotonic() - begun, first.peak_memory
        first.wait_for(lambda: count() >= UNREAD // 2)
        late = first.peak_memory
        first.kill()
        time.sleep(1)  # until PostgreSQL has ended what the dead one was doing
        at_kill, half = count(), time.monotonic() - begun

        again = time.monotonic()
        second = MailWorker(environment, tmp_path, "read", later=CLAIM)
        peaks = []
        watcher = threading.Thread(target=watch, args=(second, peaks), daemon=True)
        watcher.start()
        second.wait_for(lambda: count() > at_kill)
        resumed = time.monotonic() - again
        said = second.finish(4 * 3600)
        watcher.join()
        seconds = time.monotonic() - again
        fates = dict(
            database.execute(
                "SELECT fate, count(*) FROM inbound_mails WHERE subject LIKE 'Number %' GROUP BY fate"
            ).fetchall()
        )
        distinct = database.execute("SELECT count(DISTINCT subject) FROM inbound_mails").fetchone()[0]
    rate = (UNREAD - at_kill) / seconds
    print(
        f"{MESSAGES:,} messages, {UNREAD:,} unread; the first {EARLY} after {started:.0f} s, killed at {at_kill:,} "
        f"after {half:.0f} s, the next one {resumed:.0f} s after the start of another reader, its "
        f"{UNREAD - at_kill:,} in {seconds:.0f} s ({rate:.0f} a second); memory {early / 1e6:.0f} MB after {EARLY}, "
        f"{late / 1e6:.0f} MB at half, {max(peaks) / 1e6:.0f} MB of the other at its end; {fates}"
    )
    assert f"{ADDRESS} {UNREAD - at_kill} \n" in said
    assert sum(fates.values()) == distinct == UNREAD
    robots = sum(number % ROBOT_EVERY == 1 for number in range(MESSAGES - UNREAD, MESSAGES))
    assert fates["auto_reply"] >= robots
    assert max(late, *peaks) - early < MOST_GROWTH
    unread = large_dovecot.count(ADDRESS, "UNSEEN")
    assert unread <= 200  # those of the batch in which the first reader was killed


def watch(worker, peaks):
    """Note the peak of *worker* until it ends."""
    while True:
        try:
            peaks.append(worker.peak_memory)
        except (OSError, StopIteration):
            return
        time.sleep(0.5)
