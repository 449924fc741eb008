"""Import of a survey from data: the table `[survey]` of a preset.

trigger = "accepted"       # accepted, closed (whichever way), resolved, never
per = "case"               # case, cycle
sampling = 100             # of a hundred cases so many ask
quiet_days = 14            # nobody is asked again within so many days
follow_up_days = 2         # by then somebody has looked into a low answer
low_to = ["leads"]         # leads, admins, owner

[[survey.questions]]
kind = "stars"             # stars, yes_no, choice, text
text = {en = "How was it?", pl = "Jak było?"}      # or one string, in the provider's language
required = true            # stars: true unless said otherwise
low = true                 # 1 or 2 stars, or a No, open a follow-up; stars: true unless said otherwise

[[survey.questions]]
kind = "choice"
text = "How did you reach us?"
choices = ["By mail", {en = "By phone", pl = "Telefonicznie"}]"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.surveys.actions import plan as plan_actions
from portal.surveys.actions import questions as question_actions
from portal.surveys.engine.default_questions import DEFAULT_QUESTIONS
from portal.surveys.engine.invitations import SurveyTerms


def import_survey(ctx: Context, data: Mapping[str, Any]) -> None:
    """Configure the survey of the provider of *ctx* from *data* (the parsed `[survey]` table, see above), by the
    actions that administrators use. Missing keys keep their default; without questions the two built-in ones are used.

    The actor needs `provider:configure` (the system has it). Importing the same data again changes nothing; other
    questions become a new version. Raises Refused, naming the key, for unknown or invalid values.
    """
    known = {*SurveyTerms.__dataclass_fields__, "questions"}
    unknown = sorted(set(data) - known)
    if unknown:
        words = {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))}
        raise Refused(_("A survey has no %(unknown)s; it has %(known)s.", **words), unknown[0])
    facts = {name: value for name, value in data.items() if name != "questions"}
    if "low_to" in facts:
        facts["low_to"] = tuple(facts["low_to"])
    plan_actions.change_plan(ctx, SurveyTerms(**facts))
    question_actions.publish_questions(ctx, data.get("questions", DEFAULT_QUESTIONS))
