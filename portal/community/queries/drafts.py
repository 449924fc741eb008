"""What drafts in the community are about."""

from collections.abc import Collection

from portal.authz.scopes import scope
from portal.community.models import CommunityTopic
from portal.kernel.actor import Id
from portal.kernel.context import Context


def topic_titles(ctx: Context, topic_ids: Collection[Id]) -> dict[Id, str]:
    """The titles of the visible topics among *topic_ids*. One statement."""
    rows = scope(ctx.actor, CommunityTopic).where(CommunityTopic.id.in_(topic_ids))
    found = ctx.session.execute(rows.with_only_columns(CommunityTopic.id, CommunityTopic.title))
    return {row[0]: row[1] for row in found}
