"""Corrections of what a case was answered in the own fields of its type."""

from collections.abc import Mapping, Sequence

from portal.cases.actions.conversation import check_version
from portal.cases.actions.request_fields import accept_reading
from portal.cases.actions.transitions import begin_step, touch
from portal.cases.engine import request_answers
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_answers import Answer
from portal.cases.models import Case
from portal.cases.queries.request_fields import fields_of, find_offers
from portal.kernel.context import Context
from portal.kernel.events import record


def correct_answers(
    ctx: Context, case: Case, typed: Mapping[str, Sequence[str]], *, expected_version: int | None = None
) -> None:
    """Correct the answers of a case as staff; records `case.edited` with old and new values by label.

    The form asks what the type asks today. Answers to what it no longer asks stay, and so do files.
    """
    begin_step(ctx, case, "edit")
    check_version(case, expected_version)
    before = request_answers.load_answers(case.answers)
    fields = request_answers.with_former_choices(fields_of(case.request_type), before)
    offers = find_offers(ctx, fields, case.account_id, admitted_by=case, answered=before)
    reading = request_answers.read_answers(fields, typed, offers, enforce=False)
    accept_reading(ctx, reading, fields)
    after = request_answers.merge_answers(before, reading, fields)
    changed = _differences(before, after, str(ctx.provider.locale))
    if not changed:
        return
    case.answers = [one.to_stored() for one in after] or None
    touch(ctx, case)
    record(ctx, "case.edited", case, case=case, changed=[], answers=changed)


def _differences(before: Sequence[Answer], after: Sequence[Answer], language: str) -> list[list[str]]:
    """[label, old words, new words] of every answer that differs."""
    old, new = ({one.key: one for one in answers} for answers in (before, after))
    found = []
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        if was is not None and now is not None and was.value == now.value:
            continue
        label = engine.pick_text((now or was).label, language)  # type: ignore[union-attr] # one of them is there
        found.append([label[:120], _words(was, language)[:300], _words(now, language)[:300]])
    return found


def _words(answer: Answer | None, language: str) -> str:
    return ", ".join(engine.pick_text(words, language) for words in answer.words) if answer is not None else ""
