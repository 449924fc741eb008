"""The answers of a case to the own fields of its type, in the reader's language."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.cases.engine import request_answers, request_fields
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer to an own field of the form, as its reader sees it. *long*: too long to stand among others."""

    key: str
    label: str
    text: str
    long: bool


def answer_lines(
    ctx: Context, stored: Iterable[Mapping[str, Any]] | None, format_moment: Callable[[dt.datetime], str]
) -> list[AnswerLine]:
    """The answers of a case in the reader's language, with the words of the form of that time. *format_moment* writes a
    moment in the reader's zone."""
    spoken = (str(get_locale() or "en"), str(ctx.provider.locale))
    lines = []
    for one in request_answers.load_answers(stored):
        text = _answer_text(one, spoken, format_moment)
        label = request_fields.pick_text(one.label, *spoken)
        lines.append(AnswerLine(one.key, label, text, len(text) > 300 or text.count("\n") > 5))
    return lines


def _answer_text(
    one: request_answers.Answer, spoken: tuple[str, str], format_moment: Callable[[dt.datetime], str]
) -> str:
    if one.kind == request_fields.CONSENT:
        return _("Yes")
    if one.kind == request_fields.MOMENT:
        return format_moment(dt.datetime.fromisoformat(str(one.value)))
    if one.kind == request_fields.DATE:
        return str(format_date(dt.date.fromisoformat(str(one.value)), "long", get_locale()))
    if one.kind == request_fields.NUMBER:
        return str(format_decimal(Decimal(str(one.value)), locale=get_locale(), decimal_quantization=False))
    return ", ".join(request_fields.pick_text(words, *spoken) for words in one.words)
