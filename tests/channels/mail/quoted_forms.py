"""More forms of the answers of `quoted_mails`: how versions, devices and settings of the programs differ.

Each has the person's words on top, except where its name says otherwise.
"""

from collections.abc import Iterator
from html import escape

from tests.channels.mail.quoted_mails import (
    ADDRESS,
    INTROS,
    LANGUAGES,
    QUOTED,
    WORDS,
    QuotedMail,
    header_block,
    wrap,
)

ORIGINAL = {
    "en": "-----Original Message-----",
    "pl": "-----Wiadomość oryginalna-----",
    "vi": "-----Tin nhắn gốc-----",
    "es": "-----Mensaje original-----",
    "de": "-----Ursprüngliche Nachricht-----",
    "fr": "-----Message d'origine-----",
}
PHONE = {
    "en": "Sent from my iPhone",
    "pl": "Wysłane z iPhone’a",
    "vi": "Đã gửi từ iPhone của tôi",
    "es": "Enviado desde mi iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
}
NO_BREAK = "\u00a0"


def quoted_forms() -> Iterator[QuotedMail]:
    """Plain and HTML forms in six languages."""
    for language in LANGUAGES:
        for name, text in {**outlook_plain(language), **marked_plain(language)}.items():
            yield QuotedMail(f"{name}-{language}", text, "", WORDS[language], QUOTED)
        for name, body in html_forms(language).items():
            html = f"<html><body>{body}</body></html>"
            yield QuotedMail(f"{name}-{language}-html", "", html, WORDS[language], QUOTED)


def outlook_plain(language: str) -> dict[str, str]:
    """The header block below nothing, a line, or words; plain, or with its labels in bold."""
    own, quoted = "\n\n".join(WORDS[language]), "\n".join(QUOTED)
    lines = header_block(language)
    bold = [f"*{label}:*{value}" for label, _colon, value in (line.partition(":") for line in lines)]
    return {
        f"outlook-{above}-{style}": f"{own}\n\n{separator}\n{block}\n\n{quoted}\n"
        for above, separator in (("original", ORIGINAL[language]), ("rule", "_" * 32), ("nothing", ""))
        for style, block in (("plain", "\n".join(lines)), ("bold", "\n".join(bold)))
    }


def marked_plain(language: str) -> dict[str, str]:
    """The introduction wrapped elsewhere, with other spaces and blank lines, without marks, or quoted itself."""
    own, quoted, marked = "\n\n".join(WORDS[language]), "\n".join(QUOTED), "\n".join(f"> {line}" for line in QUOTED)
    found = {}
    for program in ("gmail", "apple", "thunderbird"):
        intro = INTROS[program][language]
        forms = {
            "unwrapped": f"{own}\n\n{intro}\n\n{marked}\n",
            "no-break spaces": f"{own}\n\n{intro.replace(' ', NO_BREAK)}\n\n{marked}\n",
            "wrapped at 60": f"{own}\n\n{wrap(intro, 60)}\n\n{marked}\n",
            "wrapped at 40": f"{own}\n\n{wrap(intro, 40)}\n\n{marked}\n",
            "no blank lines": f"{own}\n{intro}\n{marked}\n",
            "no marks": f"{own}\n\n{intro}\n\n{quoted}\n",
            "from a phone": f"{own}\n\n{PHONE[language]}\n\n{intro}\n\n{marked}\n",
            "an older quote in it": f"{own}\n\n{intro}\n\n{marked}\n>\n> {intro}\n>> older words\n",
            "introduction marked, answer below": f"> {intro}\n{marked}\n\n{own}\n",
        }
        found |= {f"{program}-{name}": text for name, text in forms.items()}
    return found


def html_forms(language: str) -> dict[str, str]:
    """Outlook on the web, on a phone, from Word and in a table; Gmail and Apple Mail with their real elements."""
    own = "".join(f"<div>{escape(words)}</div><div><br></div>" for words in WORDS[language])
    rows = [line.partition(":") for line in header_block(language)]
    block = "<br>".join(f"<b>{escape(label)}:</b>{escape(value)}" for label, _colon, value in rows)
    quoted = "".join(f"<p>{escape(line)}</p>" for line in QUOTED)
    word = "".join(f'<p class="MsoNormal">{escape(words)}<o:p></o:p></p>' for words in WORDS[language])
    gmail, apple, bird = (escape(INTROS[program][language]) for program in ("gmail", "apple", "thunderbird"))
    link = f'&lt;<a href="mailto:{ADDRESS}">{ADDRESS}</a>&gt;'
    rule = '<hr style="display:inline-block;width:98%" tabindex="-1">'
    attribution = '<div dir="ltr" class="gmail_attr">'
    return {
        "outlook-web": f'{own}<div id="appendonsend"></div>{rule}<div id="divRplyFwdMsg" dir="ltr"><font '
        f'face="Calibri">{block}</font><div>&nbsp;</div></div><div>{quoted}</div>',
        "outlook-phone": f'{own}<div id="ms-outlook-mobile-signature">{escape(PHONE[language])}</div>{rule}'
        f'<div id="divRplyFwdMsg"><font>{block}</font></div>{quoted}',
        "outlook-word": f'<div class="WordSection1">{word}<div><div style="border:none;border-top:solid #E1E1E1 1.0pt">'
        f'<p class="MsoNormal">{block}<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>{quoted}'
        "</div>",
        "outlook-table": f"{own}<table><tr><td>{block}</td></tr></table>{quoted}",
        "gmail-lines": f'{own}<br><div class="gmail_quote gmail_quote_container">{attribution}{gmail}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0px">{"<br>".join(map(escape, QUOTED))}</blockquote></div>',
        "gmail-linked": f'{own}<div class="gmail_quote">{attribution}'
        f'{gmail.replace(escape(f"<{ADDRESS}>"), link)}<br></div><blockquote class="gmail_quote">{quoted}</blockquote>'
        "</div>",
        "apple-phone": f'{own}<br id="lineBreakAtBeginningOfMessage"><div>{escape(PHONE[language])}</div><div><br>'
        f'<blockquote type="cite">{apple}<br><br></blockquote></div><blockquote type="cite">{quoted}</blockquote>',
        "apple-mac": f'{own}<div><br><blockquote type="cite"><div>{apple}</div><br class="Apple-interchange-newline">'
        f"<div>{quoted}</div></blockquote></div>",
        "thunderbird-below": f'<div class="moz-cite-prefix">{bird}<br></div><blockquote type="cite" cite="mid:x">'
        f"{quoted}</blockquote>{own}",
    }
