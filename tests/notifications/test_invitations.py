"""An invitation says what the person will be here, and do."""

import pytest

from portal.admin.actions.providers import open_provider
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.actor import nobody
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.events import Event
from portal.notifications.invitations import invitation_text
from tests.notifications.test_mails import lines


@pytest.mark.parametrize(
    ("who", "title", "task"),
    [
        ("ana", "the support team of Northwind MSP", "You are an agent"),
        ("ada", "the support team of Northwind MSP", "You are an administrator"),
        ("pat", "the support team of Northwind MSP", "You do not see cases"),
        ("rita", "the support portal for Acme", "You open cases here and follow them"),
        ("olga", "the support portal for Acme", "you look after the people of Acme"),
    ],
)
def test_the_text_fits_the_place_of_the_person(world, app, who, title, task):
    event = type("Event", (), {"actor_name": "Ines"})
    with app.test_request_context():
        text = invitation_text(world.system(), event, world.row(User, world.people[who]))
    assert text.title.startswith("Ines invited you to ") and title in text.title
    assert task in text.task


def test_the_owner_reads_that_the_portal_is_theirs_to_set_up(world):
    ctx = Context(actor=nobody(), now=clock.now(), session=db.session, channel="cli")
    open_provider(ctx, name="Fresh MSP", host="fresh.localhost", email="boss@fresh.example")
    event = ctx.session.query(Event).filter_by(name="person.invited").one()
    text = invitation_text(ctx, event, ctx.session.get(User, event.subject_id))
    assert text.subject == "Fresh MSP is ready: set it up" and "first answered case" in text.task


def test_the_mail_carries_both_sentences(world, mailed):
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    mail = mailed()["invitation", "jan"]
    assert lines(mail)[0].startswith(f"{world.olga.name} invited you to Northwind MSP, the support portal for ")
    assert lines(mail)[1].startswith("You open cases") and lines(mail)[1] in mail.html
