"""What presets add to the product."""

from portal.presets.routes import presets
from portal.web.feature import Feature

FEATURE = Feature(name="presets", blueprints=[presets])
