"""Rules that wait: once for a case and a moment, exactly when their hours are over."""

import datetime as dt

from portal.cases.actions import conversation, desk, resolution
from portal.rules.models import CaseRuleFiring
from tests.support.case_rules import firings_of, make_case_rule, outcomes, run_time_rules


def test_hours_after_the_opening_it_runs_once(world, travel):
    make_case_rule(world, name="Old", trigger="since_opened", hours=4, set_tier=2)
    case = world.open_case("rita")
    travel(hours=3)
    assert run_time_rules(world) == 0 and firings_of(world, case) == []
    travel(hours=1, minutes=1)
    assert run_time_rules(world) == 1
    assert world.reload(case).tier == 2 and outcomes(world, case) == [("Old", "tier", "done")]
    travel(hours=5)
    assert run_time_rules(world) == 0, "once for a case"
    assert len(firings_of(world, case)) == 1


def test_hours_of_silence_begin_anew_with_each_message(world, travel):
    make_case_rule(world, name="Silence", trigger="since_customer", hours=8, note="They wait.")
    case = world.open_case("rita")
    travel(hours=6)
    conversation.reply(world.ctx("rita"), case, body="Any news?")
    travel(hours=6)
    assert run_time_rules(world) == 0
    travel(hours=3)
    assert run_time_rules(world) == 1 and run_time_rules(world) == 0
    conversation.reply(world.ctx("rita"), case, body="Hello?")
    travel(hours=9)
    assert run_time_rules(world) == 1, "the note of the rule is no message of a person"
    assert len(firings_of(world, case)) == 2


def test_hours_after_support_wrote_and_in_a_status(world, travel):
    make_case_rule(world, name="Ours", trigger="since_staff", hours=2, follower_id=world.lee.staff_id)
    make_case_rule(world, name="Waits", trigger="in_status", status="waiting", hours=5, set_tier=3)
    case = world.open_case("rita")
    travel(hours=9)
    assert run_time_rules(world) == 0, "support has not written"
    desk.ask(world.ctx("ana", "staff"), case, question="Which printer?")
    travel(hours=2, minutes=1)
    assert run_time_rules(world) == 1
    travel(hours=3)
    assert run_time_rules(world) == 1
    assert outcomes(world, case) == [("Ours", "follower", "done"), ("Waits", "tier", "done")]


def test_resolved_cases_and_what_was_due_before_are_left_alone(world, travel):
    old, ended = world.open_case("rita"), world.open_case("mel", subject="Ended")
    travel(hours=5)
    rule = make_case_rule(world, name="Late", trigger="since_opened", hours=4, note="x")
    new = world.open_case("olga", subject="New")
    # In business hours five of them break a promise, at night they do not.
    why = {"with_breach_reason": "vendor", "with_breach_note": "The line was cut"}
    resolution.resolve(world.ctx("ana", "staff"), ended, solution="Done", check="Look", answers=why)
    travel(hours=4, minutes=1)
    assert run_time_rules(world) == 1
    assert (firings_of(world, old), firings_of(world, ended), len(firings_of(world, new))) == ([], [], 1)
    assert firings_of(world, new)[0].moment == new.opened_at
    assert rule.name == "Late"


def test_a_time_rule_looks_once_and_never_starves(world, travel):
    """A case that does not fit when its hours are over is stored as looked at: it is in nobody's way."""
    make_case_rule(world, name="Words", trigger="since_opened", hours=1, subject_words="vpn", note="x")
    case, other = world.open_case("rita"), world.open_case("mel", subject="The VPN is down")
    travel(hours=1, minutes=1)
    assert run_time_rules(world) == 1
    assert (firings_of(world, case), len(firings_of(world, other))) == ([], 1)
    looked = world.rows(CaseRuleFiring, CaseRuleFiring.case_id == case.id)
    assert [(row.fits, row.did) for row in looked] == [(False, [])]
    assert run_time_rules(world) == 0


def test_old_entries_of_the_log_go_and_no_rule_runs_again(world, travel):
    from portal.rules.queries.firings import delete_old_firings

    make_case_rule(world, name="Old", trigger="since_opened", hours=1, note="x")
    case = world.open_case("rita")
    travel(hours=2)
    assert run_time_rules(world) == 1
    travel(days=200)
    ctx = world.system()
    assert delete_old_firings(ctx, ctx.now - dt.timedelta(days=180), 100) == 1
    assert run_time_rules(world) == 0 and firings_of(world, case) == []
