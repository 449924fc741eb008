"""What search adds to the product."""

from portal.search.routes import search
from portal.web.feature import Feature

FEATURE = Feature(name="search", blueprints=[search])
