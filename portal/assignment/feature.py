"""The surface of assignment in the product: its settings are fields of a department."""

from portal.web.feature import Feature

FEATURE = Feature(name="assignment")
