"""Bytes to a message: every malformed one is read as far as it goes, within limits."""

import base64
import random

import pytest

from portal.channels.mail.engine.limits import LIMITS, Limits
from portal.channels.mail.engine.message import MessageClass
from portal.channels.mail.engine.parsing import parse_message
from tests.channels.mail.messages import bounce, enclosing, feedback_report, nested, raw, with_file


def test_a_plain_mail():
    found = parse_message(
        raw("Cc: Jan <JAN@acme.example>\nIn-Reply-To: <b@x>\nReferences: <a@x> <b@x>", "Hello\r\nRita")
    )
    assert (found.sender.email, found.sender.name) == ("rita@acme.example", "Rita Requester")
    assert [one.email for one in found.cc] == ["jan@acme.example"]
    assert (found.subject, found.body, found.message_id) == ("Printer", "Hello\nRita", "a1@acme.example")
    assert list(found.references) == ["b@x", "a@x"]
    assert found.message_class == MessageClass.HUMAN
    assert found.problems == ()


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "zażółć".encode(), "zażółć"),
        ("iso-8859-2", "zażółć".encode("iso-8859-2"), "zażółć"),
        ("windows-1250", "zażółć".encode("cp1250"), "zażółć"),
        ("iso-8859-1", "zażółć".encode(), "zażółć"),  # wrong
        ("us-ascii", "zażółć".encode(), "zażółć"),  # wrong
        ("x-nothing-like-it", "zażółć".encode(), "zażółć"),  # unknown
        ("ansi", "“smart”".encode("cp1252"), "“smart”"),
        ("iso-8859-1", "“smart”".encode("cp1252"), "“smart”"),
        ("utf-16", "zażółć".encode("utf-16"), "zażółć"),
        ("gb2312", "打印机坏了".encode("gb18030"), "打印机坏了"),
        ("idna", b"plain", "plain"),
        ("unicode-escape", b"\\x41", "\\x41"),
        ("", "Đã gửi".encode(), "Đã gửi"),
    ],
)
def test_charsets(charset, content, text):
    kind = f"Content-Type: text/plain; charset={charset}" if charset else "Content-Type: text/plain"
    coded = base64.encodebytes(content)
    assert parse_message(raw(f"{kind}\nContent-Transfer-Encoding: base64", coded)).body == text


def test_bytes_that_are_no_text_in_the_charset_are_shown_and_said():
    found = parse_message(raw("Content-Type: text/plain; charset=utf-8", b"caf\xe9 is broken"))
    assert "is broken" in found.body
    assert "bad_charset" in found.problems


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\evil.exe", "evil.exe"),
        ("inv\u202efdp.exe", "invfdp.exe"),
        ("a\u200bb\u2066c.pdf", "abc.pdf"),
        ("re\x00po\x07rt.pdf", "report.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ("a" * 400 + ".pdf", "a" * 137 + ".pdf"),
        ("raport za maj — łódź.pdf", "raport za maj — łódź.pdf"),
        ('a<b>"c|d?.pdf', "abcd.pdf"),
    ],
)
def test_names_of_files(name, clean):
    if any(letter in name for letter in "\x00\x07") or not name:
        coded = base64.b64encode(name.encode()).decode()
        mail = raw(
            f'Content-Type: application/pdf\nContent-Disposition: attachment; filename="=?utf-8?b?{coded}?="', b"x"
        )
    else:
        mail = with_file(name)
    [file] = parse_message(mail).files
    assert file.name == clean


def test_parts_in_parts_within_the_limit_are_read():
    assert parse_message(nested(20)).body == "innermost"


@pytest.mark.parametrize("mail", [nested(2000), nested(120), enclosing(3000)], ids=["2000", "120", "mails in mails"])
def test_too_many_levels_leave_the_headers(mail):
    found = parse_message(mail)
    assert found.sender.email == "rita@acme.example"
    assert found.problems


def test_too_many_parts_leave_the_headers():
    body = b"".join(b"--b\r\n\r\nx\r\n" for _ in range(5000)) + b"--b--\r\n"
    found = parse_message(raw("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b", body))
    assert "too_deep" in found.problems
    assert len(found.files) <= LIMITS.attachments


def test_huge_headers_are_cut_and_the_text_is_read():
    found = parse_message(raw("X-Long: " + "a" * 2_000_000, "The text"))
    assert "huge_headers" in found.problems
    assert (found.header("x-long"), found.sender.email, found.body) == ("", "rita@acme.example", "The text")
    many = parse_message(raw("\n".join(f"X-{number}: y" for number in range(100_000)), "The text"))
    assert many.body == "The text"


def test_a_large_message_is_cut_at_its_limit():
    limits = Limits(message_bytes=10_000)
    found = parse_message(raw("", b"x" * 20_000), limits)
    assert "too_large" in found.problems
    assert len(found.body) < 10_000


def test_two_senders_are_no_sender():
    assert parse_message(raw("From: rita@acme.example\nFrom: olga@acme.example")).problems == ("two_from",)
    assert parse_message(raw("From: rita@acme.example, olga@acme.example")).sender.email == ""


def test_groups_are_opened():
    found = parse_message(raw("To: undisclosed-recipients:;\nCc: Team: jan@acme.example, olga@acme.example;"))
    assert (list(found.to), [one.email for one in found.cc]) == ([], ["jan@acme.example", "olga@acme.example"])


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<>",
        "@",
        "rita@",
        "a" * 100 + "@x.example",
        '"x" <rita@acme.example',
        "rita@acme.example\x00",
        "=?utf-8?b?!!?=",
    ],
)
def test_broken_senders_do_not_raise(value):
    parse_message(raw(f"From: {value}"))


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?b?!!!?=",
        "=?nonsense?q?x?=",
        "=?utf-8?q?za=C5=BC=C3=B3?= =?utf-8?q?=C5=82=C4=87?=",
        "x" * 100_000,
        "\udcff\udcfe",
    ],
)
def test_broken_subjects_do_not_raise(subject):
    assert len(parse_message(raw(f"Subject: {subject}")).subject) <= 500


def test_words_of_a_subject_that_are_split_inside_a_letter():
    found = parse_message(raw("Subject: =?utf-8?b?xbw=?= =?utf-8?b?w7PFgg==?="))
    assert found.subject == "żół"


CLASSES = {
    "Auto-Submitted: auto-replied": MessageClass.AUTO_REPLY,
    "Auto-Submitted: auto-generated": MessageClass.AUTO_REPLY,
    "Auto-Submitted: no": MessageClass.HUMAN,
    "X-Autoreply: yes": MessageClass.AUTO_REPLY,
    "Precedence: bulk": MessageClass.AUTO_REPLY,
    "X-Auto-Response-Suppress: All": MessageClass.AUTO_REPLY,
    "X-Auto-Response-Suppress: DR, NDR": MessageClass.HUMAN,
    "Return-Path: <>": MessageClass.AUTO_REPLY,
    "From: noreply@shop.example": MessageClass.AUTO_REPLY,
    "From: no-reply+x@shop.example": MessageClass.AUTO_REPLY,
    "From: norbert@acme.example": MessageClass.HUMAN,
    "Subject: Automatic reply: Printer": MessageClass.AUTO_REPLY,
    "Subject: Odpowiedź automatyczna: Drukarka": MessageClass.AUTO_REPLY,
    "Subject: Abwesenheitsnotiz: Drucker": MessageClass.AUTO_REPLY,
    "Subject: Re: Automatic reply: Printer": MessageClass.HUMAN,
    "Subject: Automatic doors do not open": MessageClass.HUMAN,
    "List-Id: <news.shop.example>": MessageClass.LIST,
    "List-Unsubscribe: <https://shop.example/u>": MessageClass.LIST,
    "Precedence: list": MessageClass.LIST,
    "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender": MessageClass.BOUNCE,
    "X-Failed-Recipients: jan@acme.example": MessageClass.BOUNCE,
    "": MessageClass.HUMAN,
}


@pytest.mark.parametrize(("headers", "kind"), CLASSES.items())
def test_classes(headers, kind):
    assert parse_message(raw(headers)).message_class == kind


def test_a_bounce_names_whom_and_what():
    found = parse_message(bounce())
    assert found.message_class == MessageClass.BOUNCE
    assert (found.bounced, found.bounced_ids) == (["jan@acme.example"], ["sent1@northwind.localhost"])
    assert found.bounce_is_final
    assert not parse_message(bounce("4.4.1", "delayed")).bounce_is_final


def test_a_feedback_report():
    assert parse_message(feedback_report()).message_class == MessageClass.FEEDBACK_REPORT


ALTERNATIVE = """--b\r
Content-Type: text/plain; charset=utf-8\r
\r
{plain}\r
--b\r
Content-Type: text/html; charset=utf-8\r
\r
<html><body><p style="display:none">secret preview</p><p>The printer &amp; the scanner are broken since Monday noon</p>\
<img src="https://tracker.example/x.gif"><img src="cid:logo1"></body></html>\r
--b--\r
"""


@pytest.mark.parametrize(
    ("plain", "body"),
    [
        ("The printer & the scanner are broken", "The printer & the scanner are broken"),
        ("", "The printer & the scanner are broken since Monday noon"),
        ("View HTML", "The printer & the scanner are broken since Monday noon"),
    ],
)
def test_the_better_of_two_forms_is_read(plain, body):
    headers = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b"
    found = parse_message(raw(headers, ALTERNATIVE.format(plain=plain)))
    assert found.body == body
    assert "tracker" not in found.html
    assert "cid:logo1" in found.html


def test_declarations_that_the_scanner_refuses_lose_no_word():
    found = parse_message(raw("Content-Type: text/html", "<p>before</p><![broken[ x><p>after</p>"))
    assert "before" in found.body
    assert "after" in found.body


def test_flowed_text_is_joined():
    body = "A long line that the \r\nprogram broke.\r\n> quoted and \r\n> broken\r\n-- \r\nRita\r\n"
    found = parse_message(raw("Content-Type: text/plain; format=flowed\nIn-Reply-To: <x@y>", body))
    assert found.reply == "A long line that the program broke."
    assert "> quoted and broken" in found.folded


def test_pictures_that_the_text_shows_are_inline():
    body = (
        '--b\r\nContent-Type: text/html\r\n\r\n<p>see <img src="cid:p1"></p>\r\n'
        "--b\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <p1>\r\nContent-Disposition: inline\r\n\r\nPNG\r\n"
        "--b\r\nContent-Type: image/png; name=q.png\r\nContent-Disposition: attachment\r\n\r\nPNG\r\n--b--\r\n"
    )
    found = parse_message(raw("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b", body))
    assert [(file.name, file.inline) for file in found.files] == [("p.png", True), ("q.png", False)]


def test_a_mail_inside_the_mail_is_a_file():
    found = parse_message(raw("Content-Type: message/rfc822", raw("Subject: The inner one", "inner words")))
    assert [(file.name, file.media_type) for file in found.files] == [("The inner one.eml", "message/rfc822")]
    assert "inner words" not in found.body


def test_a_broken_winmail_stays_a_file():
    [file] = parse_message(with_file("winmail.dat", b"\x78\x9f\x3e\x22broken", "application/ms-tnef")).files
    assert file.name == "winmail.dat"


@pytest.mark.parametrize("seed", range(8))
def test_bytes_at_random_do_not_raise(seed):
    """Real messages with bytes that were changed, removed and repeated."""
    chance = random.Random(seed)
    base = [raw("Cc: a@b.example"), bounce(), feedback_report(), with_file("a.pdf"), nested(5), enclosing(3)]
    for _number in range(60):
        mail = bytearray(chance.choice(base))
        for _change in range(chance.randrange(1, 30)):
            place = chance.randrange(len(mail))
            match chance.randrange(3):
                case 0:
                    mail[place] = chance.randrange(256)
                case 1:
                    del mail[place : place + chance.randrange(1, 20)]
                case _:
                    mail[place:place] = mail[: chance.randrange(1, 200)]
            mail = mail or bytearray(b"x")
        parse_message(bytes(mail))
    parse_message(bytes(chance.randrange(256) for _number in range(2_000)))


def test_nothing_is_a_message_too():
    assert parse_message(b"").body == ""
