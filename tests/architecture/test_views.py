"""Views: each says who may see it, and every verb has a page for people without JavaScript."""

import pytest

from portal.kernel import tenancy
from portal.kernel.database import Base
from portal.web.guards import GUARD

SAFE = {"GET", "HEAD", "OPTIONS"}
# Addresses that only programs post to; contract.md names no page for them.
NO_PAGE = {
    "/uploads": "a file field's helper: the form itself takes files without it",
    "/phone/events": "a telephone system says there what becomes of a call",
    "/sign-in/with/<name>/logout": "an identity provider says that somebody signed out there",
}


def test_every_view_says_who_may_call_it(app):
    """A forgotten guard must not be found by a stranger: the application refuses to start, and this says where."""
    assert not [e for e, view in app.view_functions.items() if e != "static" and not hasattr(view, GUARD)]


def test_every_public_view_says_why(app):
    """A public view has a reason, written where the next reader decides whether it still holds."""
    guards = {e: getattr(view, GUARD, "") for e, view in app.view_functions.items()}
    assert not [e for e, guard in guards.items() if guard.startswith("public") and len(guard) < len("public: why so")]


def test_the_address_of_each_verb_answers_get(app):
    """contract.md: who opens the address of a verb (a bookmark, a reload) gets the form, not a 405."""
    rules = list(app.url_map.iter_rules())
    answers_get = {shape(rule) for rule in rules if "GET" in (rule.methods or ())}
    wrong = [
        rule.rule
        for rule in rules
        if (rule.methods or set()) - SAFE and shape(rule) not in answers_get and rule.rule not in NO_PAGE
    ]
    assert not wrong


def shape(rule):
    """An address without the names of its parts."""
    import re

    return re.sub(r"<[^>]*>", "<>", rule.rule)


def test_addresses_are_kebab_case(app):
    """One way to write an address; people read and type them."""
    wrong = []
    for rule in app.url_map.iter_rules():
        plain = shape(rule).replace("<>", "x")
        if plain.startswith("/scim/v2/"):  # RFC 7644 names these
            continue
        if plain != plain.lower() or "_" in plain:
            wrong.append(rule.rule)
    assert not wrong


def test_every_table_has_a_policy_or_a_reason_to_have_none():
    """A table without a policy shows every tenant's rows to whoever forgets a filter."""
    assert set(Base.metadata.tables) == set(tenancy.POLICIES)
    assert all(policy.reason for policy in tenancy.POLICIES.values() if policy.condition is None)


@pytest.mark.parametrize("table", sorted(t for t, p in tenancy.POLICIES.items() if p.condition is None))
def test_exempt_tables_hold_no_content(table):
    """What can be read before a tenant is known holds ids, times, hashes, counts and public names, no words."""
    allowed = {
        "host",
        "provider_id",
        "is_primary",
        "enabled",
        "hash",
        "id",
        "purpose",
        "subject_id",
        "kind",
        "attempts",
    }
    columns = {c.name for c in Base.metadata.tables[table].columns if not c.name.endswith("_at")}
    assert columns <= allowed
