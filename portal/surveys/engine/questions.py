"""A set of questions as data, and the score of answers to it.

    {"name": "q1", "kind": "stars", "required": true, "low": true, "text": {"en": "How was it?"}, "choices": []}

`name` is the form's field. `text` has a wording per language. `low`: 1 or 2 stars, or a No, open a follow-up. Choices
are {"key": "c1", "text": {"en": "By mail"}}; the answer is the key."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from portal.kernel.errors import RuleProblem
from portal.kernel.text import clean_line
from portal.surveys.engine.default_questions import BUILT_IN

KINDS = ("stars", "yes_no", "choice", "text")
MOST_QUESTIONS = 10
FEWEST_CHOICES, MOST_CHOICES = 2, 12
TEXT_LIMIT, CHOICE_LIMIT = 300, 100
LOW_STARS = 2
YES, NO = "yes", "no"

Question = Mapping[str, Any]


class QuestionFault(StrEnum):
    """Why a set of questions is invalid; `surveys.refusals` has the sentences."""

    NO_QUESTION = "no_question"
    TOO_MANY_QUESTIONS = "too_many_questions"
    UNKNOWN_KIND = "unknown_kind"
    WRONG_NUMBER_OF_CHOICES = "wrong_number_of_choices"
    EQUAL_OR_EMPTY_CHOICES = "equal_or_empty_choices"
    NO_TEXT = "no_text"
    LONG_TEXT = "long_text"


class QuestionProblem(RuleProblem):
    """Invalid questions; *code* is a QuestionFault."""


def wording(text: Mapping[str, str], locale: str, fallback: str = "en") -> str:
    """*text* in *locale* ("pl", or "pl" of "pl_PL"), else in *fallback*, else in the first language it has.

    The built-in questions have one English wording; the catalog translates it.
    """
    for wanted in (locale, locale.partition("_")[0]):
        if text.get(wanted):
            return text[wanted]
    said = text.get(fallback) or next(iter(text.values()), "")
    return str(_(said)) if said in BUILT_IN else said


def score(questions: Sequence[Question], answers: Mapping[str, Any]) -> int | None:
    """The first stars of the answers; None without stars."""
    given = (answers.get(q["name"]) for q in questions if q["kind"] == "stars")
    return next((int(stars) for stars in given if stars is not None), None)


def is_low(questions: Sequence[Question], answers: Mapping[str, Any]) -> bool:
    """Whether an answer to a question with `low` is 1 or 2 stars, or No."""
    for question in questions:
        answer = answers.get(question["name"])
        if not question.get("low") or answer is None:
            continue
        if (question["kind"] == "stars" and int(answer) <= LOW_STARS) or (
            question["kind"] == "yes_no" and answer == NO
        ):
            return True
    return False


def check_questions(raw: Sequence[Mapping[str, Any]], locale: str) -> list[dict[str, Any]]:
    """*raw* in its stored form, with the names q1, q2 … in its order. A text that is no mapping is in *locale*.

    Raises QuestionProblem for an invalid set.
    """
    if not raw:
        raise QuestionProblem(QuestionFault.NO_QUESTION)
    if len(raw) > MOST_QUESTIONS:
        raise QuestionProblem(QuestionFault.TOO_MANY_QUESTIONS, limit=MOST_QUESTIONS)
    questions = [check_question(one, locale) for one in raw]
    return [{**one, "name": f"q{number}"} for number, one in enumerate(questions, start=1)]


def check_question(raw: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """One question in its stored form, with its name. Raises QuestionProblem, with the field, for an invalid one."""
    kind = raw.get("kind")
    if kind not in KINDS:
        raise QuestionProblem(QuestionFault.UNKNOWN_KIND, "kind")
    choices = [] if kind != "choice" else _choices(raw.get("choices") or (), locale)
    return {
        "name": str(raw.get("name", "")),
        "kind": kind,
        "text": _wordings(raw.get("text"), locale, TEXT_LIMIT, "text", QuestionFault.NO_TEXT),
        "required": bool(raw.get("required", kind == "stars")),
        "low": bool(raw.get("low", kind == "stars")) and kind in ("stars", "yes_no"),
        "choices": choices,
    }


def _choices(raw: Sequence[Any], locale: str) -> list[dict[str, Any]]:
    if not FEWEST_CHOICES <= len(raw) <= MOST_CHOICES:
        raise QuestionProblem(QuestionFault.WRONG_NUMBER_OF_CHOICES, "choices", limit=MOST_CHOICES)
    texts = [one["text"] if isinstance(one, Mapping) and "text" in one else one for one in raw]
    said = [_wordings(text, locale, CHOICE_LIMIT, "choices", QuestionFault.EQUAL_OR_EMPTY_CHOICES) for text in texts]
    if len({wording(text, locale, locale).casefold() for text in said}) != len(said):
        raise QuestionProblem(QuestionFault.EQUAL_OR_EMPTY_CHOICES, "choices")
    return [{"key": f"c{number}", "text": text} for number, text in enumerate(said, start=1)]


def _wordings(raw: Any, locale: str, limit: int, field: str, empty: QuestionFault) -> dict[str, str]:
    given = raw if isinstance(raw, Mapping) else {locale: raw}
    found = {str(language): clean_line(str(text or "")) for language, text in given.items()}
    found = {language: text for language, text in found.items() if text}
    if not found:
        raise QuestionProblem(empty, field)
    if any(len(text) > limit for text in found.values()):
        raise QuestionProblem(QuestionFault.LONG_TEXT, field, limit=limit)
    return found
