"""The survey on the case page: the questions for the contact, the answers for those who may read them."""

from babel.numbers import format_decimal

from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.kernel.context import Context
from portal.surveys import queries
from portal.surveys.forms.answers import WORDS, form_for, languages, offered
from portal.surveys.labels import reason_label
from portal.surveys.queries.people import satisfaction_of
from portal.surveys.queries.plan import talks_asked_about
from portal.web.times import reader_locale


def survey_panel(ctx: Context, case: Case) -> Panel | None:
    """The panel of a case that is, or was, resolved or closed; of an open one where people are asked about calls or
    chats."""
    if case.unresolved and not case.reopened_count and not talks_asked_about(ctx):
        return None
    if ctx.actor.is_contact:
        asked = queries.open_survey(ctx, case)
        if asked is not None:
            values = {"form": form_for(asked.questions), "survey": asked, "stars": WORDS, "offered": offered}
            return Panel("top", "surveys/_panel.html", values)
    answered = queries.answer_for(ctx, case)
    if answered is not None:
        said = queries.answered_questions(answered, *languages())
        return Panel("aside", "surveys/_answers.html", {"survey": answered, "said": said, "case": case})
    return _not_asked_panel(ctx, case) if ctx.actor.is_staff else None


def _not_asked_panel(ctx: Context, case: Case) -> Panel | None:
    """For staff: why the contact was not asked."""
    event = queries.not_asked(ctx, case)
    if event is None:
        return None
    return Panel(
        "aside", "surveys/desk/_not_asked.html", {"event": event, "why": reason_label(event.facts.get("reason"))}
    )


def requester_satisfaction(ctx: Context, case: Case) -> Panel | None:
    """A line of the card of the requester, for staff: the mean of their answers within a year."""
    found = satisfaction_of(ctx, case.contact_user_id)
    if found is None:
        return None
    mean = format_decimal(found.mean, format="0.0", locale=reader_locale())
    return Panel("requester", "surveys/desk/_satisfaction.html", {"mean": mean, "answers": found.answers})
