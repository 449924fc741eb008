"""The demo's mail server: a real one, on a real port."""

import smtplib
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller

from portal.channels.mail.listener import build_controller
from portal.kernel import ids, mail
from portal.notifications import mail_sink


@pytest.fixture
def kept(tmp_path):
    """A running sink; its address and its folder."""
    controller = mail_sink.SinkController(mail_sink.SinkHandler(tmp_path), hostname="127.0.0.1", port=0)
    controller.port = free_port()
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}", tmp_path
    controller.stop()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def message(provider="northwind", identity="<1@x>", to="rita@acme.example"):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "support@northwind.localhost", to, "Hello"
    made["Message-ID"], made["X-Parley-Provider"] = identity, provider
    made.set_content("Zażółć")
    return made


def test_a_mail_is_kept_once_however_often_it_comes(kept):
    url, folder = kept
    mail.send_mail(url, message())
    mail.send_mail(url, message())
    mail.send_mail(url, message(identity="<2@x>"))
    files = sorted(p.relative_to(folder) for p in folder.rglob("*.eml"))
    assert len(files) == 2 and {str(f.parent) for f in files} == {"mail/northwind"}
    assert mail_sink.file_path(folder, "northwind", "<1@x>").is_file()


def test_a_line_of_any_length_is_kept(kept):
    url, folder = kept
    long = message()
    long.set_payload("x" * 5_000)
    mail.send_mail(url, long)
    assert b"x" * 5_000 in mail_sink.file_path(folder, "northwind", "<1@x>").read_bytes()


def test_a_mail_to_a_mailbox_is_passed_on_to_the_listener(tmp_path):
    taken = []

    def take(content, road, recipients, _provider_id):
        taken.append((road, recipients))
        return {"fate": "own"}

    listen, northwind = f"127.0.0.1:{free_port()}", ids.new_id()
    listener = build_controller(listen, take, lambda address: northwind if address.startswith("support@") else None)
    listener.start()
    sink = Controller(mail_sink.SinkHandler(tmp_path, listen), hostname="127.0.0.1", port=free_port())
    sink.start()
    url = f"smtp://127.0.0.1:{sink.port}"
    try:
        mail.send_mail(url, message())
        mail.send_mail(url, message(to="support@northwind.example", identity="<2@x>"))
        listener.stop()
        mail.send_mail(url, message(to="support@northwind.example", identity="<3@x>"))
    finally:
        sink.stop()
    assert taken == [("lmtp", ["support@northwind.example"])]
    assert len(list(tmp_path.rglob("*.eml"))) == 3


@pytest.mark.parametrize("provider", ["../../etc", "a/b", "", "Ünïcode", "x" * 80, "."])
def test_no_provider_name_leaves_the_folder(kept, provider):
    url, folder = kept
    mail.send_mail(url, message(provider=provider))
    [file] = folder.rglob("*.eml")
    assert file.parent == folder / "mail" / "unknown"


def test_a_server_that_is_not_there_is_a_mail_not_sent(tmp_path):
    with pytest.raises(mail.MailNotSent) as problem:
        mail.send_mail(f"smtp://127.0.0.1:{free_port()}", message())
    assert not isinstance(problem.value, mail.MailRefused)


def test_a_refused_recipient_is_refused_for_good(kept, monkeypatch):
    url, _folder = kept

    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPRecipientsRefused({"rita@acme.example": (550, b"no such user")})

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    with pytest.raises(mail.MailRefused, match="550 no such user"):
        mail.send_mail(url, message())


def test_an_address_that_cannot_be_read_is_not_sent_and_no_crash():
    with pytest.raises(mail.MailNotSent):
        mail.send_mail("smtp://127.0.0.1:notaport", message())
