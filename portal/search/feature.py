"""The surface of search in the product."""

from portal.search.routes import search
from portal.web.feature import Feature

FEATURE = Feature(name="search", blueprints=[search])
