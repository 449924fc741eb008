"""Units of work of the system at one provider, for what reads and sends mails."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from portal.kernel import system_context
from portal.kernel.actor import Id
from portal.kernel.context import Context


@contextmanager
def system_work(provider_id: Id) -> Iterator[Context]:
    """`kernel.system_context.system_work` in the channel of mails."""
    with system_context.system_work(provider_id, "mail") as ctx:
        yield ctx


@contextmanager
def separate_work(provider_id: Id) -> Iterator[Context]:
    """As `system_work`, beside work that goes on, in a session and a transaction of its own."""
    with current_app.app_context(), system_work(provider_id) as ctx:
        yield ctx
