"""What answers come to: the engine against a search over everything that can still happen."""

import datetime as dt
import itertools
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.approvals.engine.conditions import RuleCondition, RuleSubject
from portal.approvals.engine.facts import differences
from portal.approvals.engine.figures import median_time
from portal.approvals.engine.steps import ApprovalStep, Mode, Seat, SeatAnswer, StepOutcome, evaluate

PEOPLE = [uuid.UUID(int=number) for number in range(1, 6)]
people = st.sampled_from(PEOPLE)


@st.composite
def steps(draw):
    """A step of one to four seats, some with a deputy."""
    chosen = draw(st.lists(people, min_size=1, max_size=4, unique=True))
    seats = tuple(Seat(one, draw(st.none() | people)) for one in chosen)
    return ApprovalStep(draw(st.sampled_from(list(Mode))), seats, draw(st.integers(1, 4)))


@st.composite
def worlds(draw):
    """Steps, answers in any order (wrong ones too), who asks, and who can load the case."""
    drawn = draw(st.lists(steps(), min_size=1, max_size=2))
    answers = draw(
        st.lists(
            st.builds(SeatAnswer, st.integers(0, 1), people, people, st.booleans()),
            max_size=6,
        )
    )
    requesters = frozenset(draw(st.sets(people, max_size=2)))
    able = frozenset(draw(st.sets(people)))
    return drawn, answers, requesters, able


def oracle(step, answers, requesters, able):
    """The outcome of one step, by trying everything that people could still say: it is decided when every way on leads
    to one end, refused when no way leads to a yes, and stuck when nobody may speak although somebody should."""
    heard = []
    for one in answers:
        seat = next((seat for seat in step.seats if seat.user_id == one.seat_id), None)
        if seat is None or one.user_id not in (seat.user_id, seat.deputy_id):
            continue
        if one.user_id in requesters or seat.user_id in requesters:
            continue
        if any(seat.user_id == other[0] or one.user_id == other[1] for other in heard):
            continue
        heard.append((seat.user_id, one.user_id, one.approves))
    seats = [seat for seat in step.seats if seat.user_id not in requesters]
    needed = {Mode.ONE: 1, Mode.COUNT: step.needed, Mode.ALL: len(seats)}[step.mode]
    if step.mode is Mode.ONE and heard:
        return StepOutcome.APPROVED if heard[0][2] else StepOutcome.REFUSED
    if step.mode is Mode.ALL and any(not yes for _seat, _who, yes in heard):
        return StepOutcome.REFUSED
    yes, no = sum(one[2] for one in heard), sum(not one[2] for one in heard)
    if step.mode is Mode.ALL:
        if yes == len(seats) and yes:
            return StepOutcome.APPROVED
    elif yes >= needed:
        return StepOutcome.APPROVED
    open_seats = [seat for seat in seats if seat.user_id not in {one[0] for one in heard}]
    spoken = {one[1] for one in heard}
    speakers = [
        [one for one in {seat.user_id, seat.deputy_id} if one in able and one not in requesters and one not in spoken]
        for seat in open_seats
    ]
    if step.mode is Mode.ALL:
        return StepOutcome.ASKED if any(speakers) else StepOutcome.STUCK
    most = 0
    for choice in itertools.product(*[[None, *options] for options in speakers]):
        said = [one for one in choice if one is not None]
        if len(set(said)) == len(said):
            most = max(most, len(said))
    if yes + most >= needed:
        return StepOutcome.ASKED
    return StepOutcome.REFUSED if no and len(seats) - no < needed else StepOutcome.STUCK


@settings(max_examples=600, deadline=None)
@given(world=worlds())
def test_m2_the_engine_agrees_with_trying_everything(world):
    drawn, answers, requesters, able = world
    expected, number = StepOutcome.APPROVED, len(drawn) - 1
    for at, step in enumerate(drawn):
        found = oracle(step, [one for one in answers if one.step == at], requesters, able)
        if found is not StepOutcome.APPROVED:
            expected, number = found, at
            break
    standing = evaluate(drawn, answers, requesters, able)
    assert (standing.outcome, standing.step) == (expected, number)


@settings(max_examples=400, deadline=None)
@given(world=worlds())
def test_m2_whoever_may_answer_counts_and_requesters_never_do(world):
    drawn, answers, requesters, able = world
    standing = evaluate(drawn, answers, requesters, able)
    assert not requesters & set(standing.people()) and set(standing.people()) <= able
    assert (standing.outcome is StepOutcome.ASKED) <= bool(standing.people())
    for person in standing.people():
        given_answer = SeatAnswer(standing.step, person, standing.seat_of(person), True)
        after = evaluate(drawn, [*answers, given_answer], requesters, able)
        assert person not in after.people() or after.step > standing.step, "an answer that counts is not asked again"
    for requester in requesters:
        for seat in drawn[standing.step].seats:
            spoken = [*answers, SeatAnswer(standing.step, requester, seat.user_id, True)]
            assert evaluate(drawn, spoken, requesters, able) == standing


def test_m2_the_three_ways_to_agree():
    a, b, c, *_rest = PEOPLE
    able = frozenset(PEOPLE)
    seats = (Seat(a), Seat(b), Seat(c))

    def come_to(mode, *said, needed=2):
        answers = [SeatAnswer(0, who, who, yes) for who, yes in said]
        return evaluate([ApprovalStep(mode, seats, needed)], answers, frozenset(), able).outcome

    assert come_to(Mode.ONE, (b, True)) is StepOutcome.APPROVED
    assert come_to(Mode.ONE, (b, False), (a, True)) is StepOutcome.REFUSED, "the first answer decides"
    assert come_to(Mode.ALL, (a, True), (b, True)) is StepOutcome.ASKED
    assert come_to(Mode.ALL, (a, True), (b, True), (c, True)) is StepOutcome.APPROVED
    assert come_to(Mode.ALL, (a, True), (b, False)) is StepOutcome.REFUSED
    assert come_to(Mode.COUNT, (a, True), (b, False)) is StepOutcome.ASKED
    assert come_to(Mode.COUNT, (a, False), (b, False)) is StepOutcome.REFUSED
    assert come_to(Mode.COUNT, (a, True), (c, True)) is StepOutcome.APPROVED


def test_m2_a_deputy_answers_for_somebody_and_once():
    a, b, c, *_rest = PEOPLE
    step = ApprovalStep(Mode.ALL, (Seat(a, c), Seat(b, c)))
    start = evaluate([step], [], frozenset(), frozenset({b, c}))
    assert start.people() == [c, b], "a is away"
    first = SeatAnswer(0, c, start.seat_of(c), True)
    then = evaluate([step], [first], frozenset(), frozenset({b, c}))
    assert (then.outcome, then.people()) == (StepOutcome.ASKED, [b]), "nobody fills two seats"


def test_m2_nobody_left_is_said():
    a, b, *_rest = PEOPLE
    alone = evaluate([ApprovalStep(Mode.ONE, (Seat(a),))], [], frozenset({a}), frozenset(PEOPLE))
    assert (alone.outcome, alone.people()) == (StepOutcome.STUCK, []), "who wants it is the only approver"
    assert evaluate([ApprovalStep(Mode.ONE, (Seat(b),))], [], frozenset(), frozenset()).outcome is StepOutcome.STUCK


def test_m2_rules_hold_when_everything_fits():
    ids = [uuid.UUID(int=number) for number in range(10, 13)]
    facts = RuleSubject(ids[0], ids[1], ids[2], "production", 2)
    assert RuleCondition().holds(facts)
    assert RuleCondition(ids[0], ids[1], ids[2], "production", 2).holds(facts)
    assert not RuleCondition(environment_kind="test").holds(facts)
    assert not RuleCondition(severity=1).holds(facts)
    assert not RuleCondition(organization_id=ids[1]).holds(facts)
    assert RuleCondition(severity=3).holds(facts)
    assert not RuleCondition(field_key="amount", over=5000).holds(facts), "a case without the number"


def test_m2_figures_are_honest():
    minutes = [dt.timedelta(minutes=one) for one in (5, 1, 9, 30)]
    assert median_time(minutes) is None
    assert median_time([*minutes, dt.timedelta(minutes=7)]) == dt.timedelta(minutes=7)


def test_m2_the_difference_names_what_changed():
    before = {"subject": "A", "severity": [3, "Normal"]}
    after = {"subject": "A", "severity": [2, "High"], "environment": ["", ""]}
    assert [(one.name, one.before, one.after) for one in differences(before, after)] == [("severity", "Normal", "High")]
