"""The doors of surveys: answering (portal and mailed link), the desk's stream, the administration."""

from portal.web.guards import FeatureBlueprint

surveys = FeatureBlueprint("surveys", __name__)

from portal.surveys.routes import answering, configuring, stream  # noqa: E402, F401 - the views register themselves
