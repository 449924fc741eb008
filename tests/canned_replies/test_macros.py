"""What a macro would do on a case, before anything is sent."""

import pytest

from portal.canned_replies.engine.macros import STATUSES, VERB_TO, Macro, MacroCase, MacroPlan, plan_macro
from portal.cases.states import BY_VERB

EVERY_VERB = {*VERB_TO.values(), "redefine severity", "take"}


def state(**facts):
    return MacroCase(
        **{"state": "open", "severity": 3, "is_owned": False, "is_own": False, "verbs": EVERY_VERB, **facts}
    )


def test_the_verbs_lead_to_the_statuses():
    for status in STATUSES:
        assert str(BY_VERB[VERB_TO[status]].to) == status


def test_everything_is_done_where_the_case_allows_it():
    macro = Macro(status="waiting", severity=2, severity_reason="It spreads", takes=True)
    assert plan_macro(macro, state()) == MacroPlan("waiting", 2, takes=True)
    assert plan_macro(macro, state(is_owned=True)) == MacroPlan("waiting", 2, takes=True, takes_over=True)


@pytest.mark.parametrize(
    ("macro", "facts"),
    [
        (Macro(status="waiting"), {"state": "waiting"}),
        (Macro(severity=3, severity_reason="So"), {}),
        (Macro(takes=True), {"is_owned": True, "is_own": True}),
        (Macro(), {"verbs": set()}),
    ],
)
def test_what_the_case_has_already_is_left_out(macro, facts):
    assert plan_macro(macro, state(**facts)) == MacroPlan()


def test_what_the_case_forbids_is_named():
    macro = Macro(status="waiting", severity=2, severity_reason="So", takes=True)
    assert plan_macro(macro, state(state="resolved", verbs=set())) == MacroPlan(blocked=("status", "severity", "owner"))
