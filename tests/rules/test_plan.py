"""The pure engine, held to an oracle that spells the promise out: every rule that fits, in order, and the first
decides; for random rules and cases."""

import datetime as dt
import random
import uuid

import pytest

from portal.rules.engine.case_rules import (
    SETTING,
    CaseRuleInUse,
    Conditions,
    Effect,
    EffectOutcome,
    RuledCase,
    Trigger,
    has_phrase,
    is_of_domain,
    plan,
)
from portal.rules.engine.moments import first_due, silences, stays

IDS = [uuid.UUID(int=n) for n in range(1, 5)]
HOUR = dt.timedelta(hours=1)
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


def random_facts(dice):
    return RuledCase(
        organization_id=dice.choice(IDS[:2]),
        account_id=dice.choice(IDS),
        request_type_id=dice.choice(IDS[:2]),
        environment_kind=dice.choice(["", "test", "production"]),
        department_id=dice.choice([None, *IDS]),
        owner_id=dice.choice([None, *IDS]),
        severity=dice.randint(1, 4),
        tier=dice.randint(1, 3),
        channel=dice.choice(["portal", "mail"]),
        subject=dice.choice(["VPN is down", "Invoice"]),
        text=dice.choice(["", "please help"]),
        domain=dice.choice(["acme.example", "it.acme.example", "other.example"]),
    )


def random_rule(dice, number):
    any_of = lambda values: dice.choice([None, None, *values])  # noqa: E731
    conditions = Conditions(
        organization_id=any_of(IDS[:2]),
        department_id=any_of(IDS),
        severity=any_of([1, 2, 3]),
        tier=any_of([1, 2]),
        channel=any_of(["mail"]) or "",
        subject_words=dice.choice([(), ("vpn", "wifi")]),
        domain=dice.choice(["", "acme.example"]),
        unowned=dice.random() < 0.3,
    )
    values = {
        Effect.DEPARTMENT: dice.choice(IDS),
        Effect.TIER: dice.randint(1, 3),
        Effect.OWNER: dice.choice(IDS),
        Effect.SEVERITY: dice.randint(1, 4),
        Effect.FOLLOWER: dice.choice(IDS),
        Effect.NOTE: "look",
    }
    chosen = dice.sample(list(values), dice.randint(1, 6))
    return CaseRuleInUse(
        uuid.UUID(int=100 + number), f"rule {number}", Trigger.OPENED, 0, conditions, {e: values[e] for e in chosen}
    )


def fits(conditions, facts):
    """The oracle of conditions: one sentence each."""
    checks = [
        conditions.organization_id is None or conditions.organization_id == facts.organization_id,
        conditions.department_id is None or conditions.department_id == facts.department_id,
        conditions.severity is None or facts.severity in range(1, conditions.severity + 1),
        conditions.tier is None or conditions.tier == facts.tier,
        not conditions.channel or conditions.channel == facts.channel,
        not conditions.subject_words or any(w in facts.subject.lower().split() for w in conditions.subject_words),
        not conditions.domain or facts.domain.split(".")[-2:] == conditions.domain.split("."),
        not (conditions.unowned and facts.owner_id),
    ]
    return all(checks)


@pytest.mark.parametrize("seed", range(200))
def test_the_plan_is_what_the_promise_says(seed):
    dice = random.Random(seed)
    facts, rules = random_facts(dice), [random_rule(dice, n) for n in range(dice.randint(0, 8))]
    found = plan(rules, facts)
    assert found == plan(rules, facts), "the same twice"
    assert [one.rule for one in found] == [rule for rule in rules if fits(rule.conditions, facts)]
    present = {
        Effect.DEPARTMENT: facts.department_id,
        Effect.TIER: facts.tier,
        Effect.OWNER: facts.owner_id,
        Effect.SEVERITY: facts.severity,
    }
    for effect in Effect:
        planned = [(one.rule.name, step) for one in found for step in one.effects if step.effect is effect]
        if effect not in SETTING:
            assert all(step.outcome is EffectOutcome.DO for _name, step in planned)
            continue
        for place, (_name, step) in enumerate(planned):
            if place:
                assert (step.outcome, step.by) == (EffectOutcome.DECIDED, planned[0][0])
            else:
                same = step.after == present[effect]
                assert step.outcome is (EffectOutcome.SAME if same else EffectOutcome.DO)
    done = [step for one in found for step in one.effects if step.outcome is EffectOutcome.DO]
    assert len(done) <= len(SETTING) + 2 * len(found), "one value once; followers and notes once a rule"


@pytest.mark.parametrize(
    ("text", "phrases", "found"),
    [
        ("The VPN is down", ("vpn",), True),
        ("Support needed", ("port",), False),
        ("the mail server, please", ("mail server",), True),
        ("Export", ("port", "export"), True),
        ("お客様のネットワーク", ("ネット",), True),
        ("anything", (), True),
        ("", ("vpn",), False),
        ("(vpn)", ("vpn",), True),
        ("vpnvpn vpn", ("vpn",), True),
    ],
)
def test_phrases_are_whole_words(text, phrases, found):
    assert has_phrase(text, phrases) is found


def test_domains_include_those_below():
    assert is_of_domain("it.acme.example", "acme.example") and is_of_domain("acme.example", "acme.example")
    assert not is_of_domain("notacme.example", "acme.example") and is_of_domain("", "")


def test_time_rules_count_within_a_silence_or_a_status():
    spans = silences([NOON, NOON + 5 * HOUR], NOON + 6 * HOUR)
    assert first_due(spans, 4, NOON, NOON + 9 * HOUR) == NOON + 4 * HOUR
    assert first_due(spans, 5, NOON, NOON + 9 * HOUR) is None
    assert first_due(silences([NOON], None), 8, NOON, NOON + 7 * HOUR) is None
    events = [
        ("case.submitted", NOON),
        ("case.asked", NOON + HOUR),
        ("case.answered", NOON + 2 * HOUR),
        ("case.replied", NOON + 3 * HOUR),
        ("case.asked", NOON + 4 * HOUR),
    ]
    assert stays("waiting", events) == [(NOON + HOUR, NOON + 3 * HOUR), (NOON + 4 * HOUR, None)]
    assert stays("new", events) == [(NOON, NOON + HOUR)]
