"""The blueprint of surveys, and what its administration pages share."""

from typing import Any

from portal.authz.permissions import Permission
from portal.surveys import queries
from portal.surveys.forms.answers import languages as reading
from portal.surveys.forms.questions import KINDS
from portal.web.guards import FeatureBlueprint, requires

surveys = FeatureBlueprint("surveys", __name__)

reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)


def question_values() -> dict[str, Any]:
    return {"wording": lambda question: queries.wording(question["text"], *reading()), "kinds": dict(KINDS)}
