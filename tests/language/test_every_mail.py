"""Every mail in a language made on the fly: no English is left but what people wrote."""

import datetime as dt
import re

import pytest

from portal.cases.actions import conversation, desk, resolution
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.events import record
from portal.notifications.models import OutgoingMail
from portal.notifications.rules import RULES
from portal.tenants.actions import organizations
from portal.tenants.models import Organization
from tests.language import pseudo
from tests.language.conftest import written

# The mails to staff about promises and surveys are looked at with their features.
KINDS = {rule.mail for rule in RULES if rule.mail} - {"alarm", "low_score", "call_asked"}


@pytest.fixture
def mails(world, run_outbox, travel, pseudo_language):
    """One mail of each kind."""
    case = world.open_case("cora", contact="jan", severity=1, cc=["rita@acme.example"])
    world.reply(case, "Ω?", by="jan")
    run_outbox()  # staff are mailed about emergencies
    desk.redefine_severity(world.ctx("ana"), case, severity=2, reason="Ω.")
    desk.hold(world.ctx("ana"), case, reason="Ω.", until=world.system().now + dt.timedelta(days=1))
    conversation.answer(world.ctx("ana"), case, body="Ω?")
    desk.ask(world.ctx("ana"), case, question="Ω?")
    resolution.resolve(world.ctx("ana"), case, solution="Ω.", check="Ω.")
    run_outbox()
    travel(hours=49)
    run_outbox()
    travel(hours=24)
    run_outbox()
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    identity.ask_reset(world.system(), world.rita.email)
    identity.confirm_sign_in(world.system(), world.row(User, world.rita))
    identity.correct_address(world.ctx("ada"), world.row(User, world.mel), "omega.mel@acme.example")
    acme = world.row(Organization, world.acme.organization_id)
    organizations.change_organization(world.ctx("pat"), acme, default_visibility="shared")
    ctx = world.system()
    box = add_mailbox(ctx, "support@northwind.example")
    record(ctx, "mailbox.paused", box, address=box.address, failure="password")
    ctx.provider.registration = "anyone"
    identity.ask_sign_up(ctx, name="Ω Ω", email="omega@elsewhere.example")
    run_outbox()
    return world.rows(OutgoingMail)


@pytest.mark.check(50, "0 words in every mail")
def test_no_english_is_left_in_a_mail(world, mails):
    data = pseudo.Data(set(written(world.northwind.id)) - {m.subject for m in mails} - {m.text for m in mails})
    seen = {mail.kind for mail in mails}
    assert seen >= KINDS - {"password_set"}, KINDS - seen
    left = {}
    for mail in mails:
        lines = [mail.subject, *mail.text.splitlines(), *re.sub(r"<[^>]*>", "\n", mail.html).splitlines()]
        for line in lines:
            if english := data.english_in(line):
                left[english] = mail.kind
    assert not left, left
