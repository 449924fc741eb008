"""The views of cases. Importing this package registers them on the blueprints."""

from portal.cases.routes import desk, form_builder, portal, template_globals

__all__ = ["desk", "form_builder", "portal", "template_globals"]
