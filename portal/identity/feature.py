"""What identity adds to the product."""

from portal.identity.routes import identity
from portal.web.feature import Feature

FEATURE = Feature(name="identity", blueprints=[identity])
