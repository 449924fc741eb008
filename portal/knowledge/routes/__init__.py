"""The pages of articles: /help for readers, /desk/help for those who write them."""

from portal.knowledge.routes import articles, categories, desk, feed, pictures, reading, votes  # noqa: F401 - views register themselves
from portal.knowledge.routes.blueprint import knowledge

__all__ = ["knowledge"]
