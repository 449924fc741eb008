"""Pictures of a signature are folded out of a message's files; others are not. Nothing remote is loaded."""

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from portal.attachments.models import Attachment
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.engine.signatures import PICTURE_BYTES
from tests.channels.mail.test_intake import PASSED, SUPPORT, Post

LOGO = b"\x89PNG\r\n\x1a\n" + b"logo" * 20
SHOT = b"\x89PNG\r\n\x1a\n" + b"shot" * 200
GMAIL = '<div dir="ltr">It broke. {above}</div><div class="gmail_signature">Rita {below}</div>'
OUTLOOK = '<div>It broke. {above}</div><div id="Signature">Rita {below}</div><div id="appendonsend"></div>'
APPLE = '<body>It broke. {above}<br id="lineBreakAtBeginningOfSignature"><div id="AppleMailSignature">{below}</div>'
THUNDERBIRD = '<p>It broke. {above}</p><div class="moz-signature">-- <br>Rita {below}</div>'


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


def mail(
    html: str, *pictures: tuple[str, bytes], attached: bytes = b"", number: int = 1, sender: str = "rita"
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{sender}@acme.example", SUPPORT, "Printer"
    message["Message-ID"] = f"<{number}.{sender}@acme.example>"
    message["Authentication-Results"] = PASSED.format(domain="acme.example")
    message.set_content("It broke.")
    message.add_alternative(html, subtype="html")
    for name, content in pictures:
        message.get_payload()[1].add_related(content, "image", "png", cid=f"<{name}>", filename=f"{name}.png")
    if attached:
        message.add_attachment(attached, maintype="image", subtype="png", filename="attached.png")
    return message.as_bytes()


def shown(name: str) -> str:
    return f'<img src="cid:{name}">'


def files_of(world, row) -> dict[str, bool]:
    rows = select(Attachment).where(Attachment.case_id == row.case_id).order_by(Attachment.id)
    return {file.filename: file.folded for file in world.session.scalars(rows)}


@pytest.mark.parametrize("form", [GMAIL, OUTLOOK, APPLE, THUNDERBIRD])
def test_the_first_mail_folds_the_picture_of_its_signature_only(post, world, form):
    row = post.take(mail(form.format(above=shown("shot"), below=shown("logo")), ("shot", SHOT), ("logo", LOGO)))
    assert files_of(world, row) == {"shot.png": False, "logo.png": True}


def test_a_picture_of_earlier_mails_is_folded_wherever_it_stands(post, world):
    plain = "<p>It broke. {}</p>".format(shown("logo"))
    assert files_of(world, post.take(mail(plain, ("logo", LOGO)))) == {"logo.png": False}
    assert files_of(world, post.take(mail(plain, ("logo", LOGO), number=2))) == {"logo.png": True}
    colleague = post.take(mail(plain, ("logo", LOGO), number=3, sender="mel"))
    assert files_of(world, colleague) == {"logo.png": True}


def test_a_picture_of_another_client_says_nothing(post, world):
    plain = "<p>It broke. {}</p>".format(shown("logo"))
    theirs = mail(plain, ("logo", LOGO), sender="gil").replace(b"@acme.example", b"@globex.example")
    theirs = theirs.replace(b"header.from=acme.example", b"header.from=globex.example")
    assert post.take(theirs).fate == "case"
    assert files_of(world, post.take(mail(plain, ("logo", LOGO)))) == {"logo.png": False}


def test_what_is_attached_or_large_is_never_folded(post, world):
    form = GMAIL.format(above="", below=shown("large"))
    large = SHOT + b"x" * PICTURE_BYTES
    row = post.take(mail(form, ("large", large), attached=LOGO))
    assert files_of(world, row) == {"large.png": False, "attached.png": False}
    again = post.take(mail("<p>Again</p>", attached=LOGO, number=2))
    assert files_of(world, again) == {"attached.png": False}


def test_the_page_shows_folded_pictures_behind_a_line(post, world, as_user):
    row = post.take(mail(GMAIL.format(above=shown("shot"), below=shown("logo")), ("shot", SHOT), ("logo", LOGO)))
    key = row.facts["key"]
    for who, base in (("rita", "/cases/"), ("ana", "/desk/cases/")):
        page = as_user(who).get(f"{base}{key}")
        assert "1 picture of the signature" in page.text
        before, _line, folded = page.text.partition("1 picture of the signature")
        assert "logo.png" in folded and "logo.png" not in before and "shot.png" in before


REMOTE = (
    '<p>It broke.</p><img src="https://tracker.example/open.gif"><div style="background:url(https://tracker.example/b)">x'
    '</div><link rel="stylesheet" href="https://tracker.example/c.css"><video poster="https://tracker.example/p"></video>'
    '<picture><source srcset="https://tracker.example/s"></picture><svg><image href="https://tracker.example/v"/></svg>'
)


def test_no_page_loads_anything_from_elsewhere(post, world, as_user):
    """A mail is shown as text. Should HTML of it ever be drawn, its sanitizer and the page's policy load nothing."""
    row = post.take(mail(REMOTE))
    key = row.facts["key"]
    for who, path in (
        ("rita", f"/cases/{key}"),
        ("ana", f"/desk/cases/{key}"),
        ("ana", f"/desk/cases/{key}/mail"),
        ("ada", f"/admin/mail-log/{row.id}"),
    ):
        answer = as_user(who).get(path)
        for tag in ("img", "link", "video", "source", "image", "iframe"):
            assert not [one for one in answer.page.all(tag) if "tracker.example" in str(one.attributes)], (path, tag)
        policy = answer.headers["Content-Security-Policy"]
        assert "img-src 'self' blob:;" in policy and "default-src 'none'" in policy and "style-src 'self'" in policy, (
            path
        )
    original = as_user("ana").get(f"/desk/cases/{key}/mail/original")
    assert original.content_type.startswith("text/plain") and "tracker.example" in original.text
