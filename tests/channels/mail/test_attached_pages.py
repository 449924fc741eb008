"""Emails that are files of a case, or of an email that arrived, as text on pages."""

from email.message import EmailMessage

import pytest

from portal.attachments.models import Attachment
from portal.cases.actions import conversation
from portal.channels.mail.actions.mailboxes import add_mailbox
from tests.channels.mail.outlook_files import msg, winmail
from tests.channels.mail.test_intake import SUPPORT, Post
from tests.support.received_mails import receive_mail


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


def files_of(world, case) -> dict[str, Attachment]:
    return {row.filename: row for row in world.rows(Attachment, Attachment.case_id == case.id)}


def test_mails_among_the_files_of_a_mail_are_read_on_the_case_and_in_the_log(post, world, as_user):
    mail = EmailMessage()
    for name, value in {"From": "rita@acme.example", "To": SUPPORT, "Subject": "See these"}.items():
        mail[name] = value
    mail["Authentication-Results"] = "northwind.example; dmarc=pass header.from=acme.example"
    mail.set_content("They wrote this.")
    first = EmailMessage()
    first["From"], first["Subject"] = "Boss <boss@other.example>", "The first <b>mail</b>"
    first.set_content("An invoice is <i>missing</i>.")
    mail.add_attachment(first)
    mail.add_attachment(msg(text="Words of Outlook"), maintype="application", subtype="octet-stream", filename="a.msg")
    row = post.take(mail.as_bytes(), SUPPORT)
    case = post.case_of(row)
    files = files_of(world, case)
    ana, rita, ada = as_user(world.ana), as_user(world.rita), as_user(world.ada)
    for reader, base in ((ana, "/desk/cases"), (rita, "/cases")):
        page = reader.get(f"{base}/{case.key}")
        for name, words in (
            ("The first bmail-b.eml", "An invoice is &lt;i&gt;missing&lt;/i&gt;."),
            ("a.msg", "Words of Outlook"),
        ):
            address = f"{base}/{case.key}/attached-mail/{files[name].id}"
            assert address in page.text
            assert words in reader.get(address).text
    log = ada.get(f"/admin/mail-log/{row.id}")
    for number, words in ((1, "An invoice is &lt;i&gt;missing&lt;/i&gt;."), (2, "Words of Outlook")):
        assert f"/admin/mail-log/{row.id}/attached-mail?file={number}" in log.text
        assert words in ada.get(f"/admin/mail-log/{row.id}/attached-mail?file={number}").text
    for nothing in ("3", "0", "-1", "x", "99999999999999999999"):
        assert ada.get(f"/admin/mail-log/{row.id}/attached-mail?file={nothing}").status_code in (200, 404)
    assert ada.get(f"/admin/mail-log/{row.id}/attached-mail?file=3").status_code == 404


def test_a_winmail_comes_into_the_case(post, world):
    mail = EmailMessage()
    for name, value in {"From": "rita@acme.example", "To": SUPPORT, "Subject": "From Outlook"}.items():
        mail[name] = value
    mail["Authentication-Results"] = "northwind.example; dmarc=pass header.from=acme.example"
    content = winmail(text="Drukarka nie działa.", files=[("faktura.pdf", b"%PDF-1.7 x")])
    mail.add_attachment(content, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    case = post.case_of(post.take(mail.as_bytes(), SUPPORT))
    assert case.description == "Drukarka nie działa."
    assert list(files_of(world, case)) == ["faktura.pdf"]


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"no mail", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 900])
def test_a_file_that_is_no_mail_says_so(content, world, as_user):
    staged = world.stage(by="rita", name="mail.msg", content=content or b"x")
    case = world.open_case(by="rita", staged=[staged.id])
    file = files_of(world, case)["mail.msg"]
    answer = as_user(world.rita).get(f"/cases/{case.key}/attached-mail/{file.id}")
    assert answer.status_code == 200
    assert "cannot be read as an email" in answer.text


def test_only_who_sees_the_file_reads_it(world, as_user):
    letter = b"From: boss@other.example\nSubject: Secret\n\nNobody else reads this.\n"
    staged = world.stage(by="rita", name="letter.eml", content=letter)
    case = world.open_case(by="rita", staged=[staged.id])
    note = world.stage(by="ana", name="inside.eml", content=letter)
    conversation.note(world.ctx("ana"), case, body="Between us", staged=[note.id])
    files = files_of(world, case)
    path = f"/cases/{case.key}/attached-mail/{files['letter.eml'].id}"
    of_note = f"/cases/{case.key}/attached-mail/{files['inside.eml'].id}"
    assert "Nobody else reads this." in as_user(world.rita).get(path).text
    assert as_user(world.rita).get(of_note).status_code == 404
    assert "Nobody else reads this." in as_user(world.ana).get(f"/desk{of_note}").text
    for who in (world.gil, world.mel):
        assert as_user(who).get(path).status_code == 404
    other = world.open_case(by="rita")
    assert as_user(world.rita).get(path.replace(case.key, other.key)).status_code == 404


def test_only_who_sees_the_log_reads_an_attached_mail_there(world, as_user):
    row = receive_mail(world.system(), subject="x", attached="What was written first")
    world.session.commit()
    path = f"/admin/mail-log/{row.id}/attached-mail"
    assert "What was written first" in as_user(world.ada).get(path).text
    assert as_user(world.rita).get(path).status_code in (302, 303, 403, 404)
    assert as_user(world.ana).get(path).status_code == 403
