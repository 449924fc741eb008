"""B10, M3: the rules of own fields, against a slower statement of the same rules."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cases.engine import request_field_rules
from portal.cases.engine import request_fields as rules
from portal.cases.engine.request_answers import (
    Answer,
    FieldOffers,
    load_answers,
    merge_answers,
    read_answers,
    search_texts,
    with_former_choices,
)
from portal.cases.engine.request_field_rules import FieldFault, match_choices
from portal.cases.engine.request_fields import Choice, Condition, RequestField

WARSAW = FieldOffers({"p1": "Rita"}, {"e1": "Shop"}, zone=ZoneInfo("Europe/Warsaw"), locale="pl", region="PL")
A_B_C = tuple(Choice(key, {"en": key.upper()}) for key in ("a", "b", "c"))


def field(key="one", kind="text", **changes):
    return RequestField(key, kind, {"en": key}, **changes)


def read(one, *typed, offers=WARSAW, **options):
    """(value, fault) of one field."""
    reading = read_answers([one], {one.key: list(typed)}, offers, **options)
    value = reading.answers[0].value if reading.answers else None
    return value, reading.problems[one.key].code if reading.problems else None


@st.composite
def forms(draw):
    """A form of up to seven fields, each shown by an earlier one or always, and what was typed into it."""
    fields, typed = [], {}
    for n in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["text", "choice", "choices", "consent", "number"]))
        when = None
        if fields and draw(st.booleans()):
            source = draw(st.sampled_from(fields))
            values = request_field_rules.condition_values(source)
            when = Condition(source.key, tuple(draw(st.sets(st.sampled_from(values)))) if values else ())
        one = field(
            f"f{n}",
            kind,
            required=draw(st.booleans()),
            choices=A_B_C if kind in rules.WITH_CHOICES else (),
            shown_when=when,
            ended=n > 0 and draw(st.integers(0, 9)) == 0,
        )
        fields.append(one)
        texts = {"text": ["", "x", "y" * 201], "consent": ["", "yes"], "number": ["", "7", "seven"]}
        texts |= {name: ["", "a", "b", "z"] for name in ("choice", "choices")}
        typed[one.key] = draw(st.lists(st.sampled_from(texts[kind]), max_size=3))
    return fields, typed


def oracle_shown(fields, values, key):
    """Whether the form asks *key*, found by walking up its conditions each time."""
    one = next(f for f in fields if f.key == key)
    if one.ended:
        return False
    if one.shown_when is None:
        return True
    given = values.get(one.shown_when.field, set())
    here = bool(given & set(one.shown_when.values)) if one.shown_when.values else bool(given)
    return here and oracle_shown(fields, values, one.shown_when.field)


@settings(max_examples=400, deadline=None)
@given(forms())
def test_m3_hidden_fields_are_never_required_and_never_stored(form):
    fields, typed = form
    reading = read_answers(fields, typed, WARSAW)
    alone = {f.key: read_answers([replace(f, shown_when=None)], typed, WARSAW, enforce=False) for f in fields}
    # What each field holds by itself, whatever is shown.
    values = {
        key: {v for a in found.answers for v in ([a.value] if isinstance(a.value, str) else a.value)}
        for key, found in alone.items()
    }
    shown = {f.key for f in fields if oracle_shown(fields, values, f.key)}
    assert set(reading.shown) == shown
    assert {a.key for a in reading.answers} == {key for key in shown if values[key]}
    wrong = {key for key in shown if alone[key].problems}
    missing = {f.key for f in fields if f.key in shown and f.required and not values[f.key]}
    assert set(reading.problems) == wrong | missing
    assert [a.key for a in reading.answers] == [f.key for f in fields if f.key in {a.key for a in reading.answers}]


@settings(max_examples=200, deadline=None)
@given(forms())
def test_m3_definitions_and_answers_survive_storing(form):
    fields, typed = form
    assert rules.load_fields([f.to_stored() for f in fields]) == tuple(fields)
    answers = read_answers(fields, typed, WARSAW, enforce=False).answers
    assert load_answers([a.to_stored() for a in answers]) == answers


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.sampled_from(rules.KINDS), st.sampled_from(["en", "pl", "xx"]))
def test_m3_whatever_is_typed_gives_an_answer_or_a_problem(typed, kind, locale):
    one = field(kind=kind, choices=A_B_C if kind in rules.WITH_CHOICES else (), required=True)
    reading = read_answers([one], {"one": [typed, typed]}, replace(WARSAW, locale=locale))
    assert len(reading.answers) + len(reading.problems) == 1
    for answer in reading.answers:
        assert "\x00" not in str(answer.to_stored())


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("number", "1,5", "1.5"),
        ("number", "1 234,5", "1234.5"),
        ("number", "-3", "-3"),
        ("number", "1.5", "1.5"),
        ("phone", "600 100 200", "+48 600 100 200"),
        ("phone", "0044 20 7946 0958", "+44 20 7946 0958"),
        ("phone", "12 345", "12 345"),
        ("date", "2026-12-03", "2026-12-03"),
        ("moment", "2026-12-03T14:30", "2026-12-03T13:30:00Z"),
        ("moment", "2026-07-03 14:30", "2026-07-03T12:30:00Z"),
        ("consent", "y", "yes"),
        ("text", " WA\u200b 12345 ", "WA 12345"),
    ],
)
def test_m3_answers_are_stored_in_one_form(kind, typed, value):
    assert read(field(kind=kind), typed) == (value, None)


@pytest.mark.parametrize(
    ("kind", "typed", "fault"),
    [
        ("number", "nan", "answer_no_number"),
        ("number", "1e9", "answer_no_number"),
        ("number", "9" * 40, "answer_no_number"),
        ("phone", "call me", "answer_no_phone"),
        ("date", "2026-02-30", "answer_no_date"),
        ("date", "0001-01-01", "answer_no_date"),
        ("moment", "2026-12-03", "answer_no_moment"),
        ("moment", "2026-03-29T02:30", "answer_skipped_moment"),
        ("moment", "9999-12-31T23:59", "answer_no_moment"),
        ("choice", "z", "answer_unknown_choice"),
        ("person", "not-offered", "answer_unknown_choice"),
        ("environment", "not-offered", "answer_unknown_choice"),
        ("text", "x" * 201, "answer_too_long"),
        ("paragraph", "x" * 5_001, "answer_too_long"),
    ],
)
def test_m3_what_is_no_answer_is_refused(kind, typed, fault):
    assert read(field(kind=kind, choices=A_B_C), typed) == (None, fault)


def test_b10_an_untouched_template_is_no_answer():
    one = field(kind="paragraph", default="Who comes?\n\nWhat for?\n", required=True)
    assert read(one, "Who comes? \r\n\r\n What for?") == (None, "answer_not_written")
    assert read(one, "Who comes?\n\nWhat for? A new disk.") == ("Who comes?\n\nWhat for? A new disk.", None)
    assert read(replace(one, required=False), "Who comes?\nWhat for?") == (None, None)


def test_m3_a_condition_names_an_earlier_field_and_its_values():
    source, shown = field("a", "choice", choices=A_B_C), field("b", shown_when=Condition("a", ("b",)))
    request_field_rules.check_fields([source, shown], "en")
    for wrong in (
        [shown, source],
        [shown],
        [replace(source, ended=True), shown],
        [source, replace(shown, shown_when=Condition("a", ("z",)))],
        [source, replace(shown, shown_when=Condition("b"))],
    ):
        with pytest.raises(request_field_rules.RequestFieldProblem) as problem:
            request_field_rules.check_fields(wrong, "en")
        assert problem.value.code == FieldFault.NEEDED_BY_ANOTHER


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "color"}, "unknown_kind"),
        ({"key": "Übung"}, "bad_key"),
        ({"label": {"pl": "Tylko po polsku"}}, "no_label"),
        ({"label": {"en": "x" * 121}}, "long_text"),
        ({"kind": "choice"}, "no_choices"),
        ({"kind": "choice", "choices": (A_B_C[0], replace(A_B_C[1], text={"en": "a"}))}, "equal_choices"),
        ({"kind": "choice", "choices": tuple(Choice(f"c{n}", {"en": str(n)}) for n in range(101))}, "too_many_choices"),
        ({"kind": "choice", "choices": A_B_C, "default": "z"}, "bad_default"),
        ({"kind": "number", "default": "many"}, "bad_default"),
    ],
)
def test_m3_an_invalid_definition_says_why(changes, fault):
    with pytest.raises(request_field_rules.RequestFieldProblem) as problem:
        request_field_rules.check_fields([replace(field(), **changes)], "en")
    assert problem.value.code == fault


def test_m3_a_form_is_bounded():
    request_field_rules.check_fields([field(f"f{n}") for n in range(40)], "en")
    with pytest.raises(request_field_rules.RequestFieldProblem):
        request_field_rules.check_fields([field(f"f{n}") for n in range(41)], "en")


def test_m3_choices_keep_their_keys_when_words_change():
    before = (Choice("c1", {"en": "Car"}), Choice("c2", {"en": "Van"}))
    words = lambda *texts: [{"en": text} for text in texts]  # noqa: E731
    keys = lambda found: [(choice.key, choice.text["en"]) for choice in found]  # noqa: E731
    assert keys(match_choices(words("Van", "Car"), before, "en")) == [("c2", "Van"), ("c1", "Car")]
    assert keys(match_choices(words("Car", "Lorry"), before, "en")) == [
        ("c1", "Car"),
        ("c2", "Lorry"),
    ]
    assert keys(match_choices(words("Bus", "Car", "Van"), before, "en"))[0] == ("c3", "Bus")
    assert keys(match_choices(words("Van"), before, "en")) == [("c2", "Van")]


def test_m3_keys_are_made_of_labels_and_are_free():
    assert request_field_rules.free_key("Number plate!", set()) == "number_plate"
    assert request_field_rules.free_key("Number plate", {"number_plate"}) == "number_plate_2"
    assert request_field_rules.free_key("???", {"field"}) == "field_2"


def test_m3_a_correction_keeps_what_the_form_no_longer_asks():
    old = Answer("gone", "text", {"en": "Gone"}, "x", ({"": "x"},))
    paper = Answer("paper", "file", {"en": "Paper"}, ["1"], ({"": "order.pdf"},))
    plate = field("plate")
    reading = read_answers([plate], {"plate": ["WA 2"]}, FieldOffers())
    merged = merge_answers([old, paper], reading, [plate, field("paper", "file")])
    assert [(one.key, one.value) for one in merged] == [("gone", "x"), ("plate", "WA 2"), ("paper", ["1"])]


def test_m3_a_correction_drops_what_it_unasks_and_keeps_what_it_could_not_show():
    vehicle = field("vehicle", "choice", choices=A_B_C)
    plate = field("plate", shown_when=Condition("vehicle", ("b",)))
    before = read_answers([vehicle, plate], {"vehicle": ["b"], "plate": ["WA 1"]}, WARSAW).answers
    on_foot = read_answers([vehicle, plate], {"vehicle": ["a"], "plate": ["WA 1"]}, WARSAW)
    assert [one.key for one in merge_answers(before, on_foot, [vehicle, plate])] == ["vehicle"]
    # The form shows it by another answer now: the case, whose answers are the same, keeps it.
    other = replace(plate, shown_when=Condition("vehicle", ("c",)))
    same = read_answers([vehicle, other], {"vehicle": ["b"]}, WARSAW)
    assert merge_answers(before, same, [vehicle, other]) == before
    number = replace(plate, kind="number", shown_when=None)
    blank = read_answers([vehicle, number], {"vehicle": ["b"]}, WARSAW)
    assert merge_answers(before, blank, [vehicle, number]) == before
    fewer = replace(vehicle, choices=A_B_C[:1])
    assert [c.key for c in with_former_choices([fewer], before)[0].choices] == ["a", "b"]


def test_m3_search_reads_the_words_of_every_language():
    car = Answer("v", "choice", {"en": "Vehicle"}, "c1", ({"en": "Car", "pl": "Samochód"},))
    when = Answer("w", "moment", {"en": "When"}, "2026-12-03T13:30:00Z", ({"": "2026-12-03T13:30:00Z"},))
    assert search_texts([car, when]) == ["Car", "Samochód", "2026-12-03"]
    assert dt.datetime.fromisoformat(str(when.value)).tzinfo is not None


def test_m3_a_moment_with_an_offset_of_its_own_is_that_moment():
    assert read(field(kind="moment"), "2026-12-03T14:30+05:00") == ("2026-12-03T09:30:00Z", None)
