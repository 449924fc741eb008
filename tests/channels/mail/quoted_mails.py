"""Answers as the mail programs of six languages write them, made from their forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape

LANGUAGES = ("en", "pl", "vi", "es", "de", "fr")
PROGRAMS = ("gmail", "outlook", "apple", "thunderbird")
SHAPES = ("top", "bottom", "inline")

NAME, ADDRESS = "Ana Agent", "support+acme-1042.k3j9x2@northwind.example"

# What the person writes, two pieces, and what they quote.
WORDS = {
    "en": ("It still fails with error 0x80070005.", "Yes, we restarted it on Monday: no change."),
    "pl": ("Nadal nie działa, błąd 0x80070005.", "Tak, restart był w poniedziałek: bez zmian."),
    "vi": ("Vẫn bị lỗi 0x80070005.", "Có, chúng tôi đã khởi động lại hôm thứ Hai: không thay đổi."),
    "es": ("Sigue fallando con el error 0x80070005.", "Sí, lo reiniciamos el lunes: sin cambios."),
    "de": ("Es geht immer noch nicht, Fehler 0x80070005.", "Ja, wir haben am Montag neu gestartet: keine Änderung."),
    "fr": ("Toujours la même erreur 0x80070005.", "Oui, redémarré lundi : aucun changement."),
}
QUOTED = (
    "Hello Rita, did you restart the spooler?",
    "Which error does the printer show now?",
    "Ana Agent, Northwind Support, case ACME-1042",
)

INTROS = {
    "gmail": {
        "en": f"On Tue, Nov 3, 2026 at 2:05 PM {NAME} <{ADDRESS}> wrote:",
        "pl": f"wt., 3 lis 2026 o 14:05 {NAME} <{ADDRESS}> napisał(a):",
        "vi": f"Vào Th 3, 3 thg 11, 2026 vào lúc 14:05 {NAME} <{ADDRESS}> đã viết:",
        "es": f"El mar, 3 nov 2026 a las 14:05, {NAME} (<{ADDRESS}>) escribió:",
        "de": f"Am Di., 3. Nov. 2026 um 14:05 Uhr schrieb {NAME} <{ADDRESS}>:",
        "fr": f"Le mar. 3 nov. 2026 à 14:05, {NAME} <{ADDRESS}> a écrit :",
    },
    "apple": {
        "en": f"On 3 Nov 2026, at 14:05, {NAME} <{ADDRESS}> wrote:",
        "pl": f"Wiadomość napisana przez {NAME} <{ADDRESS}> w dniu 3 lis 2026, o godz. 14:05:",
        "vi": f"Vào 14:05, 3 thg 11, 2026, {NAME} <{ADDRESS}> đã viết:",
        "es": f"El 3 nov 2026, a las 14:05, {NAME} <{ADDRESS}> escribió:",
        "de": f"Am 03.11.2026 um 14:05 schrieb {NAME} <{ADDRESS}>:",
        "fr": f"Le 3 nov. 2026 à 14:05, {NAME} <{ADDRESS}> a écrit :",
    },
    "thunderbird": {
        "en": f"On 11/3/26 2:05 PM, {NAME} wrote:",
        "pl": f"W dniu 3.11.2026 o 14:05, {NAME} pisze:",
        "vi": f"Vào 03/11/2026 14:05, {NAME} đã viết:",
        "es": f"El 3/11/26 a las 14:05, {NAME} escribió:",
        "de": f"Am 03.11.26 um 14:05 schrieb {NAME}:",
        "fr": f"Le 03/11/2026 à 14:05, {NAME} a écrit :",
    },
}
HEADER_LINES = {
    "en": ("From", "Sent", "To", "Subject", "Tuesday, November 3, 2026 2:05 PM"),
    "pl": ("Od", "Wysłano", "Do", "Temat", "wtorek, 3 listopada 2026 14:05"),
    "vi": ("Từ", "Đã gửi", "Đến", "Chủ đề", "Thứ Ba, 3 tháng Mười Một 2026 2:05 CH"),
    "es": ("De", "Enviado el", "Para", "Asunto", "martes, 3 de noviembre de 2026 14:05"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Dienstag, 3. November 2026 14:05"),
    "fr": ("De", "Envoyé", "À", "Objet", "mardi 3 novembre 2026 14:05"),
}
SUBJECT = "The printer prints blank pages [ACME-1042]"


@dataclass(frozen=True)
class QuotedMail:
    """One answer: its text or HTML, what must be shown as the person's words, and what must not."""

    name: str
    plain: str
    html: str
    own: tuple[str, ...]
    quoted: tuple[str, ...]

    def message(self) -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Rita <rita@acme.example>", ADDRESS, f"Re: {SUBJECT}"
        mail["Message-ID"], mail["In-Reply-To"] = f"<{self.name}@acme.example>", "<one@northwind.example>"
        if self.html:
            mail.set_content(self.html, subtype="html", cte="base64")
        else:
            mail.set_content(self.plain, cte="base64")
        return mail.as_bytes()


def header_block(language: str) -> list[str]:
    sender, sent, to, subject, date = HEADER_LINES[language]
    colon = " :" if language == "fr" else ":"
    return [
        f"{sender}{colon} {NAME} <{ADDRESS}>",
        f"{sent}{colon} {date}",
        f"{to}{colon} Rita Requester <rita@acme.example>",
        f"{subject}{colon} {SUBJECT}",
    ]


def wrap(line: str, width: int = 76) -> str:
    """*line* broken at spaces, as programs break an introduction that is too long."""
    lines, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    return "\n".join([*lines, current])


def plain_mail(program: str, language: str, shape: str) -> str:
    first, second = WORDS[language]
    intro = "\n".join(header_block(language)) if program == "outlook" else wrap(INTROS[program][language])
    # Outlook marks nothing, unless it is told to: whoever answers inline or below has to.
    marked = program != "outlook" or shape != "top"
    quote = [f"> {line}" if marked else line for line in QUOTED]
    if shape == "top":
        return "\n".join([first, "", second, "", intro, "", *quote])
    if shape == "bottom":
        return "\n".join([intro, "", *quote, "", first, "", second])
    return "\n".join([intro, "", quote[0], "", first, "", quote[1], "", second, "", quote[2]])


def paragraphs(lines: tuple[str, ...], tag: str = "p") -> str:
    return "".join(f"<{tag}>{escape(line)}</{tag}>" for line in lines)


def html_mail(program: str, language: str, shape: str) -> str:
    first, second = (escape(text) for text in WORDS[language])
    if program == "outlook":
        rows = [line.partition(":") for line in header_block(language)]
        block = "<br>".join(f"<b>{escape(label)}:</b>{escape(value)}" for label, _colon, value in rows)
        intro = (
            '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            f'<p class="MsoNormal">{block}</p></div>'
        )
    else:
        words = escape(INTROS[program][language])
        intro = {
            "gmail": f'<div dir="ltr" class="gmail_attr">{words}<br></div>',
            "apple": f'<div><br><blockquote type="cite"><div>{words}</div><br></blockquote></div>',
            "thunderbird": f'<div class="moz-cite-prefix">{words}<br></div>',
        }[program]
    marked = program != "outlook" or shape != "top"

    def quote(*lines: str) -> str:
        inner = paragraphs(lines)
        return f'<blockquote type="cite" class="gmail_quote">{inner}</blockquote>' if marked else f"<div>{inner}</div>"

    own = (f"<div>{first}</div>", f"<div><br></div><div>{second}</div>")
    body = {
        "top": [*own, "<br>", intro, quote(*QUOTED)],
        "bottom": [intro, quote(*QUOTED), "<br>", *own],
        "inline": [intro, quote(QUOTED[0]), own[0], quote(QUOTED[1]), own[1], quote(QUOTED[2])],
    }[shape]
    return f"<html><head><style>p {{ margin: 0 }}</style></head><body>{''.join(body)}</body></html>"


def quoted_mails() -> Iterator[QuotedMail]:
    """6 languages × 4 programs × plain and HTML × 3 shapes."""
    for language in LANGUAGES:
        for program in PROGRAMS:
            for shape in SHAPES:
                own = WORDS[language]
                away = (*QUOTED, "14:05") if language != "en" else (*QUOTED, "2:05 PM")
                if (program, language) == ("outlook", "vi"):
                    away = (*QUOTED, "tháng Mười Một")
                if (program, language) == ("apple", "en"):
                    away = (*QUOTED, "3 Nov 2026")
                name = f"{program}-{language}-{shape}"
                yield QuotedMail(f"{name}-plain", plain_mail(program, language, shape), "", own, away)
                yield QuotedMail(f"{name}-html", "", html_mail(program, language, shape), own, away)
