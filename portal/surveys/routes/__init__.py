"""The pages of surveys: answering (portal and mailed link), results and follow-ups on the desk, the administration."""

from portal.surveys.routes import answers, follow_ups, plan, questions, results  # noqa: F401 - views register themselves
from portal.surveys.routes.blueprint import surveys

__all__ = ["surveys"]
