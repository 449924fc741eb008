"""Many mails, drained by several workers at once: each goes out once, under its own Message-ID.

MAILS=10000 in the environment drains as many (60 by default); `-s` prints how many a second went out.
"""

import os
import threading
import time

from portal.kernel import clock, ids, outbox
from portal.notifications import mail_rules
from portal.notifications.models import OutgoingMail
from tests.notifications.test_smtp_servers import server  # noqa: F401 - a fixture

MAILS = int(os.environ.get("MAILS", "60"))
WORKERS = 3


def write_mails(world, count):
    """*count* mails that wait, each with its due work; their Message-IDs."""
    written = []
    for number in range(count):
        row = OutgoingMail(
            id=ids.new_id(),
            provider_id=world.northwind.id,
            kind="answered",
            message_id=f"<many.{number}@northwind.localhost>",
            sender="support@northwind.example",
            recipient=f"person{number}@acme.example",
            subject=f"Mail {number}",
            text="Words",
            html="<p>Words</p>",
            state="queued",
            attempts=0,
            created_at=clock.now(),
        )
        world.session.add(row)
        outbox.schedule(world.session, world.northwind.id, mail_rules.MAIL, row.id, clock.now())
        written.append(row.message_id)
    return written


def test_several_workers_send_each_mail_once(live, server, monkeypatch):  # noqa: F811
    monkeypatch.setattr(live.config, "smtp_url", server.url)
    with live.inside() as world:
        written = write_mails(world, MAILS)
    done = []

    def drain():
        while found := live.work_due():
            done.append(found)

    begun = time.perf_counter()
    workers = [threading.Thread(target=drain) for _number in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - begun
    print(f"{MAILS} mails by {WORKERS} workers in {seconds:.1f} s: {MAILS / seconds:.0f} a second")
    assert sorted(server.taken) == sorted(written)
    with live.inside() as world:
        rows = world.rows(OutgoingMail, OutgoingMail.subject.startswith("Mail "))
        assert {(row.state, row.attempts) for row in rows} == {("sent", 1)} and len(rows) == MAILS
