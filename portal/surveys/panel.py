"""The survey on the case page: the questions for the contact, the answers for whoever may read them."""

from portal.cases.models import Case
from portal.cases.queries.showing import Panel
from portal.kernel.context import Context
from portal.surveys import queries
from portal.surveys.forms import WORDS, form_for

ENDED = "closed"


def survey_panel(ctx: Context, case: Case) -> Panel | None:
    """Only a case that is, or was, over has one."""
    if case.state != ENDED and not case.reopened_count:
        return None
    if ctx.actor.is_contact and case.state == ENDED:
        asked = queries.open_survey(ctx, case)
        if asked is not None:
            return Panel(
                "top", "surveys/_panel.html", {"form": form_for(asked.questions), "survey": asked, "stars": WORDS}
            )
    answered = queries.answer_for(ctx, case)
    if answered is None:
        return None
    return Panel("aside", "surveys/_answers.html", {"survey": answered, "said": queries.said(answered)})
