"""Forms sent to what one may not see: the answer says that nothing is there, and nothing has changed."""

import pytest

from tests.isolation import catalogue
from tests.isolation.catalogue import EVERYBODY, NO_THING, SAFE
from tests.isolation.forest import fingerprint
from tests.isolation.visits import difference, visit

# Routes that start from no object, or that are for everybody: other tests send them forms.
NO_OBJECT = {
    "identity.sign_in": "nobody is signed in yet",
    "identity.sign_in_password": "as above",
    "identity.sign_out": "ends one's own session",
    "identity.forgot": "for everybody, says the same to all",
    "identity.sign_up": "for everybody, says the same to all",
    "identity.end_other_sessions": "ends one's own sessions",
    "notifications.read_all": "one's own bell",
    "identity.profile": "one's own",
    "identity.preferences": "one's own",
    "identity.security": "one's own",
    "attachments.upload": "stages a file of one's own",
}


def plausible(forest, who):
    """Values with which every form would do something, if only it were let."""
    world = forest.world
    return {
        "body": "I was never here",
        "reason": "I was never here",
        "note": "I was never here",
        "status": "in_progress",
        "severity": "1",
        "tier": "3",
        "owner": "me",
        "department": str(world.departments["business"].id),
        "cc": "x@evil.example",
        "visibility": "shared",
        "person": str(world.gil.id),
        "wish": "mute",
        "subject": "I was never here",
        "description": "I was never here",
        "type": "outage",
        "account": "GLOBEX",
        "contact": str(world.gil.contact_id),
        "environment": "",
        "channel": "phone",
        "target": forest.trees["shared"].key,
        "action": "take",
        "confirm": "1",
        "case": forest.trees["private"].key,
        "name": "Changed",
        "email": "x@evil.example",
        "key": "EVIL",
        "kind": "test",
        "role": "agent",
        "active": "1",
        "q1": "1",
        "q2": "I was never here",
        "anyway": "1",
        "password": "a long new password",
        "default_visibility": "shared",
        "notify": "1",
    }


def test_every_form_without_an_object_has_a_reason(live_forest, forest):
    """A POST route takes an object, needs a permission, or stands in NO_OBJECT."""
    unknown = []
    for rule in catalogue.routes(live_forest.app):
        if (rule.methods or set()) - SAFE and not rule.arguments and rule.endpoint not in NO_OBJECT:
            guard = catalogue.guard_of(live_forest.app, rule.endpoint)
            if not guard.startswith("requires "):
                unknown.append(rule.endpoint)
    assert not unknown


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_form_sent_to_what_one_may_not_see_changes_nothing(visitors, forest, live_forest, who):
    app, browser, data = live_forest.app, visitors.browser(who), plausible(forest, who)
    with live_forest.inside() as world:
        before = fingerprint(world)
    wrong, sent = [], 0
    for rule in catalogue.routes(app):
        if not (rule.methods or set()) - SAFE or rule.endpoint in NO_OBJECT:
            continue
        every = catalogue.addresses(app, forest, rule)
        closed = [a for a in catalogue.tried(forest, who, rule, every) if not_for(forest, who, a)]
        nothing: dict[tuple[str, ...], str] = {}
        for address in sorted(closed, key=lambda a: NO_THING not in a.which):
            answer = visit(who, address.path, browser.post(address.path, data=dict(data), checked=False))
            sent += 1
            allowed = catalogue.expected(forest, who, address)
            if answer.status not in allowed:
                wrong.append(f"{address.endpoint} {address.which}: {answer.status}, not {sorted(allowed)}")
            elif answer.status == 404:
                bytes_ = answer.same(*address.spellings)
                # The frame shows which of one's own organizations the address lies in; the rest is the same.
                inside = tuple(t.value for t in address.things if catalogue.reaches(forest, who, address.only(t)))
                if bytes_ != nothing.setdefault(inside, bytes_):
                    wrong.append(f"{address.endpoint} {address.which} tells a foreign one from a missing one:")
                    wrong.append(difference(nothing[inside], bytes_))
    with live_forest.inside() as world:
        after = fingerprint(world)
    changed = {table for table in before if before[table] != after[table]}
    assert not wrong, "\n".join(wrong)
    assert not changed, f"{sorted(changed)} changed by {who}"
    # The one with the fewest is nobody's contact: still more than a dozen doors were tried.
    assert sent > 12


def not_for(forest, who, address):
    """Whether the law closes *address* to *who* (and not by the accident of a name that both providers use)."""
    if any(thing.twin for thing in address.things):
        return False
    if who in catalogue.SIGNED_OUT:
        return not catalogue.passes(who, address)  # led to the door
    return not catalogue.expected(forest, who, address) & {200, 303}


def test_bulk_touches_only_what_one_may_see(visitors, forest, live_forest):
    """A list of numbers is a door for each of them."""
    keys = [forest.trees[kind].key for kind in ("private", "shared", "behalf")]
    data = {"action": "take", "confirm": "1", "case": [*keys, "ACME-987654"]}
    tom = visitors.browser("tom")  # signing in is an event of its own
    with live_forest.inside() as world:
        before = fingerprint(world)
    answer = visit("tom", "/desk/bulk", tom.post("/desk/bulk", data=data, checked=False))
    assert answer.status < 500 and not answer.marks
    with live_forest.inside() as world:
        assert fingerprint(world) == before


def test_a_case_is_not_merged_into_one_that_its_agent_may_not_see(visitors, forest):
    """The number of the target is a door too: foreign and missing read alike."""
    said = []
    for target in (forest.trees["private"].key, "ACME-987654"):
        path = f"/desk/cases/{forest.trees['globex'].key}/merge"
        answer = visit("tom", path, visitors.browser("tom").post(path, data={"target": target}, checked=False))
        assert answer.status in (404, 422)
        said.append(answer.same(target))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "verb",
    [
        "mute",
        "note",
        "reply",
        "status",
        "assign",
        "take",
        "severity",
        "escalate",
        "edit",
        "merge",
        "move",
        "people",
        "sharing",
        "exclusions",
        "close",
        "reopen",
    ],
)
def test_an_auditor_reads_and_changes_nothing(visitors, forest, live_forest, verb):
    """Seeing is not doing: 403, and it says who may."""
    auditor = visitors.browser("aud")  # signing in is an event of its own
    with live_forest.inside() as world:
        before = fingerprint(world)
    path = f"/desk/cases/{forest.trees['shared'].key}/{verb}"
    assert auditor.post(path, data=plausible(forest, "aud"), checked=False).status_code == 403
    with live_forest.inside() as world:
        assert fingerprint(world) == before
