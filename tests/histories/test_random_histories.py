"""Random histories of a provider: whatever people do, every word of a customer finds a receiver.

`EFFORT=50 pytest tests/histories` plays more of them; the seed is fixed, so a run repeats the last one.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.authz.roles import ContactRole
from portal.identity.models import User
from portal.kernel import mail
from portal.kernel.database import bind, db
from portal.kernel.errors import PortalError
from portal.notifications import recipients
from portal.tenants.actions import contacts
from portal.tenants.models import Organization
from tests.histories import promises
from tests.histories.promises import Observer, describe
from tests.histories.steps import Scene, Step
from tests.support import acting, databases
from tests.support.effort import scaled
from tests.support.world import World

# What people do to cases, three times as often as what changes the people around them.
CASE_VERBS = (
    *("open_case", "open_for_somebody", "reply", "reply", "reply", "decide", "decide", "decide"),
    *("send_reply", "send_reply", "send_reply", "take", "take", "assign", "assign", "escalate", "subscribe", "note"),
    *(
        "redefine_severity",
        "change_contact",
        "merge",
        "split",
        "snooze",
        "move_account",
        "add_copy",
        "add_copy",
        "remove_copy",
    ),
    *("share", "exclude", "lift_exclusion", "choose_mails", "wait"),
)
PEOPLE_VERBS = (
    *("end_staff", "end_staff", "return_staff", "change_staff", "archive_department", "end_contact", "end_contact"),
    *("deactivate_contact", "deactivate_contact", "hand_over_left"),
    *("return_contact", "move_contact", "archive_organization", "suspend_account"),
)
VERBS = (*CASE_VERBS * 2, *PEOPLE_VERBS)
NUMBERS = st.integers(0, 29)
openings = st.builds(Step, st.sampled_from(("open_case", "open_for_somebody")), NUMBERS, NUMBERS, NUMBERS)
steps = st.builds(Step, st.sampled_from(VERBS), NUMBERS, NUMBERS, NUMBERS)
histories = st.builds(
    lambda first, then: [*first, *then], st.lists(openings, min_size=1, max_size=3), st.lists(steps, max_size=25)
)


def play(app, provider_worlds, history):
    """Play *history* in a world of its own, which is rolled back; returns how many steps the product refused."""
    refused = 0
    with databases.rolled_back(app), pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "send_mail", lambda *_args, **_rest: None)
        patch.setattr(app.config["PARLEY"], "smtp_url", "smtp://127.0.0.1:1")
        world = World(app, *provider_worlds)
        grants = [contacts.Grant(world.acme.id, None, ContactRole.MEMBER)]
        acme = world.row(Organization, world.organizations["Acme"])
        contacts.add_contact(world.ctx("ada"), acme, world.row(User, world.lee), grants=grants)
        scene = Scene(world)
        deliver(world)
        observer = Observer(scene)
        for number, step in enumerate(history):
            before = list(scene.cases)
            try:
                with world.session.begin_nested():
                    scene.play(step)
            except PortalError:
                scene.cases, scene.reached = before, []
                refused += 1
                db.session.info.pop("tenancy", None)
                bind(db.session, world.home)
                continue
            deliver(world)
            observer.look()
            problems = observer.problems()
            assert not problems, f"after step {number}, {step}: {problems}\n{describe(world)}"
    return refused


def deliver(world):
    """The worker does what is due."""
    world.session.commit()
    acting.work_due(world.app)
    world.session.expire_all()


@settings(
    max_examples=scaled(10),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(history=histories)
def test_every_word_finds_a_receiver(app, provider_worlds, history):
    play(app, provider_worlds, history)


def test_a_word_that_nobody_hears_is_noticed(app, provider_worlds, monkeypatch):
    """The property would prove nothing if it could not fail."""
    monkeypatch.setattr(recipients, "find_recipients", lambda *_args, **_rest: [])
    with pytest.raises(AssertionError, match="nobody heard it"):
        play(app, provider_worlds, [Step("open_case")])


def test_a_case_that_somebody_left_behind_is_noticed(app, provider_worlds, monkeypatch):
    """As above, for what an identity provider does."""
    monkeypatch.setattr(promises, "find_leavers", lambda *_args: [])
    with pytest.raises(AssertionError, match="not shown that somebody left"):
        play(app, provider_worlds, [Step("open_case"), Step("deactivate_contact")])
