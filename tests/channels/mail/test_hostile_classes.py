"""The classes of hostile and odd mail by name, each with its messages and the fate of each.

Whatever arrives: one row in the log with one fate, nobody joins a case that is not theirs, no stranger gets a mail, no
robot is answered twice, and no address gets more than so many mails in an hour.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from portal.attachments.models import Attachment
from portal.cases.models import Case, Message
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.reply_addresses import reply_address
from portal.notifications.models import OutgoingMail
from tests.channels.mail.messages import bounce, enclosing, feedback_report, nested, raw, with_file
from tests.channels.mail.test_intake import PASSED, SUPPORT, Post

# Persian, Hindi and emoji are written with them.
JOINERS = {"\u200c", "\u200d"}
EVE, RITA, MEL, GIL = "eve@evil.example", "rita@acme.example", "mel@acme.example", "gil@globex.example"


@dataclass(frozen=True)
class Odd:
    """One message. *fates*: those that are right. *joins*: whether it may become part of the victim's case."""

    name: str
    content: bytes
    fates: tuple[str, ...]
    joins: bool = False


class Scene:
    """A desk, and a private case of Rita about which we have sent her a mail."""

    def __init__(self, world: Any) -> None:
        self.world = world
        add_mailbox(world.system(), SUPPORT)
        self.post = Post(world)
        self.case = world.open_case(by="rita", visibility="private")
        self.reference = self.post.sent(self.case, "rita")
        self.address = reply_address(world.system(), SUPPORT, self.case.key, world.rita.id)

    def mail(self, sender: str, text: str = "The printer is broken.", **headers: str) -> bytes:
        return self.post.mail(sender, text, **headers)


def confirmed(content: bytes, domain: str = "acme.example") -> bytes:
    """*content* as our own mail server passes it on."""
    return f"Authentication-Results: {PASSED.format(domain=domain)}\r\n".encode() + content


def one(headers: str, body: bytes | str = b"Hello") -> bytes:
    return confirmed(raw(f"From: {RITA}\n{headers}", body))


def malformed(_scene: Scene) -> Iterator[Odd]:
    mixed = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\nMessage-ID: <%s@x>"
    bodies = {
        "no end": b"--b\r\nContent-Type: text/plain\r\n\r\nHello",
        "no beginning": b"Hello\r\n--b--\r\n",
        "a boundary in itself": b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--",
        "bad base64": b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVs=bG8\xff\r\n--b--",
        "no such encoding": b"--b\r\nContent-Transfer-Encoding: x-zip\r\n\r\nHello\r\n--b--",
        "NULs": b"--b\r\nContent-Type: text/plain\r\n\r\nHel\x00lo\r\n--b--",
    }
    for number, (name, body) in enumerate(bodies.items()):
        yield Odd(name, one(mixed % f"m{number}", body), ("case",))
    yield Odd("no type at all", one("Content-Type: ;;;=\nMessage-ID: <m7@x>"), ("case",))
    yield Odd("no boundary", one("Content-Type: multipart/mixed\nMessage-ID: <m8@x>"), ("case",))
    yield Odd("line feeds only", one("Message-ID: <m9@x>").replace(b"\r\n", b"\n"), ("case",))
    yield Odd("nothing", b"", ("quarantine",))
    yield Odd("no header", b"\r\n\r\nHello", ("quarantine",))
    yield Odd("bytes", bytes(range(256)) * 4, ("quarantine",))


def charsets(_scene: Scene) -> Iterator[Odd]:
    names = (
        "unknown-8bit",
        "utf-7",
        "iso-2022-jp",
        "x-user-defined",
        'utf-8"',
        "utf-16",
        "cp437",
        "",
        "../../x",
        "rot13",
    )
    for number, name in enumerate(names):
        head = f"Content-Type: text/plain; charset={name}\nMessage-ID: <c{number}@x>"
        yield Odd(
            f"charset {name}", one(head, "Zażółć gęślą".encode("cp1250") + b"\x1b$B\xff\xfe" + name.encode()), ("case",)
        )
    words = "=?nonsense?q?=ff?= =?utf-8?b?////?= =?utf-8?q?=C4?="
    yield Odd("encoded words", one(f"Subject: {words}\nMessage-ID: <c99@x>"), ("case",))


def deep(_scene: Scene) -> Iterator[Odd]:
    for number, depth in enumerate((20, 90, 3_000)):
        yield Odd(f"{depth} parts deep", confirmed(nested(depth).replace(b"a1@acme", b"d%d@acme" % number)), ("case",))
    for number, depth in enumerate((5, 300)):
        made = enclosing(depth).replace(b"a1@acme", b"e%d@acme" % number)
        yield Odd(f"{depth} mails in a mail", confirmed(made), ("case",))
    many = b"--b\r\n\r\nx\r\n" * 20_000 + b"--b--"
    yield Odd("20,000 parts", one("Content-Type: multipart/mixed; boundary=b\nMessage-ID: <f1@x>", many), ("case",))


def huge_headers(_scene: Scene) -> Iterator[Odd]:
    crowd = ", ".join(f"p{number}@elsewhere.example" for number in range(20_000))
    lines = "\n".join(f"Received: from {number}.example" for number in range(8_000))
    for number, head in enumerate(
        (f"Subject: {'long ' * 200_000}", f"X-Long: {'x' * 2_000_000}", f"To: {crowd}", lines)
    ):
        made = one(f"Message-ID: <h{number}@x>\n{head}")
        yield Odd(head[:20], made, ("case", "quarantine"))


def large(scene: Scene) -> Iterator[Odd]:
    yield Odd("above 25 MB", scene.mail("rita") + b"x" * LIMITS.message_bytes, ("rejected",))
    below = LIMITS.message_bytes - 2_000
    yield Odd("below 25 MB", scene.mail("rita", Message_ID="<l1@x>") + b"line\r\n" * (below // 6), ("case",))


NAMES = {
    "traversal": "../../../etc/passwd",
    "traversal of Windows": "..\\..\\Windows\\win.ini",
    "absolute": "/etc/shadow",
    "control": "a\x07\x1b[2Jb.pdf",
    "NUL": "a\x00.pdf",
    "bidi": "invoice\u202efdp.txt",
    "zero width": "a\u200b\u200d\ufeffb.pdf",
    "hidden": ".htaccess",
    "device": "CON",
    "long": "x" * 600 + ".pdf",
    "header": "a\r\nX-Evil: yes.pdf",
    "only blanks": "   ",
}


def names(_scene: Scene) -> Iterator[Odd]:
    for number, (name, filename) in enumerate(NAMES.items()):
        made = with_file("placeholder.pdf", b"%PDF-1.4 content").replace(b"a1@acme", b"n%d@acme" % number)
        encoded = "".join(f"%{byte:02X}" for byte in filename.encode())
        made = made.replace(b'filename="placeholder.pdf"', f"filename*=utf-8''{encoded}".encode())
        yield Odd(f"name: {name}", confirmed(made), ("case",))


def two_from(_scene: Scene) -> Iterator[Odd]:
    for number, (first, second) in enumerate([(RITA, EVE), (EVE, RITA), (RITA, RITA)]):
        made = raw(f"From: {first}\nFrom: {second}\nMessage-ID: <t{number}@x>")
        yield Odd(f"{first} and {second}", confirmed(made), ("quarantine",))


def groups(_scene: Scene) -> Iterator[Odd]:
    for number, value in enumerate(
        ("Us: rita@acme.example, eve@evil.example;", "undisclosed-recipients:;", "A: ; B: ;", "x:y:z;", ":;,,<>")
    ):
        yield Odd(value, confirmed(raw(f"From: {value}\nMessage-ID: <g{number}@x>")), ("quarantine",))
    yield Odd("a crowd in To", one("To: All: a@x.example, b@x.example;\nMessage-ID: <g9@x>"), ("quarantine", "case"))


def spoofed(scene: Scene) -> Iterator[Odd]:
    results = ("", "mx.evil.example; dmarc=pass header.from=acme.example", "mx.northwind.example; dmarc=fail")
    for number, said in enumerate(results):
        for way, headers in (
            ("new", {}),
            ("answer", {"In_Reply_To": scene.reference}),
            ("address", {"To": scene.address}),
            ("key", {"Subject": f"[{scene.case.key}]"}),
        ):
            given = {"Authentication_Results": said, "Cc": EVE, "Message_ID": f"<s{number}{way}@x>", **headers}
            yield Odd(
                f"{way}, {said or 'unchecked'}",
                scene.mail("rita", f"Send it to Eve {number} {way}", **given),
                ("quarantine",),
            )


def guessed(scene: Scene) -> Iterator[Odd]:
    local, _at, domain = scene.address.partition("@")
    base = local.rpartition(".")[0]
    addresses = [f"{base}.{'a' * 20}@{domain}", f"{base}@{domain}", f"{local[:-1]}@{domain}", f"{local}x@{domain}"]
    for number, address in enumerate(addresses):
        for who in (MEL, GIL, EVE):
            made = scene.mail(who, f"Guess {number}", To=address, Message_ID=f"<k{number}{who[:3]}@x>")
            yield Odd(f"{who} to {address}", made, ("case", "quarantine"))
    for who in (MEL, GIL, EVE):
        made = scene.mail(who, "A key", Subject=f"Re: [{scene.case.key}]", Message_ID=f"<key{who[:3]}@x>")
        yield Odd(f"{who} by key", made, ("case", "quarantine"))


def answered_by_strangers(scene: Scene) -> Iterator[Odd]:
    for who in (EVE, MEL, GIL):
        for name in ("In_Reply_To", "References"):
            given = {name: scene.reference, "Message_ID": f"<w{who[:3]}{name}@x>", "Subject": "Re: Printer"}
            yield Odd(f"{who} by {name}", scene.mail(who, f"I got this. {name}", **given), ("quarantine",))


def valid_tokens(scene: Scene) -> Iterator[Odd]:
    for who in (EVE, MEL, GIL):
        made = scene.mail(who, "By her address", To=scene.address, Message_ID=f"<v{who[:3]}@x>")
        yield Odd(f"{who} by Rita's address", made, ("quarantine",))
    yield Odd("Rita by her own", scene.mail("rita", "By mine", To=scene.address), ("comment",), joins=True)


MARKED = (
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated; owner-email=x"},
    {"Precedence": "bulk"},
    {"Precedence": "auto_reply"},
    {"X_Auto_Response_Suppress": "All"},
    {"X_Autoreply": "yes"},
    {"X_Autorespond": "yes"},
    {"Return_Path": "<>"},
    {"List_Id": "<all.acme.example>"},
    {"Subject": "Automatic reply: Printer"},
    {"Subject": "Automatische Antwort: Printer"},
    {"Subject": "Réponse automatique : Printer"},
    {"Subject": "Respuesta automática: Printer"},
    {"Subject": "Automatyczna odpowiedź: Printer"},
)
ROBOT_FATES = ("auto_reply", "bounce", "quarantine")


def robots(scene: Scene) -> Iterator[Odd]:
    for number, headers in enumerate(MARKED):
        for way in ({}, {"In_Reply_To": scene.reference}):
            made = scene.mail(
                "rita", f"Away {number} {len(way)}", Message_ID=f"<r{number}{len(way)}@x>", **headers, **way
            )
            yield Odd(f"{headers} {len(way)}", made, ROBOT_FATES)
    for number in range(6):  # nothing marks it: the desk takes it for a person, and answers it once an hour at most
        made = scene.mail(
            "mel",
            f"Your request is number {number}.",
            Subject=f"[Ticket {number}] Printer",
            Message_ID=f"<u{number}@x>",
        )
        yield Odd(f"unmarked {number}", made, ("case", "comment", "quarantine"))


def facing_desks(scene: Scene) -> Iterator[Odd]:
    own = scene.mail(SUPPORT, "We received your request.", Message_ID="<o1@x>")
    yield Odd("from our own address", own, ("own",))
    marked = scene.mail("mel", "We received it.", X_Parley_Provider="northwind", Message_ID="<o2@x>")
    yield Odd("with our own header", marked, ("own",))
    other = scene.mail("mel", "We received it.", X_Parley_Provider="southgate", Auto_Submitted="auto-generated")
    yield Odd("another Parley", other, ("auto_reply",))


def bounces(_scene: Scene) -> Iterator[Odd]:
    for number, (detail, action) in enumerate(
        (("5.1.1", "failed"), ("4.4.1", "delayed"), ("5.2.2", "failed"), ("9", "?"))
    ):
        yield Odd(f"{detail} {action}", bounce(detail, action).replace(b"a1@acme", b"b%d@acme" % number), ("bounce",))
    yield Odd("a report of abuse", feedback_report(), ("feedback_report",))
    for number, (sender, subject, body) in enumerate(
        [
            ("MAILER-DAEMON@qmail.example", "failure notice", "Hi. This is the qmail-send program at qmail.example."),
            ("postmaster@outlook.example", "Undeliverable: Printer", "Delivery has failed to these recipients"),
            ("mailer-daemon@googlemail.com", "Delivery Status Notification (Failure)", "Address not found"),
            (
                "Mail Delivery System <Mailer-Daemon@exim.example>",
                "Mail delivery failed: returning",
                "This message was created",
            ),
        ]
    ):
        head = f"From: {sender}\nSubject: {subject}\nReturn-Path: <>\nMessage-ID: <p{number}@x>"
        yield Odd(f"{sender}: {subject}", raw(head, body), ("bounce", "auto_reply"))


def duplicates(scene: Scene) -> Iterator[Odd]:
    first = scene.mail("rita", "Only once", Message_ID="<dup@x>")
    yield Odd("the first", first, ("case",))
    yield Odd("again", first, ("duplicate",))
    yield Odd("by another server", b"Received: from mx2.example\r\n" + first, ("duplicate",))
    yield Odd("other words", scene.mail("rita", "Other words", Message_ID="<dup@x>"), ("case", "comment"))


def collisions(scene: Scene) -> Iterator[Odd]:
    mine = scene.mail(GIL, "Under your name", Message_ID=scene.reference)
    yield Odd("under a Message-ID of ours", mine, ("case",))
    root = f"<case.{scene.case.id.hex}@northwind.localhost>"
    yield Odd("under a root of ours", scene.mail(GIL, "Under a root", Message_ID=root), ("case",))
    yield Odd(
        "Rita still reaches her case", scene.mail("rita", "More", In_Reply_To=scene.reference), ("comment",), joins=True
    )


def reply_to_others(scene: Scene) -> Iterator[Odd]:
    for number, headers in enumerate(
        ({"Reply_To": EVE}, {"Reply_To": EVE, "Sender": EVE}, {"Return_Path": f"<{EVE}>"})
    ):
        yield Odd(
            f"{headers}", scene.mail("rita", f"Answer Eve {number}", Message_ID=f"<y{number}@x>", **headers), ("case",)
        )
    yield Odd("a stranger for Rita", scene.mail(EVE, "I am Rita", Reply_To=RITA), ("quarantine",))


def blind_copies(scene: Scene) -> Iterator[Odd]:
    yield Odd(
        "support in Bcc", scene.mail("rita", "Blind", To="boss@elsewhere.example", Message_ID="<bcc1@x>"), ("case",)
    )
    for who in (EVE, GIL):
        given = {"In_Reply_To": "<bcc1@x>", "Message_ID": f"<bcc{who[:3]}@x>"}
        yield Odd(f"{who} answers all", scene.mail(who, "To all", **given), ("quarantine",))
    yield Odd("of the notification", scene.mail(EVE, "Was in Bcc", In_Reply_To=scene.reference), ("quarantine",))


CLASSES: dict[str, Callable[[Scene], Iterator[Odd]]] = {
    "malformed MIME": malformed,
    "charsets": charsets,
    "deep multiparts": deep,
    "huge headers": huge_headers,
    "25 MB": large,
    "names with traversal, control, bidi and zero-width characters": names,
    "two From headers": two_from,
    "group syntax": groups,
    "spoofed From with the attacker in CC": spoofed,
    "guessed keys and tokens": guessed,
    "forwarded notifications answered by a stranger": answered_by_strangers,
    "a valid token from another sender": valid_tokens,
    "marked and unmarked robots": robots,
    "two desks facing each other": facing_desks,
    "bounces in several formats": bounces,
    "duplicates": duplicates,
    "Message-ID collisions": collisions,
    "Reply-To that is not the sender": reply_to_others,
    "a blind copy answering": blind_copies,
}


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_ends_as_it_should(world, run_outbox, name):
    scene = Scene(world)
    run_outbox()
    wrong, joined = [], 0
    for odd in CLASSES[name](scene):
        recipient = () if b"boss@elsewhere" not in odd.content else (SUPPORT,)
        before = len(world.rows(InboundMail))
        row = scene.post.take(odd.content, *(recipient or (SUPPORT,)))
        if row.fate not in odd.fates or len(world.rows(InboundMail)) != before + 1:
            wrong.append((odd.name, row.fate, row.reason))
        if row.case_id == scene.case.id and row.fate == "comment":
            joined += 1
            if not odd.joins:
                wrong.append((odd.name, "joined"))
    run_outbox()
    assert not wrong
    assert len(world.rows(Message, Message.case_id == scene.case.id)) == joined
    sent = world.rows(OutgoingMail, OutgoingMail.state.in_(["sent", "queued"]))
    assert {mail.recipient for mail in sent} <= {RITA, MEL, GIL}
    if name == "Reply-To that is not the sender":
        assert {mail.recipient for mail in sent} == {RITA}
    for file in world.rows(Attachment):
        assert file.filename.strip() and not set(file.filename) & set("/\\")
        unseen = {letter for letter in file.filename if unicodedata.category(letter) in ("Cc", "Cf", "Cs")}
        assert unseen <= JOINERS
    for case in world.rows(Case):
        assert case.subject.strip() and case.subject.isprintable()


@pytest.mark.parametrize("headers", MARKED, ids=str)
def test_no_marked_robot_is_answered_at_all(world, run_outbox, headers):
    scene = Scene(world)
    run_outbox()
    before = len(world.rows(OutgoingMail))
    for number in range(3):
        scene.post.send("rita", f"Away {number}", Message_ID=f"<z{number}@x>", In_Reply_To=scene.reference, **headers)
        scene.post.send("rita", f"Away, new {number}", Message_ID=f"<n{number}@x>", **headers)
    run_outbox()
    assert len(world.rows(OutgoingMail)) == before


def test_a_robot_that_nothing_marks_gets_so_many_mails_an_hour_and_no_more(world, run_outbox, monkeypatch):
    """It answers each mail of ours by a new mail, under a new subject and number."""
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "")
    monkeypatch.setattr(world.app.config["PARLEY"], "mail_to_address_per_hour", 5)
    sent: list[str] = []
    monkeypatch.setattr("portal.kernel.mail.send_mail", lambda _url, message: sent.append(str(message["To"])))
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "smtp://127.0.0.1:9")
    scene = Scene(world)
    for number in range(12):
        made = scene.mail(
            "mel",
            f"We got your mail, it is number {number}.",
            Subject=f"[#{number}] Yours",
            Message_ID=f"<q{number}@x>",
        )
        scene.post.take(made, SUPPORT)
        run_outbox()
    to_robot = [to for to in sent if MEL in to]
    assert 1 <= len(to_robot) <= 5
