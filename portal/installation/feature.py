"""The surface of the installation in the product."""

from portal.installation.routes import installation
from portal.web.feature import Feature

FEATURE = Feature(name="installation", blueprints=[installation])
