"""The views of cases. Importing this package registers them on the blueprints."""

from portal.cases.routes import desk, portal, template_globals

__all__ = ["desk", "portal", "template_globals"]
