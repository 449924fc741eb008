"""Getting in (`doors`), links from mails (`links`), and one's own things (`own`)."""

from portal.web.guards import Feature

identity = Feature("identity", __name__)

from portal.identity.routes import doors, links, own  # noqa: E402, F401 - views register themselves
