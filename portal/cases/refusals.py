"""The sentences of the rules of own forms (`engine.request_field_rules` and `engine.request_answers`)."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from portal.cases.engine.request_answers import AnswerFault, AnswerProblem
from portal.cases.engine.request_field_rules import FieldFault, RequestFieldProblem
from portal.kernel.errors import Refused, RuleProblem

_FIELD_SENTENCES: Mapping[str, Callable[[RuleProblem], str]] = {
    FieldFault.UNKNOWN_KIND: lambda p: _("Choose a kind of answer"),
    FieldFault.BAD_KEY: lambda p: _("A key is unique in its form: a letter, then letters, digits and underscores"),
    FieldFault.NO_LABEL: lambda p: _("Write what the form asks"),
    FieldFault.LONG_TEXT: lambda p: _("Shorten this to %(limit)d characters", limit=p.limit),
    FieldFault.NO_CHOICES: lambda p: _("Write at least one answer to choose from, each on a line of its own"),
    FieldFault.TOO_MANY_CHOICES: lambda p: _("Offer at most %(limit)d answers to choose from", limit=p.limit),
    FieldFault.EQUAL_CHOICES: lambda p: _("Two answers have the same words"),
    FieldFault.BAD_DEFAULT: lambda p: _("The form would not accept this itself"),
    FieldFault.SEVERAL_CONDITIONS: lambda p: _("Choose answers of one field only"),
    FieldFault.TOO_MANY_FIELDS: lambda p: _("A form has at most %(limit)d own fields", limit=p.limit),
    FieldFault.NEEDED_BY_ANOTHER: lambda p: _(
        "“%(field)s” is shown by an answer that would no longer come before it. Change when it is shown first",
        field=p.written,
    ),
}
_ANSWER_SENTENCES: Mapping[str, Callable[[RuleProblem, str], str]] = {
    AnswerFault.NOT_CHOSEN: lambda p, label: _("Choose an answer to “%(field)s”", field=label),
    AnswerFault.NOT_WRITTEN: lambda p, label: _("Write an answer to “%(field)s”", field=label),
    AnswerFault.NOT_ATTACHED: lambda p, label: _("Attach a file to “%(field)s”", field=label),
    AnswerFault.NOT_TICKED: lambda p, label: _("Tick “%(field)s” to go on", field=label),
    AnswerFault.TOO_LONG: lambda p, label: _("Shorten “%(field)s” to %(limit)d characters", field=label, limit=p.limit),
    AnswerFault.UNKNOWN_CHOICE: lambda p, label: _("“%(field)s” has other answers to choose from", field=label),
    AnswerFault.NO_DATE: lambda p, label: _("“%(field)s” is a date, for example 2026-12-03", field=label),
    AnswerFault.NO_MOMENT: lambda p, label: _(
        "“%(field)s” is a date and a time, for example 2026-12-03 14:30", field=label
    ),
    AnswerFault.SKIPPED_MOMENT: lambda p, label: _("The clocks skip this time on that day. Choose another one"),
    AnswerFault.NO_NUMBER: lambda p, label: _("“%(field)s” is a number", field=label),
    AnswerFault.NO_PHONE: lambda p, label: _("Write a phone number that can be dialed, with its country code"),
    AnswerFault.TOO_MANY_FILES: lambda p, label: _("Attach at most %(limit)d files here", limit=p.limit),
}


def problem_sentence(problem: RuleProblem) -> str:
    """The sentence of *problem*, in the language of the reader; of an answer with `written` as its field's name."""
    if isinstance(problem.code, AnswerFault):
        return _ANSWER_SENTENCES[problem.code](problem, problem.written)
    return _FIELD_SENTENCES[problem.code](problem)


def field_sentence(problem: RequestFieldProblem) -> str:
    """The sentence that says what is wrong with a definition."""
    return _FIELD_SENTENCES[problem.code](problem)


def field_refusal(problem: RequestFieldProblem, field: str | None = None) -> Refused:
    """*problem* as a refusal of the form's field *field*, or of the part that the problem names."""
    return Refused(field_sentence(problem), problem.field if field is None else field)


def answer_sentence(problem: AnswerProblem, label: str) -> str:
    """The sentence that says what to do about the answer of the field that is called *label*."""
    return _ANSWER_SENTENCES[problem.code](problem, label)
