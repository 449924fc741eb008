"""Every mail in a language made on the fly: no English is left but what people wrote."""

import re

import pytest

from portal.cases.actions import conversation, desk, resolution
from portal.identity import actions as identity
from portal.identity.models import User
from portal.notifications.mail_rules import CUSTOMER_MAILS, PERSON_MAILS
from portal.notifications.models import OutgoingMail
from tests.language import pseudo
from tests.language.conftest import written

KINDS = {*CUSTOMER_MAILS.values(), *PERSON_MAILS.values(), "opened"}


@pytest.fixture
def mails(world, run_outbox, travel, pseudo_language):
    """One mail of each kind."""
    case = world.open_case("cora", contact="jan")
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
    ctx = world.system()
    ctx.provider.registration = "anyone"
    identity.ask_sign_up(ctx, name="Ω Ω", email="omega@elsewhere.example")
    run_outbox()
    return world.rows(OutgoingMail)


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
