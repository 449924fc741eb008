"""Help articles for a chat: only those that its contact may read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from portal.authz.scopes import scope
from portal.chat.models import Chat
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.knowledge.queries.reading import find_articles
from portal.tenants.queries import actors


def articles_for_contact(ctx: Context, chat: Chat, words: str, most: int = 8) -> Sequence[Any]:
    """Published articles about *words* that the contact of *chat* may read, in their language first."""
    with as_system(ctx) as inner:
        people = inner.session.scalars(scope(inner.actor, User).where(User.id == chat.user_id)).all()
        on_portal = actors.contact_actors(inner, people)
        actor = on_portal.get(chat.user_id)
        if actor is None:
            return []
        languages = [*(person.locale for person in people if person.locale), ctx.provider.locale, "en"]
        reader = replace(inner, actor=actor)
        return find_articles(reader, words, languages, size=most, every=False).rows
