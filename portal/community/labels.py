"""The community in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.community.models import CommunityTopic
from portal.community.queries.topics import Author
from portal.community.rules import PostState

LIST_NAMES = {
    "newest": _l("Newest"),
    "unanswered": _l("Unanswered"),
    "solved": _l("Solved"),
    "mine": _l("My topics"),
    "following": _l("Following"),
}
DESK_LIST_NAMES = {
    "unanswered": _l("Without an official answer"),
    "reports": _l("Reported"),
    "held": _l("Waiting for approval"),
    "newest": _l("All topics"),
}
BLOCK_CHOICES = [
    ("1", _l("For a day")),
    ("7", _l("For a week")),
    ("30", _l("For 30 days")),
    ("0", _l("Until somebody ends it")),
]


def author_name(author: Author | None) -> str:
    """The name of an author as the reader may see it: "Member 123456" in a space that shows no names."""
    if author is None:
        return _("Somebody")
    return author.name or _("Member %(number)s", number=author.number)


def author_initials(author: Author | None) -> str:
    """Two letters for the picture of an author; '#' for a member without a name."""
    words = (author.name if author is not None else "").split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "#"


def state_words(topic: CommunityTopic) -> str:
    """What a list says of a topic first."""
    if topic.state == PostState.HELD:
        return _("Waits for approval")
    if topic.state == PostState.HIDDEN:
        return _("Hidden")
    if topic.author_side == "staff":
        return _("From support")
    if topic.solved_at is not None:
        return _("Solved")
    return _("Answered") if topic.official_at is not None else _("Unanswered")


def audience_words(space: Any, names: Any) -> str:
    """For whom a space is."""
    return _("For all clients") if space.everybody else ", ".join(row.name for row in names)
