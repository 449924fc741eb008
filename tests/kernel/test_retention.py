"""Retention deletes what its table says, at every provider, and nothing else."""

import datetime as dt
import secrets
from types import SimpleNamespace

import pytest

from portal.announcements.models import StatusSubscriber
from portal.attachments.models import Attachment
from portal.audit.models import StaffAccess
from portal.calls.models import IncomingCall
from portal.channels.mail.models import InboundMail
from portal.drafts.models import FormDraft
from portal.identity.models import BrowserSession
from portal.kernel import clock, jobs, retention, tokens
from portal.kernel.outbox import Delivery
from portal.kernel.security_events import SecurityEvent
from portal.kernel.storage import storage
from portal.kernel.tokens import TokenHash
from portal.knowledge.models import HelpMiss, HelpRead
from portal.notifications.models import OutgoingMail, PushDevice
from portal.rules.models import CaseRuleFiring
from tests.isolation.case_matrix import table_checksums

DAY = dt.timedelta(days=1)
# By kind of the table: its rows.
MODELS = {
    "sessions": BrowserSession,
    "links": TokenHash,
    "deliveries": Delivery,
    "staged_files": Attachment,
    # tests/drafts/test_drafts.py
    "drafts": FormDraft,
    "staff_access": StaffAccess,
    "security_events": SecurityEvent,
    "help_reads": HelpRead,
    "help_misses": HelpMiss,
    # Its rows stay; the originals go (tests/channels/mail/test_quoted_text.py).
    "mail_originals": InboundMail,
    # With the mails that asked (tests/announcements).
    "status_asks": StatusSubscriber,
    "status_news": OutgoingMail,
    "incoming_calls": IncomingCall,
    "push_devices": PushDevice,
    # tests/rules/test_log.py
    "rule_log": CaseRuleFiring,
}


def session_row(world, who, **days):
    """A sign-in of *who* that ended, or was last *seen*, so many days ago; returns its id."""
    ctx = world.system(world.provider_world_of(who))
    row = BrowserSession(
        provider_id=ctx.provider_id,
        user_id=world.person(who).id,
        token_hash=secrets.token_bytes(32),
        created_at=ctx.now - 400 * DAY,
        last_seen_at=ctx.now - days.get("seen", 0) * DAY,
        ended_at=ctx.now - days["ended"] * DAY if "ended" in days else None,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row.id


def prune(world, kind, days):
    """What the job does for one provider, in the transaction of the test; returns how many rows went."""
    return retention._kinds[kind](world.system(), clock.now() - days * DAY, 1_000)


def test_every_kind_has_its_days_and_its_rows(app):
    config = app.config["PARLEY"]
    assert set(retention._kinds) == set(config.retention_days()) == set(MODELS)
    assert all(days > 0 for days in config.retention_days().values()), "nothing grows for ever by itself"


def test_a_kind_without_days_stops_the_start():
    with pytest.raises(ValueError, match="staged_files"):
        retention.register_retention({"staged_files": lambda *_: 0}, {}, list)


@pytest.fixture(autouse=True)
def registered():
    kept = dict(retention._kinds), dict(retention._days), retention._list_providers
    yield
    retention._kinds.update(kept[0])
    retention._days.update(kept[1])
    retention._list_providers = kept[2]


def test_sessions_that_ended_or_were_not_used_go(world):
    gone = {session_row(world, "rita", ended=91), session_row(world, "rita", seen=91)}
    kept = {session_row(world, "rita", seen=89), session_row(world, "rita", ended=89)}
    others = {row.id for row in world.rows(BrowserSession)} - gone
    assert prune(world, "sessions", 90) == len(gone)
    assert {row.id for row in world.rows(BrowserSession)} == others and kept <= others


def test_links_that_are_used_or_expired_go(world, travel):
    ctx = world.system()
    used = tokens.issue_token(ctx, "invitation", world.rita.id, 90 * DAY)
    expired = tokens.issue_token(ctx, "password_reset", world.rita.id, 1 * DAY)
    open_ = tokens.issue_token(ctx, "invitation", world.mel.id, 90 * DAY)
    world.session.get(TokenHash, tokens._hash(tokens.derive_token(used))).used_at = clock.now()
    world.session.flush()
    assert prune(world, "links", 30) == 0
    travel(days=40)
    assert prune(world, "links", 30) == 2
    left = {row.id for row in world.rows(TokenHash)}
    assert open_ in left and not {used, expired} & left


def test_only_done_deliveries_go(world, run_outbox, travel):
    world.open_case("rita")
    run_outbox()
    world.open_case("rita", subject="Another one")  # its deliveries wait
    waiting = {row.id for row in world.rows(Delivery, Delivery.state == "pending")}
    dead = world.rows(Delivery, Delivery.state == "done")[0]
    dead.state = "dead"
    world.session.flush()
    travel(days=91)
    assert waiting and prune(world, "deliveries", 90) > 0
    assert {row.id for row in world.rows(Delivery)} == waiting | {dead.id}


def test_files_that_nobody_sent_go_with_their_bytes_and_sent_ones_stay(world, travel):
    staged, sent = world.stage(name="forgotten.txt"), world.stage(name="sent.txt")
    world.open_case("rita", staged=[sent.id])
    travel(days=8)
    young = world.stage(name="today.txt")
    assert prune(world, "staged_files", 7) == 1
    assert {row.filename for row in world.rows(Attachment)} >= {"sent.txt", "today.txt"}
    assert staged.id not in {row.id for row in world.rows(Attachment)} and young.id
    with pytest.raises(FileNotFoundError):
        storage().read(staged.storage_name)


def test_a_batch_is_bounded_and_other_providers_keep_theirs(world):
    stranger = next(iter(world.southgate.people))
    foreign = session_row(world, stranger, ended=100)
    for n in range(5):
        session_row(world, "rita", ended=100 + n)
    before = clock.now() - 90 * DAY
    assert [retention._kinds["sessions"](world.system(), before, 3) for _batch in range(3)] == [3, 2, 0]
    neighbor = world.system(world.southgate)
    assert neighbor.session.get(BrowserSession, foreign) is not None


def test_the_job_touches_nothing_but_its_table(live):
    """On real commits, at both providers: what is in no kind of the table is as it was, and what is young too."""
    with live.inside() as world:
        world.open_case("rita")
        world.stage(name="of today.txt")
        for who in ("rita", next(iter(world.southgate.people))):
            session_row(world, who, ended=200)
    while live.work_due():
        pass
    with live.inside() as world:
        before = table_checksums(world)
    with live.app.app_context():
        assert retention.prune() == {**dict.fromkeys(MODELS, 0), "sessions": 2}
    with live.inside() as world:
        assert table_checksums(world) == before, "but for sign-ins, which the checksums leave out"
    with live.app.app_context():
        assert sum(retention.prune().values()) == 0


def test_a_run_ends_when_its_time_is_over_and_the_next_goes_on(live, monkeypatch):
    """Each batch of sign-ins takes a second here, and a run has three."""
    with live.inside() as world:
        for n in range(5):
            session_row(world, "rita", ended=200 + n)
    real, spent = retention._kinds["sessions"], []

    def slow(*arguments):
        spent.append(1)
        return real(*arguments)

    monkeypatch.setattr(retention, "time", SimpleNamespace(monotonic=lambda: len(spent)))
    monkeypatch.setitem(retention._kinds, "sessions", slow)
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(jobs, "RUN_SECONDS", 3)
    deleted, woken = [], [retention.PRUNE_JOB]
    while woken:
        jobs.queue().empty()
        with live.app.app_context():
            deleted.append(retention.prune()["sessions"])
        woken = [job.func_name for job in jobs.queue().get_jobs()]
        assert woken in ([], [retention.PRUNE_JOB])
    assert len(deleted) > 1 and sum(deleted) == 5
