"""Words with which mail programs introduce quoted text, by language. Data only; `quotes` reads it.

All patterns are matched against one line in lower case, with plain spaces, wrapped lines joined.
"""

import re

# A dated introduction begins with one of these and ends with the verb and a colon.
_DATED = {
    "en": (r"on\b", r"(?:wrote|writes|said)"),
    "pl": (
        r"(?:w dniu\b|dnia\b|(?:pon|wt|śr|czw|pt|sob|niedz|nd)\.?,? ?\d|on\b)",
        r"(?:napisał ?\(a\)|napisał[ao/\-(a-ząę)]*|pisze|wrote)",
    ),
    "vi": (r"(?:vào|ngày|lúc|on\b)", r"(?:đã viết|viết|wrote)"),
    "es": (r"(?:el\b|en\b)", r"(?:escribió|escribio|ha escrito)"),
    "de": (r"(?:am\b|an\b)", r"schrieb(?: .{1,200})?"),
    "fr": (r"le\b", r"a écrit"),
}
DATED = tuple(
    (re.compile(start), re.compile(rf"{start}.{{0,320}}?\b{verb} ?:", re.DOTALL)) for start, verb in _DATED.values()
)
# Without a date: a name with an address, and the verb.
ADDRESSED = re.compile(
    r".{0,160}<?\S{1,80}@\S{1,120}>?\)? "
    r"(?:wrote|napisał ?\(a\)|napisał[ao]?|pisze|đã viết|viết|escribió|schrieb|a écrit) ?:"
)
# Apple Mail in Polish names the writer first.
NAMED = re.compile(r"wiadomość napisana przez .{1,200} w dniu .{4,80}:")
# The line that ends an introduction, alone: what makes the lines before it worth a look.
ENDING = re.compile(
    r"(?:.*\b(?:wrote|writes|said|napisał ?\(a\)|napisał\S*|pisze|đã viết|viết|escribió|escribio|ha escrito|a écrit)"
    r"|.*\bschrieb\b.*|wiadomość napisana przez .*|.*\d.*) ?:"
)

# Labels of the header block that Outlook puts above the original, and Thunderbird above a forwarded mail.
_LABELS = {
    "from": "from od từ de von",
    "date": "sent|date|wysłano|wysłane|data|đã gửi|ngày gửi|ngày|gửi|thời gian|enviado el|enviado|enviados|fecha"
    "|gesendet|datum|envoyé|envoyé le",
    "to": "to do đến tới cho para an à",
    "cc": "cc|dw|kopia|udw|bcc|đồng gửi|kopie",
    "subject": "subject temat asunto betreff objet sujet",
}
_SUBJECT_VI = "chủ đề|tiêu đề"
_LINE = r"[*_]{{0,2}}(?:{words}) ?[*_]{{0,2}} ?:[*_]{{0,2}}(?: .*)?"


def _label(words: str) -> re.Pattern[str]:
    choices = words if "|" in words else words.replace(" ", "|")
    return re.compile(_LINE.format(words=choices))


HEADER_LABELS = {
    **{kind: _label(words) for kind, words in _LABELS.items()},
    "subject": _label(_LABELS["subject"].replace(" ", "|") + "|" + _SUBJECT_VI),
    "other": _label("importance|priority|ważność|priorytet|importancia|wichtigkeit|reply-to|organization|attachments"),
}

# Lines that stand above an original that was answered.
ORIGINAL = re.compile(
    r"[-_ ]{2,}(?:original message|original appointment|wiadomość oryginalna|oryginalna wiadomość|treść oryginalnej "
    r"wiadomości|thư gốc|tin nhắn gốc|tin nhắn ban đầu|mensaje original|ursprüngliche nachricht|originalnachricht|"
    r"message d['’]origine|message original)[-_ ]{2,}"
)
# Lines that stand above an original that was forwarded.
FORWARDED = re.compile(
    r"[-_ ]{2,}(?:forwarded message|treść przekazanej wiadomości|wiadomość przekazana dalej|przekazana wiadomość|"
    r"przekazywana wiadomość|thư được chuyển tiếp|tin nhắn đã chuyển tiếp|tin nhắn được chuyển tiếp|mensaje reenviado|"
    r"weitergeleitete nachricht|message transféré|message transmis)[-_ ]{2,}"
    r"|(?:begin forwarded message|początek przekazywanej wiadomości|początek przekazanej wiadomości|bắt đầu thư được "
    r"chuyển tiếp|bắt đầu thư đã chuyển tiếp|inicio del mensaje reenviado|anfang der weitergeleiteten (?:nachricht|"
    r"e-mail)|début du message (?:réexpédié|transféré)) ?:"
)
# A line of underscores, as Outlook draws it above a header block.
RULE = re.compile(r"_{8,}|-{20,}")
FORWARD_SUBJECT = re.compile(r"(?:fwd?|pd|tr|wg|rv|chuyển tiếp)\s*:", re.IGNORECASE)
ANSWER_SUBJECT = re.compile(r"(?:re|odp|aw|rv|trả lời|sv|antw|rif)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)

# Our own line above the text of a mail: what stands below it is ours.
MARKER_WORDS = (
    "write above this line",
    "pisz powyżej tej linii",
    "viết phía trên dòng này",
    "escriba por encima de esta línea",
    "bitte oberhalb dieser zeile schreiben",
    "écrivez au-dessus de cette ligne",
)
MARKER = re.compile(r"[-–—]{2,3} ?(?:" + "|".join(MARKER_WORDS) + r") ?[-–—]{2,3}")
