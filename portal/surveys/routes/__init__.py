"""The doors of surveys: answering (portal and mailed link), the desk's stream, the administration."""

from portal.web.guards import Feature

surveys = Feature("surveys", __name__)

from portal.surveys.routes import answering  # noqa: E402, F401 - views register themselves
