"""The surface of SCIM in the product."""

from portal.scim.routes import scim
from portal.web.feature import Feature

FEATURE = Feature(name="scim", blueprints=[scim])
