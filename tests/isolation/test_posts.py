"""Forms sent to what one may not see: the answer says that nothing is there, and nothing has changed."""

import pytest

from tests.isolation import address_catalog
from tests.isolation.address_catalog import EVERYBODY, NO_THING, SAFE
from tests.isolation.case_matrix import table_checksums
from tests.isolation.visits import difference, visit

pytestmark = pytest.mark.slow

# Routes that start from no object, or that are for everybody: other tests send them forms.
NO_OBJECT = {
    "identity.sign_in": "nobody is signed in yet",
    "identity.sign_in_password": "as above",
    "identity.sign_out": "ends one's own session",
    "identity.forgot": "for everybody, says the same to all",
    "identity.sign_up": "for everybody, says the same to all",
    "announcements.subscribe": "for everybody, says the same to all",
    "identity.end_other_sessions": "ends one's own sessions",
    "notifications.read_all": "one's own bell",
    "notifications.preferences": "one's own",
    "community.staff_new": "into a space that the form offers: tests/community/test_answers_and_staff.py",
    "community.new": "into a space that the form offers: tests/community/test_pages.py",
    "cases.new_saved_filter": "one's own list: tests/cases/test_saved_views.py",
    "registrations.own": "one's own registration: tests/registrations",
    "drafts.save": "one's own draft of a form whose object is loaded: tests/drafts",
    "cases.default_account": "one's own: tests/cases/test_default_account.py",
    "identity.profile": "one's own",
    "identity.preferences": "one's own",
    "identity.security": "one's own",
    "identity.factor": "somebody between proof and session; the step in their cookie is the key",
    "identity.set_up_app": "one's own",
    "identity.passkeys": "one's own",
    "identity.prove": "one's own session",
    "identity.ask_sign_in_link": "for everybody, says the same to all",
    "identity.sign_in_link_sent": "the request in the cookie is the key",
    "identity.sign_in_with_passkey": "nobody is signed in yet",
    "identity.remove_app": "one's own",
    "identity.recovery_codes": "one's own",
    "chat.start": "opens one's own chat: tests/chat",
    "attachments.upload": "stages a file of one's own",
    "notifications.add_device": "one's own browser: tests/notifications/test_push.py",
    "notifications.renew_device": "one's own browser: tests/notifications/test_push.py",
    "calls.extension": "one's own extension: tests/calls/test_telephone_systems.py",
    "calls.ask": "a case or an account of one's own: tests/calls",
}


def plausible(case_matrix, who):
    """Values with which every form would do something, if only it were let."""
    world = case_matrix.world
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
        "target": case_matrix.cases["shared"].key,
        "action": "take",
        "confirm": "1",
        "case": case_matrix.cases["private"].key,
        "name": "Changed",
        "email": "x@evil.example",
        "key": "EVIL",
        "kind": "test",
        "role": "agent",
        "active": "1",
        "q1": "1",
        "q2": "I was never here",
        "password": "a long new password",
        "default_visibility": "shared",
        "notify": "1",
    }


def test_every_form_without_an_object_has_a_reason(live_matrix, case_matrix):
    """A POST route takes an object, needs a permission, or stands in NO_OBJECT."""
    unknown = []
    for rule in address_catalog.routes(live_matrix.app):
        if (rule.methods or set()) - SAFE and not rule.arguments and rule.endpoint not in NO_OBJECT:
            guard = address_catalog.guard_of(live_matrix.app, rule.endpoint)
            if not guard.startswith("requires "):
                unknown.append(rule.endpoint)
    assert not unknown


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_form_sent_to_what_one_may_not_see_changes_nothing(visitors, case_matrix, live_matrix, who):
    app, browser, data = live_matrix.app, visitors.browser(who), plausible(case_matrix, who)
    with live_matrix.inside() as world:
        before = table_checksums(world)
    wrong, sent = [], 0
    for rule in address_catalog.routes(app):
        if not (rule.methods or set()) - SAFE or rule.endpoint in NO_OBJECT:
            continue
        every = address_catalog.addresses(app, case_matrix, rule)
        closed = [
            a for a in address_catalog.pick_addresses(case_matrix, who, rule, every) if not_for(case_matrix, who, a)
        ]
        nothing: dict[tuple[str, ...], str] = {}
        for address in sorted(closed, key=lambda a: NO_THING not in a.which):
            answer = visit(who, address.path, browser.post(address.path, data=dict(data), checked=False))
            sent += 1
            allowed = address_catalog.expected(case_matrix, who, address)
            if answer.status not in allowed:
                wrong.append(f"{address.endpoint} {address.which}: {answer.status}, not {sorted(allowed)}")
            elif answer.status == 404:
                bytes_ = answer.same(*address.spellings)
                # The frame shows which of one's own organizations the address lies in; the rest is the same.
                inside = tuple(
                    t.value for t in address.things if address_catalog.reaches(case_matrix, who, address.only(t))
                )
                if bytes_ != nothing.setdefault(inside, bytes_):
                    wrong.append(f"{address.endpoint} {address.which} tells a foreign one from a missing one:")
                    wrong.append(difference(nothing[inside], bytes_))
    with live_matrix.inside() as world:
        after = table_checksums(world)
    changed = {table for table in before if before[table] != after[table]}
    assert not wrong, "\n".join(wrong)
    assert not changed, f"{sorted(changed)} changed by {who}"
    # The one with the fewest is nobody's contact: still more than a dozen addresses were tried.
    assert sent > 12


def not_for(case_matrix, who, address):
    """Whether the law closes *address* to *who* (and not by the accident of a name that both providers use)."""
    if any(thing.twin for thing in address.things):
        return False
    if who in address_catalog.SIGNED_OUT:
        return not address_catalog.is_let_in(who, address)  # led to the sign-in page
    return not address_catalog.expected(case_matrix, who, address) & {200, 303}


def test_bulk_touches_only_what_one_may_see(visitors, case_matrix, live_matrix):
    """A list of numbers is checked number by number."""
    keys = [case_matrix.cases[kind].key for kind in ("private", "shared", "behalf")]
    data = {"action": "take", "confirm": "1", "case": [*keys, "ACME-987654"]}
    tom = visitors.browser("tom")  # signing in is an event of its own
    with live_matrix.inside() as world:
        before = table_checksums(world)
    answer = visit("tom", "/desk/bulk", tom.post("/desk/bulk", data=data, checked=False))
    assert answer.status < 500 and not answer.marks
    with live_matrix.inside() as world:
        assert table_checksums(world) == before


def test_a_case_is_not_merged_into_one_that_its_agent_may_not_see(visitors, case_matrix):
    """The number of the target is checked too: foreign and missing read alike."""
    said = []
    for target in (case_matrix.cases["private"].key, "ACME-987654"):
        path = f"/desk/cases/{case_matrix.cases['globex'].key}/merge"
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
        "split",
        "snooze",
        "time",
        "move",
        "people",
        "sharing",
        "exclusions",
        "close",
        "reopen",
    ],
)
def test_an_auditor_reads_and_changes_nothing(visitors, case_matrix, live_matrix, verb):
    """Seeing is not doing: 403, and it says who may."""
    auditor = visitors.browser("aud")  # signing in is an event of its own
    with live_matrix.inside() as world:
        before = table_checksums(world)
    path = f"/desk/cases/{case_matrix.cases['shared'].key}/{verb}"
    assert auditor.post(path, data=plausible(case_matrix, "aud"), checked=False).status_code == 403
    with live_matrix.inside() as world:
        assert table_checksums(world) == before
