"""What starts, pauses and stops each clock: the rules of DESIGN 4, without a database."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cases.states import STEPS, State, Step
from portal.sla.engine import calendar, policy
from portal.sla.engine import clocks as engine
from portal.sla.engine.clocks import FoldState
from tests.sla.clock_events import (
    CALENDAR,
    FIRST,
    NEXT,
    POLICY,
    RESOLUTION,
    UPDATE,
    FixedRules,
    answer_event,
    at,
    fold_by_kind,
    fold_events,
    make_event,
    opening_events,
    question_event,
    reply_event,
)


def segments(clock):
    return [(s.start, s.end, s.why) for s in clock.segments]


def test_a_case_starts_with_first_response_and_resolution():
    clocks = fold_by_kind(*opening_events("Mon 10:00"))
    assert set(clocks) == {(FIRST, 1), (RESOLUTION, 1)}
    assert clocks[FIRST, 1].due_at == at("Mon 14:00") and clocks[RESOLUTION, 1].due_at == at("Wed 10:00")


def test_outside_hours_a_business_clock_starts_at_the_next_opening():
    clocks = fold_by_kind(*opening_events("Sat 23:00"))
    assert clocks[FIRST, 1].due_at == at("Mon+ 13:00")


def test_the_first_public_answer_keeps_the_first_response_and_starts_the_rhythm():
    clocks = fold_by_kind(*opening_events("Mon 10:00"), answer_event("Mon 13:59"))
    assert clocks[FIRST, 1].outcome == "met" and clocks[FIRST, 1].due_at == at("Mon 14:00")
    assert clocks[UPDATE, 1].due_at == at("Tue 13:59")


def test_a_late_answer_is_missed_and_on_the_minute_is_met():
    assert fold_by_kind(*opening_events("Mon 10:00"), answer_event("Mon 14:00"))[FIRST, 1].outcome == "met"
    assert fold_by_kind(*opening_events("Mon 10:00"), answer_event("Mon 14:01"))[FIRST, 1].outcome == "missed"


def test_nothing_but_a_public_word_answers():
    quiet = [
        make_event("Mon 10:30", "case.taken"),
        make_event("Mon 10:40", "case.started"),
        make_event("Mon 10:50", "case.noted"),
    ]
    clocks = fold_by_kind(*opening_events("Mon 10:00"), *quiet)
    assert clocks[FIRST, 1].stopped_at is None and (UPDATE, 1) not in clocks


STARTED = make_event("Mon 10:40", "case.started")


def test_where_the_policy_says_so_the_start_of_work_responds():
    rules = FixedRules(start_responds=True)
    clocks = fold_by_kind(*opening_events("Mon 10:00"), STARTED, rules=rules)
    assert (clocks[FIRST, 1].outcome, clocks[FIRST, 1].stopped_at) == ("met", at("Mon 10:40"))
    assert clocks[UPDATE, 1].due_at == at("Tue 10:40")
    later = fold_by_kind(*opening_events("Mon 10:00"), STARTED, reply_event("Mon 11:00"), rules=rules)
    assert later[NEXT, 1].due_at == at("Mon 15:00"), "what the customer writes then waits for an answer"


def test_the_system_that_starts_work_has_not_responded():
    started = make_event("Mon 10:40", "case.started", "system")
    clocks = fold_by_kind(*opening_events("Mon 10:00"), started, rules=FixedRules(start_responds=True))
    assert clocks[FIRST, 1].stopped_at is None


EVENTS = ("case.started", "case.taken", "case.answered", "case.replied", "case.asked", "case.held", "case.resolved")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from((1, 7, 30, 61, 600))), max_size=7))
def test_the_start_of_work_never_harms_a_first_response(history):
    """With any history: the first response ends at the first public word, or at a start of work before it, whichever
    comes first; nothing else about it depends on the setting."""
    minute, clock_events = 10 * 60, list(opening_events("Mon 10:00"))
    for name, after in history:
        minute = min(minute + after, 4 * 24 * 60 - 1)
        when = f"{('Mon', 'Tue', 'Wed', 'Thu')[minute // 1440]} {minute % 1440 // 60:02}:{minute % 60:02}"
        clock_events.append(make_event(when, name, "contact" if name == "case.replied" else "staff"))
    usual = fold_by_kind(*clock_events)[FIRST, 1]
    other = fold_by_kind(*clock_events, rules=FixedRules(start_responds=True))[FIRST, 1]
    words = [e.at for e in clock_events if e.name in ("case.answered", "case.asked", "case.resolved")]
    starts = [e.at for e in clock_events if e.name == "case.started"]
    assert usual.stopped_at == min(words, default=None)
    assert other.stopped_at == min([*words, *starts], default=None)
    assert other.due_at == usual.due_at and other.terms == usual.terms


def test_first_response_never_pauses():
    held = make_event("Mon 11:00", "case.held", reason="Courier")
    assert fold_by_kind(*opening_events("Mon 10:00"), held)[FIRST, 1].due_at == at("Mon 14:00")


def test_waiting_pauses_next_update_and_resolution():
    clocks = fold_by_kind(*opening_events("Mon 10:00"), question_event("Mon 11:00"), reply_event("Tue 11:00"))
    assert segments(clocks[RESOLUTION, 1]) == [
        (at("Mon 10:00"), at("Mon 11:00"), ""),
        (at("Mon 11:00"), at("Tue 11:00"), "waiting"),
        (at("Tue 11:00"), None, ""),
    ]
    assert clocks[RESOLUTION, 1].due_at == at("Thu 10:00")
    assert clocks[UPDATE, 1].due_at == at("Wed 11:00")
    assert clocks[RESOLUTION, 1].segments[1].message == "m1"


def test_while_paused_nothing_is_due():
    clocks = fold_by_kind(*opening_events("Mon 10:00"), question_event("Mon 11:00"))
    assert clocks[RESOLUTION, 1].due_at is None and clocks[RESOLUTION, 1].state == "paused"


def test_hold_pauses_resolution_only():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"), answer_event("Mon 10:30"), make_event("Mon 11:00", "case.held", reason="Courier")
    )
    assert clocks[RESOLUTION, 1].state == "paused"
    assert clocks[UPDATE, 2].state == "running"


def test_the_pause_ends_when_the_answer_occurred_not_when_it_was_known():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"), question_event("Mon 11:00"), reply_event("Mon 12:00", known="Wed 16:00")
    )
    assert segments(clocks[RESOLUTION, 1])[-1] == (at("Mon 12:00"), None, "")
    assert clocks[RESOLUTION, 1].due_at == at("Wed 11:00")
    assert clocks[NEXT, 1].started_at == at("Mon 12:00")


def test_an_answer_known_late_gives_back_the_wait_of_a_case_that_was_resolved_meanwhile():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"),
        question_event("Mon 11:00"),
        make_event("Mon 15:00", "case.resolved"),
        reply_event("Mon 12:00", known="Mon 16:00", reopened=True),
    )
    assert segments(clocks[RESOLUTION, 1])[:2] == [
        (at("Mon 10:00"), at("Mon 11:00"), ""),
        (at("Mon 11:00"), at("Mon 12:00"), "waiting"),
    ]


def test_next_response_runs_from_an_unanswered_message_to_a_public_answer():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"), answer_event("Mon 11:00"), reply_event("Mon 12:00"), reply_event("Mon 13:00")
    )
    assert clocks[NEXT, 1].started_at == at("Mon 12:00") and (NEXT, 2) not in clocks
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"), answer_event("Mon 11:00"), reply_event("Mon 12:00"), answer_event("Mon 15:00")
    )
    assert clocks[NEXT, 1].outcome == "met" and clocks[NEXT, 1].stopped_at == at("Mon 15:00")


def test_before_the_first_answer_further_messages_start_nothing():
    assert (NEXT, 1) not in fold_by_kind(*opening_events("Mon 10:00"), reply_event("Mon 10:30"))


def test_thanks_restarts_nothing():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"), answer_event("Mon 11:00"), reply_event("Mon 12:00", thanks=True)
    )
    assert (NEXT, 1) not in clocks and (UPDATE, 2) not in clocks


def test_everything_stops_on_resolved():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"),
        answer_event("Mon 11:00"),
        reply_event("Mon 12:00"),
        make_event("Mon 13:00", "case.resolved"),
    )
    assert {c.state for c in clocks.values()} == {"stopped"}
    assert {c.outcome for c in clocks.values()} == {"met"}


def test_a_rejection_resumes_resolution_and_owes_news_again():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"),
        make_event("Mon 12:00", "case.resolved"),
        make_event("Tue 12:00", "case.rejected", "contact"),
    )
    resolution = clocks[RESOLUTION, 1]
    assert (RESOLUTION, 2) not in clocks and resolution.outcome == "" and resolution.stopped_at is None
    assert segments(resolution)[1] == (at("Mon 12:00"), at("Tue 12:00"), "resolved")
    assert resolution.due_at == at("Thu 10:00")
    assert clocks[UPDATE, 1].started_at == at("Tue 12:00") and clocks[NEXT, 1].started_at == at("Tue 12:00")


def test_a_closed_case_that_comes_back_is_new_work():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"),
        make_event("Mon 12:00", "case.resolved"),
        make_event("Mon 13:00", "case.accepted", "contact"),
        make_event("Wed 10:00", "case.reopened", "contact"),
    )
    assert clocks[RESOLUTION, 1].outcome == "met" and clocks[RESOLUTION, 2].started_at == at("Wed 10:00")


def test_a_case_that_its_customer_closes_in_time_voids_what_was_promised():
    clocks = fold_by_kind(*opening_events("Mon 10:00"), make_event("Mon 11:00", "case.closed", "contact"))
    assert clocks[FIRST, 1].outcome == "void" and clocks[RESOLUTION, 1].outcome == "void"
    assert (
        fold_by_kind(*opening_events("Mon 10:00"), make_event("Mon 15:00", "case.closed", "contact"))[FIRST, 1].outcome
        == "missed"
    )


def test_a_change_of_severity_reckons_running_clocks_anew_and_leaves_stopped_ones():
    clocks = fold_by_kind(
        *opening_events("Mon 10:00"),
        question_event("Mon 11:00"),
        reply_event("Mon 15:00"),
        make_event("Mon 15:30", "case.severity_changed", severity=[3, 1]),
    )
    assert clocks[FIRST, 1].due_at == at("Mon 14:00") and clocks[FIRST, 1].target_version == 1
    # One hour before the question, then from the answer on: the wait is kept.
    assert clocks[RESOLUTION, 1].due_at == at("Mon 18:00") and clocks[RESOLUTION, 1].target_version == 2


def test_a_new_policy_holds_from_its_event_on():
    rules, new = FixedRules(), uuid.UUID(int=9)
    rules.policies[new] = policy.parse_policy({"severities": {"3": {"first_response": "8 hours"}}})
    applied = make_event("Mon 11:00", "sla.policy_applied", policy=str(new), calendar=str(CALENDAR))
    clocks = fold_by_kind(*opening_events("Mon 10:00"), applied, rules=rules)
    assert clocks[FIRST, 1].due_at == at("Mon 18:00") and clocks[FIRST, 1].target_version == 2
    assert clocks[RESOLUTION, 1].outcome == "void"


def test_a_new_calendar_moves_what_it_counts_and_nothing_else():
    rules, new = FixedRules(), uuid.UUID(int=9)
    rules.calendars[new] = calendar.parse_calendar({"zone": "Europe/Warsaw", "week": {"thursday": "09:00-18:00"}})
    applied = make_event("Mon 11:00", "sla.policy_applied", policy=str(POLICY), calendar=str(new))
    clocks = fold_by_kind(*opening_events("Mon 10:00"), applied, rules=rules)
    assert clocks[FIRST, 1].due_at == at("Thu 13:00")
    emergency = fold_by_kind(*opening_events("Mon 10:00", severity=1), applied, rules=rules)
    assert emergency[FIRST, 1].due_at == at("Mon 10:15") and emergency[FIRST, 1].target_version == 1


def test_rules_that_come_later_promise_from_then_on():
    clocks = fold_by_kind(
        make_event("Mon 10:00", "case.submitted", "contact", severity=3),
        make_event("Wed 12:00", "sla.policy_applied", policy=str(POLICY), calendar=str(CALENDAR)),
    )
    assert clocks[FIRST, 1].started_at == at("Wed 12:00")


def test_no_policy_promises_nothing():
    assert (
        fold_by_kind(make_event("Mon 10:00", "case.submitted", "contact", severity=3), answer_event("Tue 10:00")) == {}
    )


def test_no_news_counts_twice_in_a_row_and_no_more():
    rules = FixedRules(**{"1": {"next_update": "1 hour always"}})
    base = [*opening_events("Mon 10:00", severity=1), answer_event("Mon 10:10")]
    twice = [answer_event("Mon 11:00", no_news=True), answer_event("Mon 12:00", no_news=True)]
    clocks = fold_by_kind(*base, *twice, rules=rules)
    assert clocks[UPDATE, 3].due_at == at("Mon 13:00")
    third = fold_by_kind(*base, *twice, answer_event("Mon 12:50", no_news=True), rules=rules)
    assert (UPDATE, 4) not in third and third[UPDATE, 3].due_at == at("Mon 13:00")
    real = [*twice, answer_event("Mon 12:30"), answer_event("Mon 12:50", no_news=True)]
    assert fold_by_kind(*base, *real, rules=rules)[UPDATE, 5].due_at == at("Mon 13:50")


def test_of_two_targets_the_earlier_holds():
    rules = FixedRules(**{"2": {"first_response": "1 hour or 4 hours outside"}})

    def due(when):
        return fold_by_kind(*opening_events(when, severity=2), rules=rules)[FIRST, 1].due_at

    assert due("Mon 10:00") == at("Mon 11:00")
    assert due("Fri 17:30") == at("Fri 21:30")
    assert due("Sat 10:00") == at("Sat 14:00")
    assert due("Mon 07:00") == at("Mon 10:00")


def test_the_standing_follows_the_state_of_the_case():
    steps = [
        ("case.taken", {"owner": ["", "x"]}, "open"),
        ("case.started", {}, "in_progress"),
        ("case.asked", {}, "waiting"),
        ("case.held", {}, "on_hold"),
        ("case.woken", {}, "in_progress"),
        ("case.resolved", {}, "resolved"),
        ("case.rejected", {}, "open"),
        ("case.closed", {}, "closed"),
        ("case.reopened", {}, "open"),
    ]
    told = opening_events("Mon 10:00")
    for minute, (name, facts, state) in enumerate(steps, start=1):
        told.append(make_event(f"Mon 10:{minute:02}", name, **facts))
        assert fold_events(*told)[0].state == state


def planted(event: str, to=State.ON_HOLD) -> Step:
    """A step of a verb that nobody has handled yet."""
    return Step("park", frozenset({State.OPEN}), to, None, "staff", event)


def test_a_new_verb_is_decided_upon_before_the_engine_starts(monkeypatch):
    """A verb whose event no clock knows would change the state of a case behind the engine."""
    with pytest.raises(LookupError, match=r"case\.parked"):
        engine.select_heard_events((*STEPS, planted("case.parked")))
    monkeypatch.setattr(engine, "STATE_EVENTS", engine.STATE_EVENTS | {"case.parked"})
    assert "case.parked" in engine.select_heard_events((*STEPS, planted("case.parked")))
    monkeypatch.undo()
    monkeypatch.setattr(engine, "IGNORED_EVENTS", engine.IGNORED_EVENTS | {"case.parked"})
    assert "case.parked" not in engine.select_heard_events((*STEPS, planted("case.parked")))


def test_the_state_after_an_event_is_that_of_the_table_of_verbs():
    following = engine.map_following_states((*STEPS, planted("case.parked")))
    assert following["case.parked"] == "on_hold" and following["case.asked"] == "waiting"
    with pytest.raises(LookupError, match=r"case\.asked leads to"):
        engine.map_following_states((*STEPS, planted("case.asked", State.CLOSED)))


def test_no_event_is_named_that_no_verb_records():
    """A name left over from a verb that is gone would hide the next one with that name."""
    recorded = {step.event for step in STEPS} | engine.OTHER_EVENTS
    assert {*engine._Fold.HANDLERS, *engine.STATE_EVENTS, *engine.IGNORED_EVENTS} <= recorded


def test_the_fold_and_the_cases_agree_on_the_state_after_each_verb():
    """The state that the fold reads from an event is the one that the verb gives the case."""
    shelf = FixedRules()
    for step in (one for one in STEPS if one.to is not None):
        state = FoldState(state=min(step.sources))
        engine.apply(state, make_event("Mon 10:00", step.event), shelf)
        assert state.state == step.to, step.verb
