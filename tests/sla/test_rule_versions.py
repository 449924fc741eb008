"""Versions of policies and calendars: read once a process, of the own provider alone."""

import pytest

from portal.sla import rule_versions
from portal.sla.models import CalendarVersion, PolicyVersion
from portal.sla.rule_versions import RuleVersions


@pytest.fixture
def versions(world):
    """The ids of a policy version and a calendar version of Northwind."""
    return world.rows(PolicyVersion)[0].id, world.rows(CalendarVersion)[0].id


def test_they_are_read_once(world, versions, statements):
    policy, calendar = versions
    first = RuleVersions(world.ctx("ana"))
    found = first.policy(policy), first.calendar(calendar)
    ctx = world.ctx("lee")
    with statements() as asked:
        again = RuleVersions(ctx)
        assert again.has_calendars([calendar])
        again.fetch([policy, None], [calendar])
        assert (again.policy(policy), again.calendar(calendar)) == found
    assert not [text for text in asked if "version" in text.lower()]


def test_another_provider_has_no_such_version(world, versions):
    """Whatever this process has read for others."""
    policy, calendar = versions
    known = RuleVersions(world.ctx("ana"))
    assert known.policy(policy) and known.calendar(calendar)
    stranger = RuleVersions(world.ctx("sue"))
    assert not stranger.has_calendars([calendar])
    for ask in (stranger.policy, stranger.policy_of):
        with pytest.raises(KeyError):
            ask(policy)
    for ask in (stranger.calendar, stranger.calendar_of):
        with pytest.raises(KeyError):
            ask(calendar)


def test_what_was_fetched_stays_though_the_cache_drops_it(world, versions):
    policy, calendar = versions
    rules = RuleVersions(world.system())
    rules.fetch([policy], [calendar])
    rule_versions._policies.clear()
    rule_versions._calendars.clear()
    # Nobody is there to ask again: a customer does not see versions that are no longer agreed.
    rules.ctx = world.ctx("sue")
    assert rules.policy(policy) and rules.calendar(calendar)
    assert rules.policy_of(policy) == world.row(PolicyVersion, policy).policy_id
    assert rules.calendar_of(calendar) == world.row(CalendarVersion, calendar).calendar_id
