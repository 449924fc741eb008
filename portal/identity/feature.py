"""What identity adds to the product."""

from portal.identity.actions import delete_old_sessions
from portal.identity.routes import identity
from portal.kernel.tokens import delete_dead_tokens
from portal.web.feature import Feature

FEATURE = Feature(
    name="identity", blueprints=[identity], retention={"sessions": delete_old_sessions, "links": delete_dead_tokens}
)
