"""Hostile and odd messages of our own making, by name. Only the parser's view is asserted here; their fates belong to
intake."""

from email.message import EmailMessage

RITA, SUPPORT = "Rita Requester <rita@acme.example>", "support@northwind.example"


def raw(headers: str, body: bytes | str = b"Hello", **more: str) -> bytes:
    """A message by hand: *headers* as written, after a From, To, Subject and Message-ID unless they are there."""
    lines = [line for line in headers.strip("\n").split("\n") if line.strip()]
    names = {line.partition(":")[0].lower() for line in lines}
    for name, value in {"From": RITA, "To": SUPPORT, "Subject": "Printer", "Message-ID": "<a1@acme.example>"}.items():
        if name.lower() not in names:
            lines.append(f"{name}: {value}")
    content = body.encode() if isinstance(body, str) else body
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content


def with_file(name: str, content: bytes = b"content", media_type: str = "application/pdf") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = RITA, SUPPORT, "Printer", "<a1@acme.example>"
    mail.set_content("See the file.")
    kind, _slash, sub = media_type.partition("/")
    mail.add_attachment(content, maintype=kind, subtype=sub, filename=name)
    return mail.as_bytes()


def nested(depth: int) -> bytes:
    """Parts in parts, *depth* deep."""
    head, tail = "", ""
    for number in range(depth):
        head += f'Content-Type: multipart/mixed; boundary="b{number}"\r\n\r\n--b{number}\r\n'
        tail = f"\r\n--b{number}--\r\n" + tail
    return raw("MIME-Version: 1.0").replace(b"\r\n\r\nHello", b"\r\n") + (
        f"{head}Content-Type: text/plain\r\n\r\ninnermost{tail}".encode()
    )


def enclosing(depth: int) -> bytes:
    """A mail in a mail in a mail."""
    inner = raw("Content-Type: text/plain", "innermost")
    for _number in range(depth):
        inner = raw("Content-Type: message/rfc822", inner)
    return inner


def bounce(detail: str = "5.1.1", action: str = "failed") -> bytes:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail was not delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.acme.example\r\n\r\n"
        f"Final-Recipient: rfc822; jan@acme.example\r\nAction: {action}\r\nStatus: {detail}\r\n"
        "Diagnostic-Code: smtp; 550 mailbox full\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        "From: support@northwind.example\r\nMessage-ID: <sent1@northwind.localhost>\r\n\r\n--b--\r\n"
    )
    return raw(
        "From: MAILER-DAEMON@mx.acme.example\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
        body,
    )


def feedback_report() -> bytes:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is spam.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "From: support@northwind.example\r\nMessage-ID: <sent1@northwind.localhost>\r\n\r\nhi\r\n--b--\r\n"
    )
    return raw(
        "From: fbl@provider.example\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
        body,
    )
