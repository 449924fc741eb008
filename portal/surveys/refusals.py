"""Sentences for the codes that `engine.questions` raises."""

from enum import StrEnum

from flask_babel import gettext as _

from portal.kernel.errors import Refused, RuleProblem
from portal.surveys.engine.questions import FEWEST_CHOICES, QuestionFault


def refusal_of(problem: RuleProblem) -> Refused:
    """*problem* as a Refused with a sentence, for the field that it names."""
    return Refused(problem_sentence(problem), problem.field)


def problem_sentence(problem: RuleProblem) -> str:
    """The sentence of *problem*, in the language of the reader. Raises KeyError for the code of another feature."""
    limit = problem.limit
    sentences: dict[StrEnum, str] = {
        QuestionFault.NO_QUESTION: _("Ask at least one question"),
        QuestionFault.TOO_MANY_QUESTIONS: _("Ask at most %(limit)d questions", limit=limit),
        QuestionFault.UNKNOWN_KIND: _("Choose one of the answers shown"),
        QuestionFault.WRONG_NUMBER_OF_CHOICES: _(
            "Write %(low)d to %(high)d answers, one per line", low=FEWEST_CHOICES, high=limit
        ),
        QuestionFault.EQUAL_OR_EMPTY_CHOICES: _("Write each answer in its own words"),
        QuestionFault.NO_TEXT: _("Write the question"),
        QuestionFault.LONG_TEXT: _("Use at most %(limit)d characters", limit=limit),
    }
    return sentences[problem.code]
