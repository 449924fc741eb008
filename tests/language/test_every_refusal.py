"""Every refusal of every form is in `_()`: the forms of the URL map are sent what nobody can accept, in a language made
on the fly, and no English is left on the answers but what people wrote.

The forms are found as the fuzz tests find them (tests/support/crawler.py): a new form is covered without a line here.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.cases.engine.request_answers import AnswerFault
from portal.cases.engine.request_field_rules import FieldFault
from portal.kernel import clock
from portal.kernel.errors import RuleProblem
from portal.sla.engine.calendar import CalendarFault, public_holidays
from portal.sla.engine.policy import PolicyFault
from portal.surveys.engine.questions import QuestionFault
from portal.tenants.renamable_texts import RENAMABLE
from tests.fuzz.conftest import found_forms, missed_forms, sandbox, targets  # noqa: F401  (fixtures)
from tests.isolation import address_catalog
from tests.language import pseudo
from tests.language.conftest import written
from tests.language.fault_codes import faults
from tests.support import crawler
from tests.support.effort import scaled

pytestmark = pytest.mark.slow

# No Latin letter, so that what quotes it is no English.
NO_CHOICE = "ωω"
# Beyond the limit of every line and of every text.
LONG_LINE, LONG_TEXT = "ω" * 1_001, "ω" * 20_100
# No date, no time, no number, no zone, no address.
MALFORMED = "2026-13-45 99:99-12:00"
# What one field is given while the others are right, in turn.
ONE_WRONG = (MALFORMED, "-1", "", NO_CHOICE)
FIELDS_OF_A_FORM = scaled(6)
# Fields that carry on from one answer to the next.
CARRIED = ("version", "once", "last", "was", "next", "csrf_token")
# Pages that show English samples, so that only what they say of the refusal is judged; errors may name a sample.
SHOWS_SAMPLES = ("/admin/statuses", "/admin/languages", "/admin/preset")
# Where a page says what went wrong.
SAYS_WHY = ("error-summary", "field__error", "field-error", "notice", "callout", "error-page")
REFUSED = {400, 403, 404, 405, 409, 410, 413, 422}


@pytest.fixture(scope="module")
def data(sandbox):  # noqa: F811
    with sandbox.undone():
        values = set(written(sandbox.world.northwind.id)) | set(written(sandbox.world.southgate.id))
    year = clock.now().year
    values |= {name for when in (year, year + 1) for name in public_holidays("PL", "", when).values()}
    return pseudo.Data(values)


def fields_of(found_form) -> list[str]:
    return [name for name in found_form.names if name not in CARRIED]


def right(found_form) -> dict[str, Any]:
    """What a browser would send if nobody touched anything."""
    return {name: value for name, value in found_form.form.filled().items() if name != "csrf_token"}


def emptied(found_form) -> Iterator[dict[str, Any]]:
    if found_form.texts():
        yield dict.fromkeys(fields_of(found_form), "")


def too_long(found_form) -> Iterator[dict[str, Any]]:
    if found_form.texts():
        areas = {element.get("name") for element in found_form.form.element.all("textarea")}
        yield {name: LONG_TEXT if name in areas else LONG_LINE for name in fields_of(found_form)}


def malformed(found_form) -> Iterator[dict[str, Any]]:
    if fields_of(found_form):
        texts = found_form.texts()
        yield {name: MALFORMED if name in texts else NO_CHOICE for name in fields_of(found_form)}


def one_malformed(found_form) -> Iterator[dict[str, Any]]:
    """Each text alone, of the fields that differ by a number only the first: the rules behind the form are reached."""
    shapes = {re.sub(r"\d+", "#", name): name for name in reversed(found_form.texts())}
    chosen = list(reversed(shapes.values()))[:FIELDS_OF_A_FORM] if len(fields_of(found_form)) > 1 else []
    for n, name in enumerate(chosen):
        yield {**right(found_form), name: ONE_WRONG[n % len(ONE_WRONG)]}


def outdated(found_form) -> Iterator[dict[str, Any]]:
    """Drawn from a version that is gone."""
    if "version" in found_form.names:
        yield {**right(found_form), "version": "0"}


WAYS: dict[str, Callable[[Any], Iterator[dict[str, Any]]]] = {
    "empty": emptied,
    "too long": too_long,
    "malformed": malformed,
    "one malformed": one_malformed,
    "outdated": outdated,
}


class Judge:
    """What was heard in English, and how often there was anything to hear."""

    def __init__(self, data: pseudo.Data) -> None:
        self.data, self.heard, self.found = data, 0, {}

    def hear(self, where: str, browser, answer) -> None:
        """Judge what *answer* says, and what it left for the next page to say."""
        for text in self._texts(browser, answer):
            if english := self.data.english_in(text):
                self.found.setdefault(english, f"{where}: {answer.status_code}")

    def _texts(self, browser, answer) -> Iterator[str]:
        yield from (text for _kind, text in browser.cookie.get("_flashes", []))
        if answer.is_json:
            yield from pseudo.strings_in(list(answer.json.values()))
        elif answer.status_code in REFUSED and answer.mimetype == "text/html":
            self.heard += 1
            if answer.request.path not in SHOWS_SAMPLES:
                yield from pseudo.spoken(answer.page)
                return
            for part in answer.page.walk():
                if set(part.get("class").split()) & set(SAYS_WHY):
                    yield from (text for text in pseudo.spoken(part) if not any(one in text for one in RENAMABLE))

    def assert_silent(self, at_least: int) -> None:
        assert not self.found, "\n".join(f"{english} ({where})" for english, where in sorted(self.found.items()))
        assert self.heard >= at_least


@pytest.mark.parametrize("way", WAYS)
def test_no_english_is_left_when_a_form_is_filled_in_wrong(way, sandbox, found_forms, data, pseudo_language):  # noqa: F811
    judge = Judge(data)
    for found_form in found_forms:
        for fields in WAYS[way](found_form):
            with sandbox.undone():
                answer = sandbox.post(found_form, fields)
                judge.hear(f"{found_form} {way}", sandbox.browsers[found_form.who], answer)
    judge.assert_silent(at_least=30)


def test_no_english_is_left_when_somebody_may_not_or_nothing_is_there(sandbox, found_forms, data, pseudo_language):  # noqa: F811
    """Every form is sent by somebody of another side or role; each third one asks for something that is not there."""
    judge = Judge(data)
    for n, found_form in enumerate(found_forms):
        stranger = {"rita": "ana", "olga": "rita", "ada": "ana", "nobody": "rita"}.get(found_form.who, "rita")
        gone = crawler.address_of_nothing(found_form.path)
        tries = [(stranger, found_form.path), (found_form.who, gone)]
        for who, path in tries if n % 3 == 0 and gone != found_form.path else tries[:1]:
            with sandbox.undone():
                answer = sandbox.browsers[who].post(path, data={}, checked=False)
                judge.hear(f"{who} {path}", sandbox.browsers[who], answer)
    judge.assert_silent(at_least=80)


def test_no_english_is_left_when_a_form_is_sent_without_its_token(sandbox, found_forms, data, pseudo_language):  # noqa: F811
    """One check judges all tokens, and each way of drawing its answer comes up among a third of the forms."""
    judge = Judge(data)
    for found_form in [each for each in found_forms if each.texts()][::3]:
        with sandbox.undone():
            browser = sandbox.browsers[found_form.who]
            answer = browser.post(found_form.path, data={}, checked=False, csrf=False)
            judge.hear(f"{found_form} without a token", browser, answer)
    judge.assert_silent(at_least=20)


def test_no_english_is_left_where_no_page_shows_the_form(sandbox, targets, app, data, pseudo_language):  # noqa: F811
    judge = Judge(data)
    for rule in address_catalog.routes(app):
        if rule.endpoint in crawler.NOT_FORMS:
            for path in crawler.fill_addresses(app, targets, rule, "POST"):
                for who in crawler.people_for(rule):
                    with sandbox.undone():
                        answer = sandbox.browsers[who].post(path, data={}, checked=False)
                        judge.hear(f"{who} {path}", sandbox.browsers[who], answer)
    assert not judge.found


# What provokes each code of an engine: the form that reaches it, and what is written into it.
HOURS = {"name": "ωω", "zone": "Europe/Warsaw", "monday": "09:00-17:00"}
ONE_DAY = {**HOURS, "monday": "", "do": "try", "try_at": "2026-12-01 09:00", "try_span": "4"}
PROVOKED = {
    CalendarFault.NO_TIME_OF_DAY: ("/admin/calendars/new", {**HOURS, "tuesday": "25:00"}),
    CalendarFault.START_AFTER_DAY: ("/admin/calendars/new", {**HOURS, "tuesday": "24:00-06:00"}),
    CalendarFault.NO_DAY_OF_ONE_OFF: ("/admin/calendars/new", {**HOURS, "one_offs": "2026-13-01 closed"}),
    CalendarFault.NO_SPAN_OF_ONE_OFF: ("/admin/calendars/new", {**HOURS, "one_offs": "2026-12-24 9-10,11-12 open"}),
    CalendarFault.NO_HOLIDAY_DATE: ("/admin/calendars/new", {**HOURS, "holidays": "2026-02-30"}),
    CalendarFault.UNKNOWN_HOLIDAYS: ("/admin/calendars/new", {**HOURS, "country": "99"}),
    CalendarFault.UNKNOWN_REGION: ("/admin/calendars/new", {**HOURS, "country": "PL", "region": "BY"}),
    CalendarFault.UNKNOWN_ZONE: ("/admin/calendars/new", {**HOURS, "zone": "ωω/ωω"}),
    CalendarFault.NO_OPENING: ("/admin/calendars/new", {**HOURS, "monday": ""}),
    CalendarFault.NO_FURTHER_OPENING: ("/admin/calendars/new", {**ONE_DAY, "one_offs": "2020-01-01 9-10 open"}),
    CalendarFault.TOO_FEW_OPENINGS: ("/admin/calendars/new", {**ONE_DAY, "one_offs": "2030-01-01 9-10 open"}),
    PolicyFault.AIM_WITHOUT_TARGET: ("/admin/sla-policies/new", {"name": "ωω", "t_1_aim": "4"}),
    QuestionFault.WRONG_NUMBER_OF_CHOICES: ("/admin/surveys/questions/new", {"kind": "choice", "choices_en": "ω"}),
    QuestionFault.EQUAL_OR_EMPTY_CHOICES: ("/admin/surveys/questions/new", {"kind": "choice", "choices_en": "ω\nω"}),
    QuestionFault.LONG_TEXT: ("/admin/surveys/questions/new", {"kind": "choice", "choices_en": f"ψ\n{'ω' * 101}"}),
}
# Codes that only a data file or an upgrade can provoke: the forms cannot write what they refuse, or check it first.
BY_DATA_ONLY = {
    *(CalendarFault.UNKNOWN_WEEKDAY, CalendarFault.NO_WEEK, CalendarFault.WRONG_LENGTH),
    *(CalendarFault.LONG_BUSINESS_DAY, PolicyFault.NO_TARGET, PolicyFault.UNKNOWN_SEVERITY),
    *(PolicyFault.WRONG_THRESHOLD, PolicyFault.CLOCK_CANNOT_PAUSE, PolicyFault.STATE_CANNOT_PAUSE),
    PolicyFault.UNKNOWN_NIGHT_ALARMS,
    *(QuestionFault.NO_QUESTION, QuestionFault.TOO_MANY_QUESTIONS, QuestionFault.UNKNOWN_KIND, QuestionFault.NO_TEXT),
}


# Of forms whose address has an id: tests/cases/test_form_builder.py and test_request_fields.py.
ELSEWHERE = {*FieldFault, *AnswerFault}


def test_every_code_of_a_rule_is_provoked_or_named():
    assert {*PROVOKED, *BY_DATA_ONLY, *ELSEWHERE} == {code for _wording, code in faults()}
    assert not {*PROVOKED} & BY_DATA_ONLY


@pytest.mark.parametrize("code", PROVOKED, ids=lambda code: f"{type(code).__name__}.{code.name}")
def test_a_form_says_the_sentence_of_the_rule(code, sandbox, found_forms, app, pseudo_language):  # noqa: F811
    """What a rule refuses is heard through its form in the language of the reader, and nothing is stored."""
    path, fields = PROVOKED[code]
    found_form = next(each for each in found_forms if each.path == path)
    options = [option.get("value") for option in found_form.form.element.all("option") if option.get("value")]
    wording = next(wording for wording, one in faults() if one is code)
    with app.test_request_context("/"):
        sentence = wording.problem_sentence(RuleProblem(code, written="|", limit=1))
    with sandbox.undone():
        answer = sandbox.post(found_form, {"text_en": "ωω", "calendar": [*options, ""][0], **fields})
        assert answer.status_code == 422
        page = without_numbers(" ".join(pseudo.spoken(answer.page)))
        assert all(part in page for part in without_numbers(sentence).split("|"))
        assert not sandbox.changed()


def without_numbers(text: str) -> str:
    return " ".join(re.sub(r"\d+", "#", text).split())
