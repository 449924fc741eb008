"""The pages of an administrator about mail, with mails in every state on them: axe finds nothing on a phone of 320 px,
in light and dark, and no page is wider than it."""

import pytest

from portal.channels.mail.actions.connections import Server, connect_mailbox
from portal.channels.mail.actions.mailboxes import add_mailbox, switch_mailbox
from portal.channels.mail.models import InboundMail, MailboxConnection
from portal.channels.mail.servers.address import parse_server_url
from portal.notifications.models import OutgoingMail
from tests.browser.test_every_screen import TAGS, axe
from tests.browser.test_narrow_screens import WIDER
from tests.channels.mail.messages import bounce, with_file
from tests.channels.mail.test_intake import PASSED, SUPPORT, Post

pytestmark = pytest.mark.browser
OUTSIDE = "a.person.with.a.very.long.address@subsidiary-of-the-partner.example"


def live_through(world):
    """Mails of every fate, one that was refused, and a mailbox that is paused. Returns the addresses of their pages."""
    ctx = world.system()
    box = add_mailbox(ctx, SUPPORT)
    connect_mailbox(ctx, box, imap=Server(*parse_server_url("imap://support:secret@127.0.0.1:1", "imap")), smtp=None)
    box.proven_at = ctx.now
    switch_mailbox(ctx, box, on=True)
    [connection] = world.rows(MailboxConnection, MailboxConnection.mailbox_id == box.id)
    connection.failures, connection.failure, connection.failure_words = 7, "password", "[AUTHENTICATIONFAILED] No"
    connection.failed_at = connection.paused_at = ctx.now
    connection.next_read_at = None
    post = Post(world)
    stranger = post.send("priya@newclient.example", Subject="A question about an offer for three offices in all")
    trusted = f"Authentication-Results: {PASSED.format(domain='acme.example')}\r\nCc: {OUTSIDE}\r\nFrom:".encode()
    opened = post.take(with_file("setup.exe", b"MZ content").replace(b"From:", trusted, 1))
    again = post.take(with_file("setup.exe", b"MZ content").replace(b"From:", trusted, 1))
    returned = post.take(bounce())
    forwarded = post.send("ana@northwind.example", "From: Nora <nora@acme.example>\nSubject: x\n\nIt is broken.")
    case = post.case_of(opened)
    post.sent(case, "rita")
    [sent] = world.rows(OutgoingMail)
    sent.state, sent.last_error, sent.subject = "dead", "refused 550 5.7.1 Not from you", "We have your case"
    mails = [f"/admin/mail-log/{row.id}" for row in (stranger, opened, again, returned, forwarded)]
    assert {row.fate for row in world.rows(InboundMail)} == {"quarantine", "case", "duplicate", "bounce"}
    return {
        "ada": [
            *("/admin/mail-log", "/admin/mail-log?fate=waiting", *mails),
            *(f"{mails[0]}/sender", f"{mails[0]}/attach", f"{mails[0]}/discard", f"{mails[-1]}/release"),
            *("/admin/mail", f"/admin/mail/{sent.id}", f"/admin/mail/{sent.id}/send-again"),
            *("/admin/mailboxes", f"/admin/mailboxes/{box.id}", f"/admin/mailboxes/{box.id}/retry"),
        ],
        "ana": [f"/desk/cases/{case.key}/proposals"],
        "rita": [f"/cases/{case.key}/proposals"],
    }


def test_pages_about_mail_with_mails_on_them(visit, live):
    with live.inside() as world:
        pages = live_through(world)
    found = {}
    for who, paths in pages.items():
        page = visit(who, width=320, height=700)
        for path in paths:
            answer = page.goto(path)
            assert answer.status == 200, path
            wrong = page.evaluate(WIDER)
            wrong += axe(page, {"type": "tag", "values": TAGS}, "light")
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            wrong += axe(page, {"type": "rule", "values": ["color-contrast"]}, "dark")
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            if wrong:
                found[path] = wrong
    assert not found
