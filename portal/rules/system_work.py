"""Units of work of the system at one provider, for time rules."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portal.kernel import clock, uow
from portal.kernel.actor import Id, nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.system_context import create_system_context
from portal.tenants.queries import providers


@contextmanager
def system_work(provider_id: Id) -> Iterator[Context]:
    """Commit the work of the block, or roll all of it back; the session ends with it."""
    try:
        with uow.unit_of_work(db.session):
            yield create_system_context(provider_id)
    finally:
        db.session.remove()


def list_provider_ids() -> Sequence[Id]:
    """Every provider of the installation."""
    reader = Context(actor=nobody(), now=clock.now(), session=db.session, channel="system")
    try:
        return [provider_id for provider_id, _host in providers.list_providers(reader)]
    finally:
        db.session.remove()
