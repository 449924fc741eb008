"""Headers of the mails that go out keep each space, in every language."""

import random
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr

import pytest

from portal.kernel.header_folding import MAIL_POLICY

SENTENCES = (
    "Nowa odpowiedź – Ana Silva: Nie działa drukarka w Łodzi, Gdańsku i Żywcu od świtu do zmierzchu máy in không "
    'hoạt động ở tầng hai printer 打印机 坏了 Принтер не печатает 🖨 [ACME-12] "quoted" <angle> a@b'
)
WORDS = SENTENCES.split()


def texts(count: int) -> list[str]:
    chosen = random.Random(11)
    return [" ".join(chosen.choice(WORDS) for _ in range(chosen.randint(1, 30))) for _ in range(count)]


def write(policy, subject, name="Ana", address="support+acme-1.token@northwind.example"):
    message = EmailMessage(policy=policy)
    local, _at, domain = address.rpartition("@")
    message["From"] = Address(name, local, domain)
    message["Subject"] = subject
    message.set_content("Words")
    return message.as_bytes()


def read(raw: bytes, name: str) -> str:
    return str(message_from_bytes(raw, policy=default)[name])


@pytest.mark.parametrize("subject", texts(200))
def test_a_subject_arrives_as_it_was_written(subject):
    raw = write(MAIL_POLICY, subject)
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii() and max(map(len, head.split(b"\r\n"))) <= 78
    if not subject.isascii():
        assert read(raw, "Subject") == subject
        written = head.partition(b"\r\nSubject: ")[2].partition(b"\r\nContent-Type")[0].decode().replace("\r\n", "")
        assert str(make_header(decode_header(written))) == subject


@pytest.mark.parametrize("name", ["Łódź, Żywiec – support", "Zażółć gęślą jaźń " * 5, "Ana (Silva)", "サポート 東京"])
def test_a_name_arrives_as_it_was_written(name):
    raw = write(MAIL_POLICY, "x", name.strip()).partition(b"\r\nSubject")[0].decode().replace("\r\n", "")
    # Python's own reader of names puts spaces between neighbouring encoded words, against RFC 2047.
    written, address = parseaddr(raw.removeprefix("From: "))
    assert str(make_header(decode_header(written))) == name.strip()
    assert address == "support+acme-1.token@northwind.example"


def test_several_receivers_stay_several():
    message = EmailMessage(policy=MAIL_POLICY)
    message["To"] = [Address("Łukasz Żak", "l", "a.example"), Address("Jan Nowak", "jan", "a.example")]
    message.set_content("Words")
    found = message_from_bytes(message.as_bytes(), policy=default)["To"].addresses
    assert [(one.display_name, one.addr_spec) for one in found] == [
        ("Łukasz Żak", "l@a.example"),
        ("Jan Nowak", "jan@a.example"),
    ]


def test_what_is_ascii_and_what_a_server_takes_as_utf_8_is_left_to_python():
    assert write(MAIL_POLICY, "Printer broken") == write(SMTP, "Printer broken")
    as_utf_8 = MAIL_POLICY.clone(utf8=True)
    assert "Łodzi, Żywcu".encode() in write(as_utf_8, "Łodzi, Żywcu")
