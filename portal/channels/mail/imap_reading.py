"""Reading a mailbox by IMAP: UID after UID, each message in a transaction of its own together with the place after it.
So a kill at any moment loses and doubles nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.channels.mail.actions import reading
from portal.channels.mail.rules import MailDelivery
from portal.channels.mail.servers import imap
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.system_work import system_work
from portal.kernel.context import Context

# UIDs that are asked for at once: the answer names each.
WINDOW = 10_000
# Windows without a message in one run.
WINDOWS = 200

TakeIn = Callable[[Context, bytes, MailDelivery], object]


@dataclass(frozen=True, slots=True)
class ImapReader:
    """Takes in at most *batch* new messages of the open folder of *plan*, the first whatever the time, the others until
    *ends* (monotonic); *done* are their UIDs."""

    plan: reading.ReadingPlan
    folder: imap.ImapFolder
    take_in: TakeIn
    batch: int
    ends: float
    done: list[int] = field(default_factory=list)

    def read(self) -> bool:
        """Whether there are more messages. Raises MailServerFailure; those in *done* are taken in all the same."""
        plan, folder, provider_id = self.plan, self.folder, self.plan.account.provider_id
        with system_work(provider_id) as ctx:
            last, first = reading.begin_reading(ctx, plan.connection_id, folder.state)
        uids, covered = self._find_new_uids(last, first)
        if uids:
            with system_work(provider_id) as ctx:
                reading.count_stall(ctx, plan.connection_id)
        try:
            for uid in uids[: self.batch]:
                if self.done and time.monotonic() > self.ends:
                    return True
                if not self._take_one(uid, sets_aside=plan.sets_aside and not self.done):
                    return False
                self.done.append(uid)
        finally:
            folder.mark_read(self.done)
        if len(uids) > self.batch:
            return True
        if covered > (uids[-1] if uids else last):
            with system_work(provider_id) as ctx:  # what lies between is of no interest, and is not asked for again
                reading.move_on(ctx, plan.connection_id, folder.state, covered)
            return covered < folder.state.uid_next - 1
        return False

    def _find_new_uids(self, last: int, first: int) -> tuple[list[int], int]:
        """(the next UIDs after *last*, at least a batch where there are so many, the UID up to which was looked).

        Below *first*, what was there before reading began, only what nobody has read.
        """
        found: list[int] = []
        end = self.folder.state.uid_next - 1
        for _window in range(WINDOWS):
            if last >= end or len(found) > self.batch:
                break
            # A window lies wholly before or after the first new message.
            limit = min(last + WINDOW, end) if last + 1 >= first else min(last + WINDOW, end, first - 1)
            found += self.folder.find_uids(last + 1, limit, unread=last + 1 < first)
            last = limit
            if time.monotonic() > self.ends:
                break
        return found, last

    def _take_one(self, uid: int, *, sets_aside: bool) -> bool:
        """Take the message *uid* in, and store the place after it, in one unit of work. False where another reader has
        been further."""
        plan = self.plan
        try:
            fetched = self.folder.fetch(uid)
        except MailServerFailure:
            if not sets_aside:
                raise
            fetched = imap.FetchedMail(b"", None)
        with system_work(plan.account.provider_id) as ctx:
            if not reading.move_on(ctx, plan.connection_id, self.folder.state, uid):
                return False
            if fetched is None:  # somebody deleted it meanwhile
                return True
            received_at = min(fetched.received_at or ctx.now, ctx.now)
            if sets_aside:
                reading.set_aside(ctx, plan, uid, fetched.raw, received_at)
            else:
                self.take_in(ctx, fetched.raw, MailDelivery("imap", received_at, mailbox_id=plan.mailbox_id))
        return True
