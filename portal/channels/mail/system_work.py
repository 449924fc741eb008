"""Units of work of the system at one provider, for what reads and sends mails."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from portal.kernel import uow
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.system_context import create_system_context


@contextmanager
def system_work(provider_id: Id) -> Iterator[Context]:
    """Commit the work of the block, or roll all of it back; the session ends with it."""
    try:
        with uow.unit_of_work(db.session):
            yield create_system_context(provider_id, channel="mail")
    finally:
        db.session.remove()


@contextmanager
def separate_work(provider_id: Id) -> Iterator[Context]:
    """As `system_work`, beside work that goes on, in a session and a transaction of its own."""
    with current_app.app_context(), system_work(provider_id) as ctx:
        yield ctx
