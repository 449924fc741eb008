"""Mails that are files: .eml, .msg and winmail.dat are read as text, within bounds, and never stop anything."""

import random
import struct
import time
from email.message import EmailMessage

import pytest

from portal.channels.mail.engine import outlook, outlook_reader
from portal.channels.mail.engine.attached import read_attached
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.engine.parsing import parse_message
from tests.channels.mail.messages import RITA, SUPPORT, enclosing, nested, raw, with_file
from tests.channels.mail.outlook_files import message_storage, msg, winmail

RTF = rb"{\rtf1\ansi\ansicpg1250\deff0{\fonttbl{\f0 Arial;}}\f0 Za\'bf\'f3\'b3\'e6 g\u281\'eal\par Drugi wiersz}"
PDF = b"%PDF-1.7 " + bytes(range(256)) * 40


def with_winmail(content: bytes, text: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = RITA, SUPPORT, "Printer", "<a1@acme.example>"
    mail.set_content(text)
    mail.add_attachment(content, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (winmail(text="Drukarka nie działa.", files=[("faktura ł.pdf", PDF)]), "Drukarka nie działa."),
        (winmail(html="<p>Zażółć &amp; <b>gęślą</b></p>", files=[("faktura ł.pdf", PDF)]), "Zażółć & gęślą"),
        (winmail(rtf=RTF, files=[("faktura ł.pdf", PDF)]), "Zażółć gęl\nDrugi wiersz"),
    ],
    ids=["plain", "html", "rtf"],
)
def test_a_winmail_brings_its_text_and_its_files(made, words):
    found = parse_message(with_winmail(made))
    assert found.body == words
    assert [(file.name, file.content) for file in found.files] == [("faktura ł.pdf", PDF)]
    # The text that every mail program shows counts more.
    assert parse_message(with_winmail(made, "See the file.")).body == "See the file."


def test_a_mail_inside_a_winmail_is_a_mail():
    [file] = parse_message(with_winmail(winmail(text="outer", inside=winmail(text="inner words")))).files
    assert file.media_type == "message/rfc822"
    assert [one.message.body for one in read_attached(file.content)] == ["inner words"]


def test_an_eml():
    mail = raw(
        "Cc: Jan <jan@acme.example>\nDate: Mon, 03 Nov 2025 10:00:00 +0100\nSubject: =?utf-8?b?xbw=?=", "Hello\r\n> q"
    )
    [found] = read_attached(mail)
    assert found.sender_words == "Rita Requester <rita@acme.example>"
    assert found.receivers == ("support@northwind.example", "jan@acme.example")
    assert (found.message.subject, found.message.body) == ("ż", "Hello\n> q")
    assert found.sent_at is not None and found.sent_at.isoformat() == "2025-11-03T10:00:00+01:00"


@pytest.mark.parametrize("ansi", [False, True], ids=["unicode", "code page"])
def test_a_msg(ansi):
    [found] = read_attached(
        msg(text="Zażółć gęślą\r\njaźń", files=[("faktura ł.pdf", PDF), ("a.txt", b"x")], ansi=ansi)
    )
    assert found.sender_words == "Rita Łąka <rita@acme.example>"
    assert found.receivers == ("support@northwind.example", "")
    assert (found.message.subject, found.message.body) == ("Drukarka", "Zażółć gęślą\njaźń")
    assert [(file.name, file.content) for file in found.message.files] == [("faktura ł.pdf", PDF), ("a.txt", b"x")]
    assert found.sent_at is not None and found.sent_at.year == 2025


def test_the_text_of_a_msg_that_has_only_html_or_rtf():
    assert read_attached(msg(html="<p>Za&#380;<br>drugi</p>"))[0].message.body == "Zaż\ndrugi"
    assert read_attached(msg(rtf=RTF))[0].message.body == "Zażółć gęl\nDrugi wiersz"


def test_mails_inside_are_shown_to_a_depth():
    inner = message_storage("third", "3", head=24)
    middle = message_storage("second", "2", inside=inner, head=24)
    found = read_attached(msg("first", "1", inside=middle))
    assert [(one.level, one.message.subject, one.message.body) for one in found] == [
        (0, "first", "1"),
        (1, "second", "2"),
        (2, "third", "3"),
    ]
    assert len(read_attached(enclosing(20))) <= 4
    many = EmailMessage()
    many["From"], many["Subject"] = RITA, "many"
    for number in range(50):
        inside = EmailMessage()
        inside["Subject"] = str(number)
        inside.set_content("x")
        many.add_attachment(inside)
    assert len(read_attached(many.as_bytes())) == 10


HOSTILE = {
    "nothing": b"",
    "zeros": b"\0" * 5_000,
    "a program": b"MZ\x90\0" + b"\0" * 2_000,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "only the signature of a msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "only the signature of a winmail": b"\x78\x9f\x3e\x22",
    "a cut msg": msg(text="x" * 5_000)[:3_000],
    "a cut winmail": winmail(text="x" * 5_000)[:60],
    "a winmail of objects without end": b"\x78\x9f\x3e\x22\0\0" + struct.pack("<BHHI", 1, 1, 1, 0) * 2_000,
    "text": b"just words, no header",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_mail_is_none(content):
    assert len(read_attached(content)) == 0
    [file] = parse_message(with_file("winmail.dat", content or b"x", "application/ms-tnef")).files
    assert (file.name, file.content) == ("winmail.dat", content or b"x")


def test_a_msg_whose_chains_lead_back_to_their_beginning():
    cycles = msg(text="x").replace(b"\xfe\xff\xff\xff", b"\x00\x00\x00\x00")
    assert len(read_attached(cycles)) <= 1


@pytest.mark.parametrize(
    "objects",
    [
        # For each object the library copies what is left of the file.
        (struct.pack("<BHHI", 1, 1, 6, 0) + b"\0\0") * 900_000,
        # Four thousand million rows in four bytes.
        struct.pack("<BHHI", 1, 0x9004, 6, 4) + struct.pack("<I", 0xFFFFFFFF) + b"\0" * 22,
    ],
    ids=["empty objects", "rows"],
)
def test_a_file_that_keeps_the_library_busy_is_ended(objects):
    begun = time.monotonic()
    assert outlook.read_outlook(b"\x78\x9f\x3e\x22\0\0" + objects, LIMITS) is None
    assert time.monotonic() - begun < outlook.SECONDS + 2


def test_levels_without_end_are_none():
    deep = winmail(text="x")
    for _level in range(40):
        deep = winmail(text="x", inside=deep)
    found = outlook.read_outlook(deep, LIMITS)
    assert found is None or found.count(b"message/rfc822") <= outlook_reader.DEPTH


def test_only_the_first_winmails_of_a_mail_are_opened():
    mail = EmailMessage()
    mail["From"], mail["Subject"] = RITA, "many"
    for _number in range(5):
        mail.add_attachment(
            winmail(text="x", files=[("a.txt", b"a")]),
            maintype="application",
            subtype="ms-tnef",
            filename="winmail.dat",
        )
    names = [file.name for file in parse_message(mail.as_bytes()).files]
    assert names == ["a.txt"] * LIMITS.winmails + ["winmail.dat"] * (5 - LIMITS.winmails)


def test_names_of_files_inside_have_no_folders():
    [found] = read_attached(msg(text="x", files=[("../../etc/pass\u202ewd", b"x"), ("", b"y")]))
    assert [file.name for file in found.message.files] == ["passwd", "file.bin"]


@pytest.mark.parametrize("seed", range(6))
def test_bytes_at_random_do_not_raise(seed):
    """Whole files with bytes that were changed, removed and repeated; inside this process, for speed."""
    chance = random.Random(seed)
    files = [msg(text="x", rtf=RTF, files=[("a.pdf", PDF)], inside=message_storage("in", head=24))]
    files += [winmail(text="x", rtf=RTF, files=[("a.pdf", PDF)], inside=winmail(text="y")), nested(5), enclosing(2)]
    for number in range(40):
        content = bytearray(chance.choice(files))
        for _change in range(chance.randrange(1, 12)):
            place = chance.randrange(6, len(content))
            match chance.randrange(3):
                case 0:
                    content[place] = chance.randrange(256)
                case 1:
                    del content[place : place + chance.randrange(1, 20)]
                case _:
                    content[place:place] = content[: chance.randrange(1, 100)]
        if number < 6 or not outlook.is_outlook(bytes(content)):
            read_attached(bytes(content))
