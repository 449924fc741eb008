"""Reading a mailbox by Microsoft Graph: page after page of what changed, each message in a transaction of its own.

The place is the link to the next page, stored when all of a page is done. Within a page, and where the server names a
message again, the name of each message that was taken in says that it was: it is stored in the same transaction. So a
kill at any moment loses and doubles nothing.
"""

import time
from dataclasses import dataclass, field

from portal.channels.mail.actions import reading
from portal.channels.mail.imap_reading import TakeIn
from portal.channels.mail.queries import mailboxes as queries
from portal.channels.mail.rules import MailDelivery, hash_message_name
from portal.channels.mail.servers.failures import MailServerFailure
from portal.channels.mail.servers.graph import Changes, ChangesLost, GraphMailbox, GraphMessage
from portal.channels.mail.servers.imap import FetchedMail
from portal.channels.mail.system_work import system_work
from portal.kernel.context import Context

# Pages of one run that hold nothing new.
PAGES = 100


@dataclass(frozen=True, slots=True)
class GraphReader:
    """Takes in at most *batch* new messages of the mailbox of *plan*, the first whatever the time, the others until
    *ends* (monotonic); *done* are their ids."""

    plan: reading.ReadingPlan
    box: GraphMailbox
    take_in: TakeIn
    batch: int
    ends: float
    done: list[str] = field(default_factory=list)

    def read(self) -> bool:
        """Whether there are more messages. Raises MailServerFailure; those in *done* are taken in all the same."""
        try:
            for _page in range(PAGES):
                changes, link = self._list_changes()
                if not self._take_page(changes, link):
                    return self._is_full
                if changes.is_last:
                    return False
                if time.monotonic() > self.ends:
                    break
        finally:
            self.box.mark_read(self.done)
        return True

    @property
    def _is_full(self) -> bool:
        """Whether this run takes in no more."""
        return len(self.done) >= self.batch or (bool(self.done) and time.monotonic() > self.ends)

    def _list_changes(self) -> tuple[Changes, str]:
        """(the next page, the link under which it is known)."""
        with system_work(self.plan.account.provider_id) as ctx:
            link, _began = reading.begin_changes(ctx, self.plan.connection_id)
        try:
            return self.box.list_changes(link), link
        except ChangesLost:
            if not link:
                raise MailServerFailure("protocol") from None
        with system_work(self.plan.account.provider_id) as ctx:
            reading.restart_changes(ctx, self.plan.connection_id)
        try:
            return self.box.list_changes(""), ""
        except ChangesLost:
            raise MailServerFailure("protocol") from None

    def _take_page(self, changes: Changes, link: str) -> bool:
        """Take in what is new on a page. False where this run is full, or another reader has been further."""
        connection_id = self.plan.connection_id
        with system_work(self.plan.account.provider_id) as ctx:
            new = self._choose_new(ctx, changes.messages)
            if new:
                reading.count_stall(ctx, connection_id)
        for message in new:
            if self._is_full or not self._take_one(message, link, sets_aside=self.plan.sets_aside and not self.done):
                return False
            self.done.append(message.id)
        with system_work(self.plan.account.provider_id) as ctx:
            return reading.turn_page(ctx, connection_id, link, changes.link)

    def _choose_new(self, ctx: Context, messages: list[GraphMessage]) -> list[GraphMessage]:
        """The messages that were not taken in, oldest first. What was there before reading began only if unread."""
        _link, began = reading.begin_changes(ctx, self.plan.connection_id)
        known = queries.list_known_messages(ctx, map(self._hash, messages))
        new = [
            message
            for message in reversed(messages)  # the service names the newest first, and times are whole seconds
            if self._hash(message) not in known
            and (not message.is_read or message.received_at is None or message.received_at >= began)
        ]
        return sorted(new, key=lambda message: message.received_at or began)

    def _take_one(self, message: GraphMessage, link: str, *, sets_aside: bool) -> bool:
        """Take *message* in, and store that it was, in one unit of work. False where another reader was faster."""
        try:
            fetched = self.box.fetch(message.id)
        except MailServerFailure:
            if not sets_aside:
                raise
            fetched = FetchedMail(b"", None)
        name = self._hash(message)
        with system_work(self.plan.account.provider_id) as ctx:
            if not reading.take_message(ctx, self.plan.connection_id, link):
                return False
            if fetched is None or queries.list_known_messages(ctx, [name]):
                return True
            received_at = min(message.received_at or ctx.now, ctx.now)
            if sets_aside:
                reading.set_aside(ctx, self.plan, name, fetched.raw, received_at)
            else:
                delivery = MailDelivery("graph", received_at, mailbox_id=self.plan.mailbox_id, external_id=name)
                self.take_in(ctx, fetched.raw, delivery)
        return True

    def _hash(self, message: GraphMessage) -> str:
        return hash_message_name(self.plan.mailbox_id, message.id)
