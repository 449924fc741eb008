"""The case matrix of the isolation tests, seen in the made-up language."""

from collections.abc import Iterator
from typing import Any

import flask_babel
import pytest
from sqlalchemy import select
from sqlalchemy.types import JSON, String

from portal.kernel.actor import Side
from portal.kernel.database import Base, Tenancy, bind, db
from portal.notifications.models import OutgoingMail
from portal.notifications.queries import mail_bodies
from portal.web import language, provider_texts, template_gettext
from tests.isolation.conftest import built_matrix, case_matrix, live_matrix, visitors  # noqa: F401  (fixtures)
from tests.language import pseudo


def forget_texts() -> None:
    """Empty the caches of translated texts: what a language says is about to change."""
    provider_texts._texts.clear()
    provider_texts._markup.clear()
    template_gettext._browser_words.clear()


@pytest.fixture
def pseudo_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Until the test's end everybody reads the made-up language, in pages and mails."""
    forget_texts()
    with monkeypatch.context() as patch:
        patch.setattr(flask_babel.Domain, "get_translations", lambda _self: pseudo.Pseudo())
        patch.setattr(language, "language_of", lambda _person, _provider: pseudo.LOCALE)
        yield
    forget_texts()


def written(provider_id: Any) -> Iterator[str]:
    """Every text in the database that one provider owns, or that belongs to none."""
    bind(db.session, Tenancy(provider_id, side=Side.SYSTEM))
    for table in Base.metadata.sorted_tables:
        columns = [c for c in table.c if isinstance(c.type, String | JSON)]
        if columns:
            for row in db.session.execute(select(*columns).limit(5000)):
                yield from pseudo.strings_in(list(row))


def mailed(provider_id: Any) -> Iterator[str]:
    """Every mail of one provider as an administrator reads it: in its reader's language, and without its links."""
    bind(db.session, Tenancy(provider_id, side=Side.SYSTEM))
    for mail in db.session.scalars(select(OutgoingMail)):
        yield from mail_bodies(mail, with_link=False)
